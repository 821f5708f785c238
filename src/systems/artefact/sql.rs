//! A database as SQL: what `pg_dump` writes last must be there.

use std::io::Read;

use memchr::memmem;

use super::{Look, many, unpacking};
use crate::systems::postgres::rows::{RowCounter, compare};
use crate::text::Size;
use crate::vault::Account;

/// What stands at the end of a dump of a whole server.
const END_OF_SERVER: &[u8] = b"-- PostgreSQL database cluster dump complete";
/// So far from the end at most.
const TAIL: usize = 4096;

pub(super) fn look_through(mut file: impl Read, expected: Option<&Account>) -> Look {
    let (mut buffer, mut tail, mut bytes, mut rows) = (vec![0; 256 * 1024], Vec::new(), 0, RowCounter::default());
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                bytes += count as u64;
                rows.add(&buffer[..count]);
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
    if memmem::find(&tail, END_OF_SERVER).is_some() {
        return Look::whole(format!("{} of SQL, complete", Size(bytes).approx()));
    }
    match rows.end() {
        Ok(rows) => match expected.map_or(Ok(()), |account| compare(&rows, &account.counts)) {
            Ok(()) => {
                let all: u64 = rows.values().sum();
                Look::whole(format!("SQL of {} with {}", many(rows.len() as u64, "table"), many(all, "row")))
            }
            Err(why) => Look::flawed(why),
        },
        Err(why) => Look::flawed(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_complete_one_is_whole() {
        let whole = format!("{}\n--\n-- PostgreSQL database dump complete\n--\n\n", "SELECT 1;\n".repeat(100_000));
        assert!(matches!(look_through(whole.as_bytes(), None), Look::Whole(_)));
        assert!(matches!(look_through(&whole.as_bytes()[..whole.len() - 20], None), Look::Flawed(_)));
        assert!(matches!(look_through(b"".as_slice(), None), Look::Flawed(_)));
    }
}
