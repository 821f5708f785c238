//! A protection in few words, the same on every screen.

use chrono::{DateTime, Utc};

use super::{Protection, Within};
use crate::plan::facts::Verdict;
use crate::text::Span;

impl Within {
    /// The verdict whose mark and look it has.
    pub const fn verdict(self) -> Verdict {
        match self {
            Within::Within => Verdict::Healthy,
            Within::Soon => Verdict::Degraded,
            Within::Unknown => Verdict::Unknown,
            Within::Beyond | Within::None => Verdict::Down,
        }
    }
}

impl Protection {
    /// `38min of 1h`, `none, RPO 1h`.
    pub fn age_told(&self, now: DateTime<Utc>) -> String {
        let rpo = self.rpo.filter(|rpo| *rpo > Span::ZERO);
        let rpo =
            rpo.map_or_else(|| self.rpo.map_or("?".to_owned(), |_| "real time".to_owned()), |rpo| rpo.to_string());
        match (self.age(now), self.verdict(now)) {
            (Some(age), Within::Unknown) => format!("{} of {rpo}, or less", age.rough()),
            (Some(age), _) if self.rpo.is_none() => format!("{}, no RPO", age.rough()),
            (Some(age), _) => format!("{} of {rpo}", age.rough()),
            (None, Within::Unknown) => format!("? of {rpo}"),
            (None, _) => format!("none, RPO {rpo}"),
        }
    }

    /// `verified 3h ago`, `never verified`; nothing where nothing is there.
    pub fn verified_told(&self, now: DateTime<Utc>) -> String {
        match (self.verified, &self.newest) {
            (Some(at), _) => format!("verified {} ago", Span::between(at, now).rough()),
            (None, Some(_)) => "never verified".to_owned(),
            (None, None) => String::new(),
        }
    }

    /// `local, offsite`: where the newest lies.
    pub fn stores_told(&self) -> String {
        self.newest.as_ref().map_or_else(String::new, |newest| newest.stores.join(", "))
    }
}

/// What all of it comes to in one sentence: how much is beyond its RPO, lost or unknown; nothing where all is kept.
pub fn told(all: &[Protection], now: DateTime<Utc>) -> Option<(Verdict, String)> {
    let count = |within| all.iter().filter(|one| one.verdict(now) == within).count();
    let first = |within| all.iter().find(|one| one.verdict(now) == within);
    let one = |within, one: fn(&Protection, DateTime<Utc>) -> String, many: &str| match count(within) {
        0 => None,
        1 => first(within).map(|it| one(it, now)),
        count => Some(format!("{count} categories of data {many}")),
    };
    let parts = [
        one(
            Within::None,
            |it, _| format!("{} has nothing to restore it from", it.data),
            "have nothing to restore them from",
        ),
        one(
            Within::Beyond,
            |it, now| format!("{} is beyond its RPO: {}", it.data, it.age_told(now)),
            "are beyond their RPO",
        ),
        one(
            Within::Unknown,
            |it, _| format!("of {} it is not known how old its newest backup is", it.data),
            "are of unknown age",
        ),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let worst = all.iter().map(|one| one.verdict(now)).max().filter(|worst| !worst.is_kept())?;
    Some((worst.verdict(), parts.join("; ")))
}
