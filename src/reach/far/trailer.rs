//! Takes the wrapper's last line out of a command's error output.

use super::find;

/// Passes error output on and keeps back the line that tells the exit code.
pub(in crate::reach) struct Trailer {
    wanted: Vec<u8>,
    held: Vec<u8>,
}

impl Trailer {
    pub(super) fn new(mark: &str) -> Trailer {
        Trailer { wanted: format!("\n{mark} ").into_bytes(), held: Vec::new() }
    }

    /// Takes the next piece, appends to `out` what is the command's, and returns the code once it is told.
    pub(in crate::reach) fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Option<i32> {
        self.held.extend_from_slice(piece);
        let Some(at) = find(&self.held, &self.wanted) else {
            let keep = self.possible_start();
            out.extend(self.held.drain(..keep));
            return None;
        };
        let line = at + self.wanted.len();
        let length = self.held[line..].iter().position(|b| *b == b'\n')?;
        let code = std::str::from_utf8(&self.held[line..line + length]).ok()?.trim().parse().ok()?;
        out.extend_from_slice(&self.held[..at]);
        self.held.drain(..=line + length);
        Some(code)
    }

    /// Appends what was held back: the output ended, or something else writes after the last line.
    pub(in crate::reach) fn finish(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.held);
    }

    /// From where on the held bytes could be the beginning of the last line.
    fn possible_start(&self) -> usize {
        let first = self.held.len().saturating_sub(self.wanted.len() - 1);
        (first..self.held.len()).find(|at| self.wanted.starts_with(&self.held[*at..])).unwrap_or(self.held.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_code_is_found_however_it_is_cut(
            said in "[a-z\n]{0,40}", code in 0..256_i32, cut in 0_usize..80, more in "[a-z\n]{0,9}",
        ) {
            let text = format!("{said}\nlifeboat:mark {code}\n{more}");
            let (first, second) = text.as_bytes().split_at(cut.min(text.len()));
            let mut trailer = Trailer::new("lifeboat:mark");
            let mut out = Vec::new();
            let found = [trailer.push(first, &mut out), trailer.push(second, &mut out)];
            trailer.finish(&mut out);
            prop_assert_eq!(found.into_iter().flatten().collect::<Vec<_>>(), vec![code]);
            prop_assert_eq!(String::from_utf8(out).unwrap(), format!("{said}{more}"));
        }

        #[test]
        fn without_it_everything_is_passed_on(pieces in proptest::collection::vec("[\nlifeboat:mrk 0-9]{0,20}", 0..9)) {
            let mut trailer = Trailer::new("lifeboat:MARK");
            let mut out = Vec::new();
            for piece in &pieces {
                prop_assert_eq!(trailer.push(piece.as_bytes(), &mut out), None);
            }
            trailer.finish(&mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), pieces.concat());
        }
    }
}
