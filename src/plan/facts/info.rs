//! What is known of a fact before anybody has asked for it.

use crate::plan::types::{Limit, Percent};
use crate::text::{Size, Span};

/// A fact: its name, what it means, its unit, and from where on it is a reason for concern.
#[derive(Clone, Copy, Debug)]
pub struct FactInfo {
    /// The name in conditions, limits and JSON.
    pub name: &'static str,
    /// The name on screens.
    pub title: &'static str,
    /// What it means, where its title does not say all; a clause without capital or full stop.
    pub about: &'static str,
    /// In which unit it is told.
    pub measure: Measure,
    /// From where on it is a reason for concern, where the plan says nothing else.
    pub threshold: Option<Threshold>,
    /// Whether it costs so much that it is asked for rarely.
    pub rare: bool,
    /// Who tells it, where that is not a probe: `verify` or `prove`, or a person.
    pub told_by: Option<&'static str>,
}

/// The units of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// One of a few words.
    Words(&'static [&'static str]),
    /// Any text.
    Text,
    /// A whole number.
    Count,
    /// A number a second.
    PerSecond,
    /// A share of a whole, as a percentage.
    Share,
    /// A length of time.
    Span,
    /// An amount of data.
    Size,
    /// A moment; compared by how long ago it is, or how far ahead.
    Moment,
    /// Yes or no, also written 1 and 0.
    Flag,
}

/// Which side of a threshold is the bad one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worse {
    /// More is worse.
    Above,
    /// Less is worse.
    Below,
}

/// From where on a fact is a reason for concern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// Which side is the bad one; at the value itself all is still well.
    pub worse: Worse,
    /// The value.
    pub at: Limit,
}

impl FactInfo {
    const fn new(name: &'static str, title: &'static str, measure: Measure) -> FactInfo {
        FactInfo { name, title, about: "", measure, threshold: None, rare: false, told_by: None }
    }

    /// A fact that is one of a few words.
    pub const fn words(name: &'static str, title: &'static str, words: &'static [&'static str]) -> FactInfo {
        FactInfo::new(name, title, Measure::Words(words))
    }

    /// A fact that is any text.
    pub const fn text(name: &'static str, title: &'static str) -> FactInfo {
        FactInfo::new(name, title, Measure::Text)
    }

    /// A whole number.
    pub const fn count(name: &'static str, title: &'static str) -> FactInfo {
        FactInfo::new(name, title, Measure::Count)
    }

    /// A number a second.
    pub const fn per_second(name: &'static str, title: &'static str) -> FactInfo {
        FactInfo::new(name, title, Measure::PerSecond)
    }

    /// A percentage.
    pub const fn share(name: &'static str, title: &'static str) -> FactInfo {
        FactInfo::new(name, title, Measure::Share)
    }

    /// A length of time.
    pub const fn span(name: &'static str, title: &'static str) -> FactInfo {
        FactInfo::new(name, title, Measure::Span)
    }

    /// An amount of data.
    pub const fn size(name: &'static str, title: &'static str) -> FactInfo {
        FactInfo::new(name, title, Measure::Size)
    }

    /// A moment.
    pub const fn moment(name: &'static str, title: &'static str) -> FactInfo {
        FactInfo::new(name, title, Measure::Moment)
    }

    /// Yes or no.
    pub const fn flag(name: &'static str, title: &'static str) -> FactInfo {
        FactInfo::new(name, title, Measure::Flag)
    }

    /// What it means.
    #[must_use]
    pub const fn about(self, about: &'static str) -> FactInfo {
        FactInfo { about, ..self }
    }

    /// It costs so much that it is asked for rarely.
    #[must_use]
    pub const fn rare(self) -> FactInfo {
        FactInfo { rare: true, ..self }
    }

    /// No probe tells it; this does.
    #[must_use]
    pub const fn told_by(self, who: &'static str) -> FactInfo {
        FactInfo { told_by: Some(who), ..self }
    }

    /// Bad when more than this.
    #[must_use]
    pub const fn above(self, at: Limit) -> FactInfo {
        FactInfo { threshold: Some(Threshold { worse: Worse::Above, at }), ..self }
    }

    /// Bad when less than this.
    #[must_use]
    pub const fn below(self, at: Limit) -> FactInfo {
        FactInfo { threshold: Some(Threshold { worse: Worse::Below, at }), ..self }
    }

    /// Bad when more than this percentage.
    #[must_use]
    pub const fn above_percent(self, percent: f64) -> FactInfo {
        self.above(Limit::Percent(Percent(percent)))
    }

    /// Bad when less than this percentage.
    #[must_use]
    pub const fn below_percent(self, percent: f64) -> FactInfo {
        self.below(Limit::Percent(Percent(percent)))
    }

    /// Bad when longer than this.
    #[must_use]
    pub const fn above_secs(self, seconds: u64) -> FactInfo {
        self.above(Limit::Span(Span::from_secs(seconds)))
    }

    /// Bad when shorter than this.
    #[must_use]
    pub const fn below_secs(self, seconds: u64) -> FactInfo {
        self.below(Limit::Span(Span::from_secs(seconds)))
    }

    /// Bad when more than this.
    #[must_use]
    pub const fn above_size(self, bytes: u64) -> FactInfo {
        self.above(Limit::Size(Size(bytes)))
    }

    /// Bad when more than this.
    #[must_use]
    pub const fn above_count(self, count: f64) -> FactInfo {
        self.above(Limit::Number(count))
    }

    /// Bad when less than this.
    #[must_use]
    pub const fn below_count(self, count: f64) -> FactInfo {
        self.below(Limit::Number(count))
    }

    /// The threshold that holds: the plan's limit, else the default. A plan's limit on a fact without a
    /// default is an upper one.
    pub fn threshold(&self, limit: Option<Limit>) -> Option<Threshold> {
        let worse = self.threshold.map_or(Worse::Above, |threshold| threshold.worse);
        limit.map(|at| Threshold { worse, at }).or(self.threshold)
    }
}

impl Measure {
    /// Whether a limit of this unit can be compared with such a fact.
    pub fn takes(self, limit: Limit) -> bool {
        match self {
            Measure::Words(_) | Measure::Text => false,
            Measure::Count | Measure::PerSecond | Measure::Flag => matches!(limit, Limit::Number(_)),
            Measure::Share => matches!(limit, Limit::Percent(_)),
            Measure::Span | Measure::Moment => matches!(limit, Limit::Span(_)),
            Measure::Size => matches!(limit, Limit::Size(_)),
        }
    }
}
