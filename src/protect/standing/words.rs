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
    /// The verdict whose mark and look it has.
    pub fn look(&self, now: DateTime<Utc>) -> Verdict {
        match self.verdict(now) {
            Within::Within if self.shrunk.is_some() => Verdict::Degraded,
            within => within.verdict(),
        }
    }

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

/// So many are named; of more, how many there are.
const NAMED: usize = 3;

/// What all of it comes to in one sentence: what is lost, beyond its RPO, unknown or shrunk; nothing where all is well.
pub fn told(all: &[Protection], now: DateTime<Utc>) -> Option<(Verdict, String)> {
    let worst = all.iter().filter(|one| one.needs_attention(now)).map(|one| one.look(now)).max()?;
    let of = |within: Within| -> Vec<&Protection> { all.iter().filter(|one| one.verdict(now) == within).collect() };
    let (none, beyond, unknown) = (of(Within::None), of(Within::Beyond), of(Within::Unknown));
    let mut parts = Vec::new();
    if !none.is_empty() {
        parts.push(format!("nothing to restore {} from", names(&none)));
    }
    match beyond.as_slice() {
        [] => {}
        [one] => parts.push(format!("{} is beyond its RPO: {}", one.data, one.age_told(now))),
        several => parts.push(format!("{} are beyond their RPO", names(several))),
    }
    if !unknown.is_empty() {
        parts.push(format!("backups of {} unknown", names(&unknown)));
    }
    let shrunk: Vec<&Protection> =
        all.iter().filter(|one| one.shrunk.is_some() && one.verdict(now).is_kept()).collect();
    if !shrunk.is_empty() {
        parts.push(format!("the newest of {} holds much less than before", names(&shrunk)));
    }
    Some((worst, parts.join("; ")))
}

fn names(all: &[&Protection]) -> String {
    let most = if all.len() > NAMED { NAMED - 1 } else { NAMED };
    let names: Vec<&str> = all.iter().take(most).map(|one| one.data.as_str()).collect();
    match all.len() - names.len() {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
