//! How a category of data is protected: what is known of its recovery points, and what that comes to at a moment.

use chrono::{DateTime, TimeDelta, Utc};

use crate::text::{Span, counted};

/// From this share of the RPO on it is soon to be missed.
const SOON: f64 = 0.8;
/// So far ahead of ours the clock of whoever took it may be.
const AHEAD: TimeDelta = TimeDelta::hours(1);
const FUTURE: &str = "its newest recovery point is from the future: one of two clocks is wrong";

/// How a category of data is protected, as far as its stores tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// Its name in the plan.
    pub data: String,
    /// The component it lives in.
    pub component: Option<String>,
    /// How much of it may be lost.
    pub rpo: Option<Span>,
    /// The newest of what one could restore it from.
    pub newest: Option<Newest>,
    /// When something that protects it was last read to its end, or restored.
    pub verified: Option<DateTime<Utc>>,
    /// The moment of the newest copy that outlives its site, where there is one.
    pub off_site: Option<DateTime<Utc>>,
    /// The stores off-site that should have the newest and do not.
    pub missing_off_site: Vec<String>,
    /// What a newer one lacks, so that it does not count, a sentence each.
    pub lacks: Vec<String>,
    /// How the newest holds much less than those before it: a clause.
    pub shrunk: Option<String>,
    /// How many recovery points of it are not to be trusted.
    pub tainted: usize,
    /// The stores that could not be looked at.
    pub unseen: Vec<String>,
    /// Jobs that protect it and leave nothing by which its age could be told.
    pub unseeable: Vec<String>,
    /// Whether its stores were looked at yet.
    pub is_looked_at: bool,
}

/// The newest of what one could restore from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    /// The recovery point.
    pub point: String,
    /// The moment whose state can be had again.
    pub as_of: DateTime<Utc>,
    /// What is known of the recovery point, in a word.
    pub state: &'static str,
    /// Whether a log leads on from it to that moment.
    pub by_log: bool,
    /// The stores that have it whole.
    pub stores: Vec<String>,
}

/// What it comes to; the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Within {
    /// What would be lost now is within the RPO.
    Within,
    /// It is, and not for long.
    Soon,
    /// It cannot be told.
    Unknown,
    /// More would be lost than the RPO allows.
    Beyond,
    /// All would be lost.
    None,
}

impl Within {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Within::Within => "within",
            Within::Soon => "soon",
            Within::Unknown => "unknown",
            Within::Beyond => "beyond",
            Within::None => "none",
        }
    }

    /// Whether its data is safe for now.
    pub const fn is_kept(self) -> bool {
        matches!(self, Within::Within | Within::Soon)
    }
}

impl Protection {
    /// How much would be lost now; nothing where there is nothing to restore from, or none was seen.
    pub fn age(&self, now: DateTime<Utc>) -> Option<Span> {
        self.newest.as_ref().map(|newest| Span::between(newest.as_of, now))
    }

    /// Which share of the RPO that is; 1 is all of it.
    pub fn share(&self, now: DateTime<Utc>) -> Option<f64> {
        let (age, rpo) = (self.age(now)?.approx().as_secs_f64(), self.rpo?.approx().as_secs_f64());
        match rpo {
            rpo if rpo > 0.0 => Some(age / rpo),
            _ if age > 0.0 => Some(f64::INFINITY),
            _ => Some(0.0),
        }
    }

    /// Whether it claims to be of a moment that has not come: one of two clocks is wrong.
    pub fn is_from_future(&self, now: DateTime<Utc>) -> bool {
        self.newest.as_ref().is_some_and(|newest| newest.as_of > now)
    }

    /// What it comes to. Where something newer may lie unseen, what is too old proves nothing.
    pub fn verdict(&self, now: DateTime<Utc>) -> Within {
        let seen = match (&self.newest, self.share(now)) {
            (None, _) => Within::None,
            // How old it is cannot be told, and nothing else is known to be newer.
            (Some(newest), _) if newest.as_of - now > AHEAD => return Within::Unknown,
            (Some(_), Some(share)) if share > 1.0 => Within::Beyond,
            (Some(_), Some(share)) if share > SOON => Within::Soon,
            (Some(_), _) => Within::Within,
        };
        let may_be_more = !self.is_looked_at || !self.unseen.is_empty() || !self.unseeable.is_empty();
        if !seen.is_kept() && may_be_more { Within::Unknown } else { seen }
    }

    /// Whether somebody should look at it.
    pub fn needs_attention(&self, now: DateTime<Utc>) -> bool {
        !self.verdict(now).is_kept() || self.shrunk.is_some()
    }

    /// Why it is no better, or what somebody should know; a sentence without its stop.
    pub fn why(&self, now: DateTime<Utc>) -> Option<String> {
        let verdict = self.verdict(now);
        match verdict {
            Within::Unknown if self.is_from_future(now) => Some(FUTURE.to_owned()),
            Within::Unknown if !self.is_looked_at => Some("its stores were not looked at yet".to_owned()),
            Within::Unknown if !self.unseen.is_empty() => {
                Some(format!("{} could not be looked at", self.unseen.join(" and ")))
            }
            Within::Unknown => Some(format!("what {} leaves cannot be seen from here", self.unseeable.join(" and "))),
            Within::None if !self.lacks.is_empty() => {
                Some(format!("what there is lacks {}", self.lacks.join(", and ")))
            }
            Within::Beyond if !self.lacks.is_empty() => {
                Some(format!("what is newer lacks {}", self.lacks.join(", and ")))
            }
            Within::None if self.tainted > 0 => {
                let points = counted(self.tainted, "recovery point");
                Some(format!("nothing to restore it from that is not tainted: {points}"))
            }
            Within::None => Some("there is nothing to restore it from".to_owned()),
            Within::Beyond if self.tainted > 0 => {
                Some(format!("{} of it do not count, as they are tainted", counted(self.tainted, "recovery point")))
            }
            _ if let Some(shrunk) = &self.shrunk => {
                Some(format!("the newest holds much less than those before it: {shrunk}"))
            }
            _ if self.is_from_future(now) => Some(FUTURE.to_owned()),
            _ if !self.missing_off_site.is_empty() => {
                Some(format!("the newest is not in {}", self.missing_off_site.join(" and ")))
            }
            _ => None,
        }
    }
}
