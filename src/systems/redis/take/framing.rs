//! Where a snapshot ends on the wire: after so many bytes, or at a mark that the server has made up.

use bytes::{Bytes, BytesMut};

/// How long a mark is.
const MARK: usize = 40;

/// How the end is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framing {
    /// So many bytes are still to come.
    Counted(u64),
    /// The last bytes are these; what may be a part of them is held back.
    Marked {
        /// The mark.
        mark: Vec<u8>,
        /// What may be a part of it.
        held: BytesMut,
    },
}

/// What became of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// This belongs to the snapshot; more is to come.
    More(Bytes),
    /// This was the last of it.
    Last(Bytes),
}

impl Framing {
    /// What stands before a snapshot: `$89`, `$EOF:` and forty letters.
    pub fn of(line: &str) -> Option<Framing> {
        let rest = line.strip_prefix('$')?;
        match rest.strip_prefix("EOF:") {
            Some(mark) if mark.len() == MARK => {
                Some(Framing::Marked { mark: mark.as_bytes().to_vec(), held: BytesMut::new() })
            }
            Some(_) => None,
            None => rest.parse().ok().map(Framing::Counted),
        }
    }

    /// Takes a piece from the wire.
    pub fn take(&mut self, mut piece: Bytes) -> Step {
        match self {
            Framing::Counted(left) => {
                // What follows are changes since then, which nobody asked for.
                piece.truncate(usize::try_from(*left).unwrap_or(usize::MAX).min(piece.len()));
                *left -= piece.len() as u64;
                if *left == 0 { Step::Last(piece) } else { Step::More(piece) }
            }
            Framing::Marked { mark, held } => {
                held.extend_from_slice(&piece);
                if held.ends_with(mark) {
                    held.truncate(held.len() - MARK);
                    return Step::Last(held.split().freeze());
                }
                let sure = held.len().saturating_sub(MARK);
                Step::More(held.split_to(sure).freeze())
            }
        }
    }

    /// Whether nothing is to come at all.
    pub fn is_empty(&self) -> bool {
        *self == Framing::Counted(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn through(mut framing: Framing, wire: &[u8], size: usize) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        for piece in wire.chunks(size.max(1)) {
            match framing.take(Bytes::copy_from_slice(piece)) {
                Step::More(bytes) => all.extend(bytes),
                Step::Last(bytes) => {
                    all.extend(bytes);
                    return Some(all);
                }
            }
        }
        None
    }

    #[test]
    fn only_what_a_server_says_is_a_beginning() {
        assert_eq!(Framing::of("$89"), Some(Framing::Counted(89)));
        assert!(matches!(Framing::of(&format!("$EOF:{}", "a".repeat(40))), Some(Framing::Marked { .. })));
        for not in ["", "$", "$-1", "$EOF:short", "+OK", "89"] {
            assert_eq!(Framing::of(not), None, "{not}");
        }
    }

    proptest! {
        #[test]
        fn every_snapshot_comes_out_as_it_went_in(snapshot in proptest::collection::vec(any::<u8>(), 1..300), size in 1_usize..100) {
            let mark = "0123456789abcdef0123456789abcdef01234567";
            let counted = Framing::of(&format!("${}", snapshot.len())).unwrap();
            let more = [&snapshot[..], b"*1\r\n$4\r\nPING\r\n"].concat();
            prop_assert_eq!(through(counted.clone(), &more, size), Some(snapshot.clone()));
            prop_assert_eq!(through(counted, &snapshot[..snapshot.len() - 1], size), None);
            let marked = Framing::of(&format!("$EOF:{mark}")).unwrap();
            let wire = [&snapshot[..], mark.as_bytes()].concat();
            prop_assert_eq!(through(marked.clone(), &wire, size), Some(snapshot));
            prop_assert_eq!(through(marked, &wire[..wire.len() - 1], size), None);
        }
    }
}
