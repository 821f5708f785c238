//! What becomes of a recovery point in a store, and why.

use std::fmt;

use crate::text::Span;

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays.
    Kept(Reason),
    /// It is to go.
    Goes(Why),
}

/// Why one stays. The first that holds is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The plan sets no limit.
    NoLimit,
    /// By this clock it was taken in the future.
    Future,
    /// Its files do not belong together as their names say, or a newer version wrote it.
    NotUnderstood,
    /// It is evidence.
    Tainted,
    /// It is not old enough.
    Younger(Span),
    /// It may be under way still.
    UnderWay,
    /// It is the newest from before anything was wrong with its component.
    LastClean,
    /// It is the newest that lacks nothing and is as large as usual.
    LastSound,
    /// It is one of the newest that were verified.
    AtLeast(u32),
    /// It was not verified, and too few others were for it to go.
    TooFewVerified(u32),
    /// It is the newest that one can restore from, or the newest of those that were verified.
    LastGood,
    /// It stands for a day, a week, a month, a year.
    Period(Period, String),
    /// None of its day, week, month or year was verified.
    UnreadPeriod(Period, String),
    /// WAL within the age leads on from it.
    LeadsOn,
    /// It is not whole, and nothing newer is.
    NothingBetter,
}

/// A calendar period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// A day.
    Day,
    /// A week, from Monday on.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

/// Why one goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is older than this, and nothing else keeps it.
    Older(Span),
    /// No period that is kept has it as its newest.
    NoPeriod,
    /// It was never finished, or is half removed.
    Unfinished,
}

impl Verdict {
    /// Whether it is to go.
    pub fn goes(&self) -> bool {
        matches!(self, Verdict::Goes(_))
    }
}

impl Period {
    /// Every period, in the order of the plan's words.
    pub const ALL: [Period; 4] = [Period::Day, Period::Week, Period::Month, Period::Year];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Period::Day => "day",
            Period::Week => "week",
            Period::Month => "month",
            Period::Year => "year",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NoLimit => f.write_str("the plan sets no limit"),
            Reason::Future => f.write_str("taken in the future, by this clock"),
            Reason::NotUnderstood => f.write_str("its manifest is not understood, or names what is not its own"),
            Reason::Tainted => f.write_str("tainted: it is evidence, and counts for nothing"),
            Reason::Younger(age) => write!(f, "younger than {age}"),
            Reason::UnderWay => f.write_str("not whole, and so young that somebody may be at it"),
            Reason::LastClean => f.write_str("the last known clean one"),
            Reason::LastSound => f.write_str("the newest good one: what is newer lacks something, or is much smaller"),
            Reason::AtLeast(count) => write!(f, "one of the newest {count} verified"),
            Reason::TooFewVerified(0 | 1) => {
                f.write_str("not verified, and none of the others is; `lifeboat verify` reads them")
            }
            Reason::TooFewVerified(count) => {
                write!(f, "not verified, and fewer than {count} others are; `lifeboat verify` reads them")
            }
            Reason::LastGood => f.write_str("the newest good one"),
            Reason::Period(period, of) => write!(f, "the newest good one of the {} {of}", period.word()),
            Reason::UnreadPeriod(period, of) => {
                write!(f, "not verified, and none of the {} {of} is; `lifeboat verify` reads them", period.word())
            }
            Reason::LeadsOn => f.write_str("the log within the age leads on from it"),
            Reason::NothingBetter => f.write_str("nothing newer is whole"),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Older(age) => write!(f, "older than {age}"),
            Why::NoPeriod => f.write_str("no period keeps it"),
            Why::Unfinished => f.write_str("not whole, and not under way"),
        }
    }
}
