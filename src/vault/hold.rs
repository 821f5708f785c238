//! A hold: as long as it lies in any store, nobody throws anything away in any of them, from any host.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::media::{Media, MediaError, Trouble};
use crate::text::instant::stamp;
use crate::text::{Shape, untrusted};

/// Where it lies in a store.
const KEY: &str = ".lifeboat/hold.json";
/// Nobody gives so long a reason.
const LARGEST: u64 = 64 << 10;
const FORM: u32 = 1;

/// Why nothing is to be thrown away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The form of this file.
    pub lifeboat: u32,
    /// Who says so.
    pub by: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why.
    #[serde(default)]
    pub why: String,
}

impl Hold {
    /// What is said now.
    pub fn new(by: String, since: DateTime<Utc>, why: String) -> Hold {
        Hold { lifeboat: FORM, by, since, why }
    }

    /// `: breach`; nothing where nobody said why.
    pub fn because(&self) -> String {
        if self.why.is_empty() { String::new() } else { format!(": {}", self.why) }
    }

    /// By whom, since when and why.
    pub fn described(&self) -> String {
        format!("held since {} by {}{}", stamp(self.since), self.by, self.because())
    }

    fn strange() -> Hold {
        let why = format!("{KEY} cannot be read, and is taken for a hold");
        Hold::new("somebody".to_owned(), DateTime::UNIX_EPOCH, why)
    }

    /// The hold in a store, if there is one. What cannot be read there is one, too.
    pub async fn read(media: &Media) -> Result<Option<Hold>, MediaError> {
        let Some(bytes) = media.get(KEY, LARGEST).await? else { return Ok(None) };
        let hold: Hold = serde_json::from_slice(&bytes).unwrap_or_else(|_| Hold::strange());
        let line = |text: &str| untrusted(text, Shape::line(300));
        Ok(Some(Hold { by: line(&hold.by), why: line(&hold.why), ..hold }))
    }

    /// Puts it into a store, or tells which was there before: the first one stays.
    pub async fn put(&self, media: &Media) -> Result<Option<Hold>, MediaError> {
        let unwritable = |error: serde_json::Error| MediaError::new(KEY, Trouble::Other, error.to_string());
        let mut bytes = serde_json::to_vec_pretty(self).map_err(unwritable)?;
        bytes.push(b'\n');
        match media.put_new(KEY, bytes).await {
            Ok(()) => Ok(None),
            // One that is too large to be read is there all the same.
            Err(error) if error.trouble == Trouble::Exists => {
                Ok(Some(Hold::read(media).await.ok().flatten().unwrap_or_else(Hold::strange)))
            }
            Err(error) => Err(error),
        }
    }

    /// Takes whatever hold there is out of a store, and tells which it was.
    pub async fn release(media: &Media) -> Result<Option<Hold>, MediaError> {
        // One that is too large to be read is there all the same.
        let was_there = media.has(KEY).await?;
        let hold = Hold::read(media).await.ok().flatten().unwrap_or_else(Hold::strange);
        media.remove(KEY).await?;
        Ok(was_there.then_some(hold))
    }
}
