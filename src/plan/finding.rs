//! What is wrong with a plan: one mistake or one objective that does not hold.

use std::borrow::Cow;

use serde::Serialize;

use super::check::cover_words;
use super::source::{Lines, Origin, Sources};

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
    message: Cow<'a, str>,
    file: Option<String>,
    line: Option<usize>,
    places: Vec<PlaceReport<'a>>,
    why: Cow<'a, str>,
    mend: Cow<'a, str>,
}

#[derive(Debug, Serialize)]
struct PlaceReport<'a> {
    file: String,
    line: usize,
    says: Cow<'a, str>,
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
}

/// Findings with files and lines instead of bytes. Secrets that they repeat are covered.
pub fn reports<'a>(findings: &'a [Finding], sources: &Sources) -> Vec<FindingReport<'a>> {
    let files: Vec<(String, Lines)> =
        sources.iter().map(|file| (file.path.display().to_string(), Lines::of(&file.text))).collect();
    findings.iter().map(|finding| report(finding, &files)).collect()
}

fn report<'a>(finding: &'a Finding, files: &[(String, Lines)]) -> FindingReport<'a> {
    let places: Vec<_> = finding
        .places
        .iter()
        .filter_map(|(origin, says)| {
            let (file, lines) = files.get(origin.file)?;
            Some(PlaceReport { file: file.clone(), line: lines.number(origin.start), says: cover_words(says) })
        })
        .collect();
    FindingReport {
        level: finding.level,
        rule: finding.rule,
        message: cover_words(&finding.message),
        file: places.first().map(|place| place.file.clone()),
        line: places.first().map(|place| place.line),
        places,
        why: cover_words(&finding.why),
        mend: cover_words(&finding.mend),
    }
}
