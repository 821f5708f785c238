//! Text as Redis compresses it.

/// Whether `packed` unpacks to so many bytes: each reference goes back to what is there, and nothing is left over.
pub fn unpacks(packed: &[u8], wanted: u64) -> bool {
    let (mut rest, mut unpacked) = (packed, 0_u64);
    while let [control, after @ ..] = rest {
        let control = usize::from(*control);
        if control < 32 {
            let Some(after) = after.get(control + 1..) else { return false };
            unpacked += control as u64 + 1;
            rest = after;
            continue;
        }
        let (length, after) = match (control >> 5, after) {
            (7, [more, after @ ..]) => (7 + u64::from(*more), after),
            (7, []) => return false,
            (length, after) => (length as u64, after),
        };
        let [low, after @ ..] = after else { return false };
        let back = (((control & 0x1F) << 8) | usize::from(*low)) as u64 + 1;
        if back > unpacked {
            return false;
        }
        unpacked += length + 2;
        rest = after;
    }
    unpacked == wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_whole_unpacks() {
        assert!(unpacks(b"\x02abc", 3), "as it is");
        assert!(unpacks(b"\x00a\xe0\x01\x00", 11), "an a, and ten times the same");
        assert!(unpacks(b"", 0));
        for (packed, wanted) in [
            (b"\x02ab".as_slice(), 3),
            (b"\x02abc", 4),
            (b"\x20\x00", 3),
            (b"\x00a\x20\x01", 4),
            (b"\xe0", 9),
            (b"\x00a\x20", 4),
        ] {
            assert!(!unpacks(packed, wanted), "{packed:?}");
        }
    }
}
