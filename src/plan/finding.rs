//! What is wrong with a plan: one mistake or one objective that does not hold.

use serde::Serialize;

use super::source::{Origin, Sources};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The plan cannot be used.
    Error,
    /// An objective does not hold.
    Warning,
}

/// One thing that is wrong, where, why it matters on the night, and how to mend it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// How bad.
    pub level: Level,
    /// The rule that found it; a stable name for scripts and tests.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where: the place itself first, then what it collides with, each with a word about it.
    pub places: Vec<(Origin, String)>,
    /// Why it matters on the night.
    pub why: String,
    /// How to mend it.
    pub mend: String,
}

/// A finding as JSON shows it.
#[derive(Debug, Serialize)]
pub struct FindingReport<'a> {
    level: Level,
    rule: &'static str,
    message: &'a str,
    file: Option<String>,
    line: Option<usize>,
    places: Vec<PlaceReport<'a>>,
    why: &'a str,
    mend: &'a str,
}

#[derive(Debug, Serialize)]
struct PlaceReport<'a> {
    file: String,
    line: usize,
    says: &'a str,
}

impl Finding {
    /// A mistake.
    #[must_use]
    pub fn error(rule: &'static str, message: impl Into<String>) -> Finding {
        Finding::new(Level::Error, rule, message.into())
    }

    /// An objective that does not hold.
    #[must_use]
    pub fn warning(rule: &'static str, message: impl Into<String>) -> Finding {
        Finding::new(Level::Warning, rule, message.into())
    }

    fn new(level: Level, rule: &'static str, message: String) -> Finding {
        Finding { level, rule, message, places: Vec::new(), why: String::new(), mend: String::new() }
    }

    /// Where it is.
    #[must_use]
    pub fn at(mut self, place: Origin, says: impl Into<String>) -> Finding {
        self.places.push((place, says.into()));
        self
    }

    /// Why it matters on the night.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Finding {
        self.why = why.into();
        self
    }

    /// How to mend it.
    #[must_use]
    pub fn mend(mut self, mend: impl Into<String>) -> Finding {
        self.mend = mend.into();
        self
    }

    /// With files and lines instead of bytes.
    pub fn report<'a>(&'a self, sources: &Sources) -> FindingReport<'a> {
        let places: Vec<_> = self
            .places
            .iter()
            .filter_map(|(origin, says)| {
                let file = sources.get(origin.file)?;
                Some(PlaceReport { file: file.path.display().to_string(), line: file.line(origin.start), says })
            })
            .collect();
        FindingReport {
            level: self.level,
            rule: self.rule,
            message: &self.message,
            file: places.first().map(|place| place.file.clone()),
            line: places.first().map(|place| place.line),
            places,
            why: &self.why,
            mend: &self.mend,
        }
    }
}
