//! A database as SQL: what `pg_dump` writes last must be there.

use std::io::Read;

use memchr::memmem;

use super::{Look, unpacking};
use crate::text::Size;

/// What stands at the end of a dump, and of one of a whole server.
const ENDS: [&[u8]; 2] = [b"-- PostgreSQL database dump complete", b"-- PostgreSQL database cluster dump complete"];
/// So far from the end at most.
const TAIL: usize = 4096;

pub(super) fn look_through(mut file: impl Read) -> Look {
    let (mut buffer, mut tail, mut bytes) = (vec![0; 256 * 1024], Vec::new(), 0_u64);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                bytes += count as u64;
                tail.extend_from_slice(&buffer[..count]);
                tail.drain(..tail.len().saturating_sub(TAIL));
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Look::flawed(unpacking(&error)),
        }
    }
    if bytes == 0 {
        return Look::flawed("it is empty");
    }
    if ENDS.iter().any(|end| memmem::find(&tail, end).is_some()) {
        Look::whole(format!("{} of SQL, complete", Size(bytes).approx()))
    } else {
        Look::flawed("the line is missing that ends a complete dump")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_complete_one_is_whole() {
        let whole = format!("{}\n--\n-- PostgreSQL database dump complete\n--\n\n", "SELECT 1;\n".repeat(100_000));
        assert!(matches!(look_through(whole.as_bytes()), Look::Whole(_)));
        assert!(matches!(look_through(&whole.as_bytes()[..whole.len() - 20]), Look::Flawed(_)));
        assert!(matches!(look_through(b"".as_slice()), Look::Flawed(_)));
    }
}
