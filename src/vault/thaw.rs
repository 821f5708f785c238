//! What is archived is read only after somebody has asked for its thaw and has waited: asked for once, and remembered
//! beside it, so that whoever comes later knows since when it thaws and until when it should be there.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::media::{Media, MediaError, Trouble};
use super::naming::Note;
use super::point::{Copied, Point};
use super::receipt::note_key;
use crate::plan::types::{Store, Times};
use crate::reach::s3::{Thaw, Tier};
use crate::text::instant::stamp;
use crate::text::{Clock, Span};

/// The form that this version writes and reads.
const FORM: u32 = 1;
/// For so long what has thawed can be read: somebody may come only after a week-end.
const DAYS: u32 = 3;
/// No note about a thaw is nearly as long.
const LONGEST: u64 = 64 * 1024;

/// What was asked for of a recovery point that is archived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thawing {
    /// The form of this file.
    pub lifeboat: u32,
    /// The recovery point.
    pub point: String,
    /// When it was asked for.
    pub since: DateTime<Utc>,
    /// When it should be there.
    pub expected: DateTime<Utc>,
    /// By which host.
    pub host: String,
    /// Until when it can be read, once it was seen to be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// Whether a copy can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It can.
    Now,
    /// It is archived, and nobody has asked for it.
    Frozen(Times),
    /// It thaws.
    Thawing(Option<Thawing>),
}

/// Whoever wants to read a copy.
pub struct Reader<'a> {
    /// The store that it lies in.
    pub store: &'a Store,
    /// The same, opened.
    pub media: &'a Media,
    /// Tells when it was asked for.
    pub clock: &'a dyn Clock,
    /// This host.
    pub host: &'a str,
    /// Whether the thaw of what is archived is asked for.
    pub asks: bool,
}

impl Reader<'_> {
    /// Whether a copy can be read now; asks for its thaw where that is wanted and nobody has yet.
    pub async fn look(&self, point: &Point, copied: &Copied) -> Result<Readiness, MediaError> {
        let Some((_, first)) = copied.artefacts.first() else { return Ok(Readiness::Now) };
        let note = note_key(&first.key, &point.id, Note::Thawing);
        let (mut frozen, mut thaws, mut thawed, mut takes) = (Vec::new(), false, None, None);
        for (_, file) in &copied.artefacts {
            let (thaw, class) = self.media.thaw(&file.key).await?;
            match thaw {
                Thaw::NotNeeded => {}
                Thaw::Thawed(until) => thawed = thawed.max(Some(until)),
                Thaw::Thawing => thaws = true,
                Thaw::Frozen => {
                    frozen.push(file.key.as_str());
                    takes = takes.or(takes_of(self.store, class.as_deref()));
                }
            }
        }
        match frozen.is_empty() {
            true if !thaws => {
                if let Some(until) = thawed {
                    self.note_end(&note, until).await?;
                }
                Ok(Readiness::Now)
            }
            true => Ok(Readiness::Thawing(self.remembered(&note).await?)),
            false if !self.asks => Ok(Readiness::Frozen(takes.unwrap_or(USUAL))),
            false => Ok(Readiness::Thawing(Some(self.ask(point, &note, &frozen, takes.unwrap_or(USUAL)).await?))),
        }
    }

    /// Asks for it. What is about to be asked for is remembered first: who finds it frozen all the same asks again.
    async fn ask(&self, point: &Point, note: &str, keys: &[&str], takes: Times) -> Result<Thawing, MediaError> {
        let since = self.clock.now();
        let thawing = Thawing {
            lifeboat: FORM,
            point: point.id.clone(),
            since,
            expected: takes.most.after(since).unwrap_or(since),
            host: self.host.to_owned(),
            until: None,
        };
        self.keep(note, &thawing).await?;
        for key in keys {
            self.media.request_thaw(key, DAYS, Tier::Standard).await?;
        }
        Ok(thawing)
    }

    async fn keep(&self, note: &str, thawing: &Thawing) -> Result<(), MediaError> {
        let unwritable = |error: serde_json::Error| MediaError::new(note, Trouble::Other, error.to_string());
        self.media.put(note, serde_json::to_vec_pretty(thawing).map_err(unwritable)?).await
    }

    async fn remembered(&self, note: &str) -> Result<Option<Thawing>, MediaError> {
        let text = self.media.get(note, LONGEST).await?;
        Ok(text.and_then(|text| Thawing::read(&text)))
    }

    /// Remembers until when it can be read, so that nobody has to ask.
    async fn note_end(&self, note: &str, until: Option<DateTime<Utc>>) -> Result<(), MediaError> {
        match (self.remembered(note).await?, until) {
            (Some(known), Some(_)) if known.until != until && self.asks => {
                self.keep(note, &Thawing { until, ..known }).await
            }
            // Where nobody says for how long, it may be frozen again at any time.
            (Some(_), None) if self.asks => self.media.remove(note).await,
            _ => Ok(()),
        }
    }
}

impl Thawing {
    /// What a file beside a recovery point says, where it is of ours.
    pub fn read(bytes: &[u8]) -> Option<Thawing> {
        serde_json::from_slice(bytes).ok().filter(|thawing: &Thawing| thawing.lifeboat == FORM)
    }

    /// How far it is, in a few words; nothing where it is frozen again.
    pub fn told(&self, now: DateTime<Utc>) -> Option<String> {
        match self.until {
            Some(until) if until > now => Some(format!("thawed, read at once until {}", stamp(until))),
            Some(_) => None,
            // It stays thawed for so long at least after it should be there.
            None if now > self.expected + TimeDelta::days(i64::from(DAYS)) => None,
            None => Some(format!("thawing since {}, expected by {}", stamp(self.since), stamp(self.expected))),
        }
    }
}

/// How long it takes until something of a copy can be read, in a few words; nothing where it can be at once.
pub fn first_byte(store: Option<&Store>, copied: &Copied, now: DateTime<Utc>) -> Option<String> {
    let told = copied.thawing().and_then(|thawing| thawing.told(now));
    told.or_else(|| Some(format!("read {} after its thaw was asked for", takes_of(store?, None)?)))
}

/// What a thaw by the usual request takes from the class that is thawed sooner, as AWS documents it.
const USUAL: Times = Times { least: Span::from_hours(3), most: Span::from_hours(5) };
/// The same from the deepest class.
const DEEP: Times = Times { least: Span::from_hours(12), most: Span::from_hours(12) };

/// How long it takes until something of a store can be read: of this class where it is known, else of that of the
/// store. Nothing where it can be read at once.
fn takes_of(store: &Store, class: Option<&str>) -> Option<Times> {
    match class.or(store.storage_class.as_deref()) {
        Some("DEEP_ARCHIVE") => Some(store.deep_thaw.or(store.thaw).unwrap_or(DEEP)),
        Some("GLACIER") => Some(store.thaw.unwrap_or(USUAL)),
        _ => store.thaw,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_is_is_told_until_it_is_frozen_again() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (since, expected) = (at("2024-11-18T02:00:00Z"), at("2024-11-18T14:00:00Z"));
        let (point, host) = ("p".to_owned(), "h".to_owned());
        let asked = Thawing { lifeboat: FORM, point, since, expected, host, until: None };
        assert!(asked.told(since).unwrap().starts_with("thawing since 2024-11-18"));
        // Late it may be; days later it would be frozen again.
        assert!(asked.told(at("2024-11-19T02:00:00Z")).is_some() && asked.told(at("2024-11-22T02:00:00Z")).is_none());
        let thawed = Thawing { until: Some(at("2024-11-20T00:00:00Z")), ..asked };
        assert!(thawed.told(expected).unwrap().starts_with("thawed, read at once until 2024-11-20"));
        assert!(thawed.told(at("2024-11-20T00:00:00Z")).is_none());
        assert_eq!(Thawing::read(&serde_json::to_vec(&thawed).unwrap()), Some(thawed));
        assert_eq!(Thawing::read(b"{}"), None);
    }

    #[test]
    fn the_class_tells_how_long_a_thaw_takes() {
        let takes = |more: &str, class| {
            let store: Store = toml::from_str(&format!("name = 'a'\nkind = 's3'\nbucket = 'b'\n{more}")).unwrap();
            takes_of(&store, class).map(|takes| takes.to_string())
        };
        assert_eq!(takes("", None), None);
        assert_eq!(takes("", Some("DEEP_ARCHIVE")).as_deref(), Some("12h"));
        assert_eq!(takes("storage_class = 'GLACIER'\n", None).as_deref(), Some("3h to 5h"));
        let both = "thaw = '1h to 12h'\ndeep_thaw = '2d'\n";
        assert_eq!(takes(both, Some("DEEP_ARCHIVE")), takes("thaw = '2d'\n", None));
        assert_eq!(takes(both, None).as_deref(), Some("1h to 12h"));
    }
}
