//! Quotes arguments for a shell: to show a command that can be copied, and for what ssh hands to the
//! login shell at the far end.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// One argument as a word of a POSIX shell. Plain words stay as they are.
pub fn quote(argument: impl AsRef<OsStr>) -> Vec<u8> {
    let bytes = argument.as_ref().as_bytes();
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"-_./:@,+%".contains(b);
    if !bytes.is_empty() && bytes.iter().all(plain) {
        return bytes.to_vec();
    }
    let mut quoted = vec![b'\''];
    for &byte in bytes {
        if byte == b'\'' {
            quoted.extend_from_slice(b"'\\''");
        } else {
            quoted.push(byte);
        }
    }
    quoted.push(b'\'');
    quoted
}

/// A whole command line, one space between the words.
pub fn quote_all<A: AsRef<OsStr>>(argv: impl IntoIterator<Item = A>) -> Vec<u8> {
    argv.into_iter().map(quote).collect::<Vec<_>>().join(&b' ')
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_words_stay_readable() {
        assert_eq!(quote_all(["pg_dump", "-Fc", "a b", ""]), b"pg_dump -Fc 'a b' ''");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn a_real_shell_reads_back_the_same_bytes(
            words in proptest::collection::vec(proptest::collection::vec(1_u8..=255, 0..30), 1..6),
        ) {
            let words: Vec<OsString> = words.into_iter().map(OsString::from_vec).collect();
            let mut line = b"/usr/bin/printf '%s\\0' ".to_vec();
            line.extend(quote_all(&words));
            let output = Command::new("sh").arg("-c").arg(OsString::from_vec(line)).output().unwrap();
            let read: Vec<&[u8]> = output.stdout.strip_suffix(b"\0").unwrap().split(|b| *b == 0).collect();
            prop_assert_eq!(read, words.iter().map(|word| word.as_bytes()).collect::<Vec<_>>());
        }
    }
}
