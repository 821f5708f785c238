//! Having the present WAL segment finished, and seeing that it got into the archive: a proof from end to end, where a
//! setting read back would prove nothing.

use std::time::Duration;

use super::answers::{Answers, Row};
use super::login::Address;
use super::session::Session;
use super::trouble;
use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::trouble::{ContactError, refusal};
use crate::text::{Shape, Span, untrusted};

/// How often it is looked whether the segment has arrived.
const LOOK_EVERY: Duration = Duration::from_millis(250);

const STANDING: &str = "SELECT pg_is_in_recovery() AS standby, current_setting('archive_mode') AS mode";
const ARCHIVER: &str = "SELECT last_archived_wal AS archived, failed_count AS failed, last_failed_wal AS failing \
                        FROM pg_stat_archiver";

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Switched {
    /// The segment is finished, and in the archive where there is one.
    Done {
        /// The segment.
        segment: String,
        /// Whether it was seen to arrive in an archive.
        archived: bool,
    },
    /// It is not, for this reason.
    Not(String),
}

/// Finishes the segment, and waits until the archive has it.
pub async fn switch_wal(
    component: &Component,
    with: &Contact<'_>,
    patience: Duration,
) -> Result<Switched, ContactError> {
    let session = Address::of(component)?.open(component, with).await;
    let session = session.map_err(|failure| failure.into_error(component))?;
    let standing = ask(&session, component, STANDING).await?;
    let standing = first(&standing, component)?;
    if standing.flag("standby") == Some(true) {
        return Ok(Switched::Not("it is a standby, and only a primary writes WAL".to_owned()));
    }
    let archives = matches!(standing.word("mode"), "on" | "always");
    let before = ask(&session, component, ARCHIVER).await?.first().and_then(|row| row.count("failed"));
    let switched = ask(&session, component, "SELECT pg_switch_wal()::text AS lsn").await?;
    // The end of the segment, which may count as the beginning of the next one.
    let Some(lsn) = first(&switched, component)?.text("lsn").and_then(one_less) else {
        return Err(ContactError::strange(component, "pg_switch_wal answers with no place in the log"));
    };
    let named = ask(&session, component, &format!("SELECT pg_walfile_name('{lsn}') AS segment")).await?;
    let segment = untrusted(first(&named, component)?.word("segment"), Shape::line(40));
    if !archives {
        return Ok(Switched::Done { segment, archived: false });
    }
    let wait = async {
        loop {
            let archiver = ask(&session, component, ARCHIVER).await?;
            let row = first(&archiver, component)?;
            if row.text("archived").is_some_and(|archived| has_come(archived, &segment)) {
                return Ok(Switched::Done { segment: segment.clone(), archived: true });
            }
            if row.count("failed") > before && row.word("failing") <= segment.as_str() {
                let failing = untrusted(row.word("failing"), Shape::line(40));
                return Ok(Switched::Not(format!("the archive does not take {failing}: archive_command fails")));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::select! {
        () = with.stop.cancelled() => Ok(Switched::Not(format!("the waiting for {segment} was called off"))),
        waited = tokio::time::timeout(patience, wait) => waited.unwrap_or_else(|_| {
            Ok(Switched::Not(format!("{segment} is finished, and not in the archive after {}", Span::from(patience))))
        }),
    }
}

async fn ask(session: &Session, component: &Component, question: &str) -> Result<Answers, ContactError> {
    session.ask(question).await.map_err(|error| trouble::contact(component, &error, session))
}

fn first<'a>(answers: &'a Answers, component: &Component) -> Result<&'a Row, ContactError> {
    answers.first().ok_or_else(|| refusal(component, "it says nothing about its log"))
}

/// Whether the archive, with this segment as its newest, has that one: on the same timeline, or by a later one.
fn has_come(archived: &str, segment: &str) -> bool {
    let is_segment = |name: &str| name.len() == 24 && name.bytes().all(|c| c.is_ascii_hexdigit());
    let archived = archived.get(..24).unwrap_or(archived);
    is_segment(archived) && is_segment(segment) && archived >= segment
}

/// The byte before a place in the log: `0/3000000` is the beginning of a segment, `0/2FFFFFF` the end of the one before.
fn one_less(lsn: &str) -> Option<String> {
    let (high, low) = lsn.split_once('/')?;
    let place = u64::from(u32::from_str_radix(high, 16).ok()?) << 32 | u64::from(u32::from_str_radix(low, 16).ok()?);
    let place = place.checked_sub(1)?;
    Some(format!("{:X}/{:X}", place >> 32, place & 0xFFFF_FFFF))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_segment_belongs_to_it() {
        assert_eq!(one_less("0/3000000").as_deref(), Some("0/2FFFFFF"));
        assert_eq!(one_less("1/0").as_deref(), Some("0/FFFFFFFF"));
        assert_eq!((one_less("0/0"), one_less("x"), one_less("0/-1")), (None, None, None));
    }

    #[test]
    fn a_segment_has_come_when_it_or_a_later_one_was_archived() {
        let segment = "000000010000000000000003";
        assert!(has_come(segment, segment) && has_come("000000010000000000000004", segment));
        assert!(has_come("000000010000000000000003.partial", segment));
        assert!(!has_come("000000010000000000000002", segment) && !has_come("00000002.history", segment));
    }
}
