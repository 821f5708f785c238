//! Stores that were silent: the server hands over one segment after the other, and must not wait for such a store at
//! each of them.

use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::NotTaken;
use super::shelf::Done;
use crate::text::Span;
use crate::vault::Trouble;
use crate::vault::log::LogError;

/// It is asked again after as long as it has been silent for, within these.
const LEAST: TimeDelta = TimeDelta::seconds(30);
const MOST: TimeDelta = TimeDelta::minutes(5);

/// What is remembered of them, a note each.
pub(super) struct Away {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Silent {
    /// Since when.
    since: DateTime<Utc>,
    /// When it is asked again.
    again: DateTime<Utc>,
    /// What it said.
    why: String,
}

impl Away {
    /// Kept in this folder.
    pub(super) fn in_folder(folder: PathBuf) -> Away {
        Away { folder }
    }

    /// Why a store is not asked now, where it is not.
    pub(super) fn why(&self, store: &str, now: DateTime<Utc>) -> Option<String> {
        let Silent { since, again, why } = self.read(store)?;
        // A clock that was set back must not keep a store away for ever.
        let is_now = since <= now && now < again;
        is_now.then(|| format!("it has been away for {}: {why}", Span::between(since, now).brief()))
    }

    /// Takes in what the stores did.
    pub(super) fn learn(&self, done: &[Done], now: DateTime<Utc>) {
        for (store, outcome) in done {
            let silent = match outcome {
                Err(NotTaken::Away(_)) => continue,
                Err(NotTaken::Log(LogError::Media(error))) if is_silence(error.trouble) => error.to_string(),
                _ => {
                    let _ = fs::remove_file(self.note(store));
                    continue;
                }
            };
            let since = self.read(store).map(|known| known.since).filter(|since| *since <= now).unwrap_or(now);
            let again = now + (now - since).clamp(LEAST, MOST);
            let said = serde_json::to_vec(&Silent { since, again, why: silent });
            // What cannot be remembered costs time, and nothing else.
            let _ = said.map(|said| fs::create_dir_all(&self.folder).and_then(|()| fs::write(self.note(store), said)));
        }
    }

    fn read(&self, store: &str) -> Option<Silent> {
        serde_json::from_slice(&fs::read(self.note(store)).ok()?).ok()
    }

    fn note(&self, store: &str) -> PathBuf {
        self.folder.join(format!("{store}.away"))
    }
}

/// Whether a store that says this keeps whoever asks waiting. One that says no does so at once, and may be mended at any
/// time.
fn is_silence(trouble: Trouble) -> bool {
    matches!(trouble, Trouble::Stalled | Trouble::Other | Trouble::Gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::MediaError;
    use crate::vault::log::Outcome;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn done(trouble: Option<Trouble>) -> Vec<Done> {
        let outcome = match trouble {
            None => Ok(Outcome::Written),
            Some(trouble) => Err(NotTaken::Log(MediaError::new("", trouble, "it hangs").into())),
        };
        vec![("far".to_owned(), outcome)]
    }

    #[test]
    fn a_silent_store_is_left_alone_for_longer_and_longer_and_asked_again() {
        let folder = tempfile::tempdir().unwrap();
        let away = Away::in_folder(folder.path().join("new"));
        assert_eq!(away.why("far", at(0)), None);
        away.learn(&done(Some(Trouble::Stalled)), at(0));
        assert_eq!(away.why("far", at(29)), Some("it has been away for 29s: it hangs".to_owned()));
        assert_eq!((away.why("far", at(30)), away.why("other", at(1))), (None, None));
        away.learn(&done(Some(Trouble::Stalled)), at(100));
        assert!(away.why("far", at(199)).is_some() && away.why("far", at(200)).is_none());
        away.learn(&done(Some(Trouble::Gone)), at(10_000));
        assert!(away.why("far", at(10_299)).is_some() && away.why("far", at(10_300)).is_none());
        assert_eq!(away.why("far", at(-1)), None, "a clock that was set back");
        away.learn(&done(None), at(10_300));
        assert_eq!(away.why("far", at(10_301)), None);
    }

    #[test]
    fn one_that_says_no_is_asked_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let away = Away::in_folder(folder.path().to_owned());
        for trouble in [Trouble::Full, Trouble::Refused, Trouble::NotOffered] {
            away.learn(&done(Some(trouble)), at(0));
            assert_eq!(away.why("far", at(1)), None, "{trouble:?}");
        }
    }
}
