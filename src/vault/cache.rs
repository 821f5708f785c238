//! What a bucket held when it was last listed: asking again takes long, and costs money. Notes that are as they were
//! are not read again, in folders neither.

mod notes;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::directory::Holding;
use super::look::Texts;
pub(super) use notes::{KeptNotes, KeptTexts};

/// Where listings are remembered, and for how long they are as good as new.
#[derive(Clone, Debug)]
pub struct Cache {
    /// The folder.
    folder: PathBuf,
    /// So old at most; nothing where they are only good for their notes.
    good_for: chrono::Duration,
}

/// A listing as it was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Remembered {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Of which bucket: the plan may name another by now.
    pub of: String,
    /// Every file.
    pub holdings: Vec<Holding>,
    /// What the notes say, or why they were not read.
    pub notes: Texts,
}

impl Cache {
    /// Listings are remembered in this state folder, and are as good as new for five minutes.
    pub fn in_state(state: &Path) -> Cache {
        Cache { folder: state.join("cache"), good_for: chrono::Duration::minutes(5) }
    }

    /// The same, where what is there now has to be known.
    #[must_use]
    pub fn fresh(self) -> Cache {
        Cache { good_for: chrono::Duration::zero(), ..self }
    }

    /// What is remembered of a bucket, and whether that is as good as new.
    pub(super) fn read(&self, store: &str, of: &str, now: DateTime<Utc>) -> Option<(Remembered, bool)> {
        let text = std::fs::read(self.path(store)).ok()?;
        let remembered: Remembered = serde_json::from_slice(&text).ok().filter(|it: &Remembered| it.of == of)?;
        let age = now - remembered.at;
        let is_good = age >= chrono::Duration::zero() && age < self.good_for;
        Some((remembered, is_good))
    }

    /// Something was changed there: what is remembered of it is not as it is any more.
    pub fn forget(&self, store: &str) {
        let _ = std::fs::remove_file(self.path(store));
    }

    /// Remembers it; that it cannot be is no loss.
    pub(super) fn write(&self, store: &str, remembered: &Remembered) {
        let path = self.path(store);
        let written = || -> std::io::Result<()> {
            std::fs::create_dir_all(&self.folder)?;
            let mut new = tempfile::NamedTempFile::new_in(&self.folder)?;
            serde_json::to_writer(&mut new, remembered)?;
            new.persist(&path)?;
            Ok(())
        };
        if let Err(error) = written() {
            tracing::debug!(%error, "a listing is not remembered");
        }
    }

    /// What the notes in the folder of a store said when they were last read.
    pub(super) fn notes_of(&self, store: &str, folder: PathBuf) -> KeptNotes {
        KeptNotes { path: self.path(store).with_extension("notes"), of: folder }
    }

    fn path(&self, store: &str) -> PathBuf {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
        self.folder.join(format!("{}.json", store.chars().map(plain).collect::<String>()))
    }
}

impl Remembered {
    /// The notes of files that are still as they were then. What could not be read may be readable by now.
    pub(super) fn still(&self, holdings: &[Holding]) -> Texts {
        let before: HashMap<&str, &Holding> = self.holdings.iter().map(|it| (it.key.as_str(), it)).collect();
        let is_same = |holding: &&Holding| before.get(holding.key.as_str()) == Some(holding);
        let notes =
            holdings.iter().filter(is_same).filter_map(|it| Some((it.key.clone(), self.notes.get(&it.key)?.clone())));
        notes.filter(|(_, text)| text.is_ok()).collect()
    }
}
