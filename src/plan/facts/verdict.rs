//! The four words for the state of a thing.

use serde::{Deserialize, Serialize};

/// What a reading comes to. Ordered from good to bad; what is unknown is worse than what works badly,
/// and not as bad as what is known to be down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It works as it should.
    Healthy,
    /// It works, and something about it is not as it should be.
    Degraded,
    /// It cannot be told from here.
    Unknown,
    /// It said so, or refused.
    Down,
}

impl Verdict {
    /// Every verdict, in the order in which people name them.
    pub const ALL: [Verdict; 4] = [Verdict::Healthy, Verdict::Degraded, Verdict::Down, Verdict::Unknown];

    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Healthy => "healthy",
            Verdict::Degraded => "degraded",
            Verdict::Down => "down",
            Verdict::Unknown => "unknown",
        }
    }

    /// A shape of its own for each verdict, so that colour is never the only sign.
    pub const fn mark(self, is_unicode: bool) -> &'static str {
        match (self, is_unicode) {
            (Verdict::Healthy, true) => "●",
            (Verdict::Degraded, true) => "▲",
            (Verdict::Down, true) => "✖",
            (Verdict::Healthy, false) => "o",
            (Verdict::Degraded, false) => "!",
            (Verdict::Down, false) => "X",
            (Verdict::Unknown, _) => "?",
        }
    }

    /// The verdict of this word.
    pub fn of_word(word: &str) -> Option<Verdict> {
        Verdict::ALL.into_iter().find(|verdict| verdict.word() == word)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}
