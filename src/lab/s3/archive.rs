//! Archive classes: frozen until somebody asks for a thaw and has waited for it.

use chrono::{DateTime, TimeDelta, Utc};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::record::Content;
use crate::text::Span;

/// A thaw that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Thaw {
    /// From when on the bytes can be read.
    pub(super) ready: DateTime<Utc>,
    /// When they are frozen again.
    pub(super) until: DateTime<Utc>,
}

/// What an object of an archive class is at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Of a class that can always be read.
    Never,
    /// Frozen, and nobody asked.
    Frozen,
    /// Asked for, not ready.
    Thawing,
    /// Readable until then.
    Thawed(DateTime<Utc>),
}

/// Whether that class has to be thawed before it is read.
pub(super) fn is_archive(class: &str) -> bool {
    matches!(class, "GLACIER" | "DEEP_ARCHIVE")
}

/// What `content` is at the moment `now`.
pub(super) fn state(content: &Content, now: DateTime<Utc>) -> State {
    if !is_archive(content.traits.class()) {
        return State::Never;
    }
    match content.thaw {
        Some(thaw) if now < thaw.ready => State::Thawing,
        Some(thaw) if now < thaw.until => State::Thawed(thaw.until),
        _ => State::Frozen,
    }
}

/// Refuses to read what is frozen.
pub(super) fn readable(content: &Content, now: DateTime<Utc>) -> S3Result<()> {
    match state(content, now) {
        State::Never | State::Thawed(_) => Ok(()),
        State::Frozen | State::Thawing => {
            Err(s3_error!(InvalidObjectState, "The operation is not valid for the object's storage class"))
        }
    }
}

/// The thaw that a request for `days` leads to, and whether it only prolongs one that is done.
pub(super) fn ask(content: &Content, days: i32, delay: Span, now: DateTime<Utc>) -> S3Result<(Thaw, bool)> {
    if !(1..=36_500).contains(&days) {
        return Err(s3_error!(InvalidArgument, "Days must be between 1 and 36500."));
    }
    let stays = TimeDelta::days(i64::from(days));
    match state(content, now) {
        State::Never => Err(s3_error!(InvalidObjectState, "Restore is not allowed for the object's storage class")),
        State::Thawing => Err(s3_error!(RestoreAlreadyInProgress, "Object restore is already in progress")),
        State::Thawed(_) => Ok((Thaw { ready: now, until: now + stays }, true)),
        State::Frozen => {
            let ready = delay.after(now).unwrap_or(DateTime::<Utc>::MAX_UTC);
            let until = ready.checked_add_signed(stays).unwrap_or(DateTime::<Utc>::MAX_UTC);
            Ok((Thaw { ready, until }, false))
        }
    }
}

/// The header `x-amz-restore`, where there is something to say.
pub(super) fn header(content: &Content, now: DateTime<Utc>) -> Option<String> {
    match state(content, now) {
        State::Never | State::Frozen => None,
        State::Thawing => Some("ongoing-request=\"true\"".to_owned()),
        State::Thawed(until) => {
            Some(format!("ongoing-request=\"false\", expiry-date=\"{}\"", until.format("%a, %d %b %Y %H:%M:%S GMT")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::s3::record::Traits;

    fn frozen(class: &str) -> Content {
        Content {
            size: 0,
            etag: String::new(),
            pieces: Vec::new(),
            upload: None,
            sum: None,
            traits: Traits { class: Some(class.to_owned()), ..Traits::default() },
            thaw: None,
            replication: None,
        }
    }

    #[test]
    fn an_archived_object_is_read_only_between_thaw_and_expiry() {
        let start: DateTime<Utc> = "2024-11-18T03:00:00Z".parse().unwrap();
        let mut object = frozen("DEEP_ARCHIVE");
        assert!(readable(&object, start).is_err());
        let (thaw, prolonged) = ask(&object, 2, Span::from_hours(12), start).unwrap();
        assert!(!prolonged);
        object.thaw = Some(thaw);
        let later = |hours| start + TimeDelta::hours(hours);
        assert_eq!(header(&object, later(11)).unwrap(), "ongoing-request=\"true\"");
        assert!(readable(&object, later(11)).is_err());
        assert!(ask(&object, 1, Span::ZERO, later(11)).is_err());
        assert!(readable(&object, later(12)).is_ok());
        assert_eq!(
            header(&object, later(13)).unwrap(),
            "ongoing-request=\"false\", expiry-date=\"Wed, 20 Nov 2024 15:00:00 GMT\""
        );
        assert!(ask(&object, 5, Span::ZERO, later(13)).unwrap().1);
        assert_eq!(state(&object, later(12 + 48)), State::Frozen);
    }

    #[test]
    fn other_classes_are_never_frozen() {
        let now = Utc::now();
        assert!(readable(&frozen("GLACIER_IR"), now).is_ok());
        assert!(ask(&frozen("STANDARD_IA"), 1, Span::ZERO, now).is_err());
        assert!(ask(&frozen("GLACIER"), 0, Span::ZERO, now).is_err());
    }
}
