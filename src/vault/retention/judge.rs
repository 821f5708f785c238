//! The verdict on every recovery point of one series: one component and method in one store.
//!
//! Pure: from what is known of each, the rules and the present.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::rules::Rules;
use super::verdict::{Period, Reason, Verdict, Why};
use crate::text::Zone;
use crate::vault::usual::Amount;

/// Nobody is at a recovery point any more that was begun longer ago.
const UNDER_WAY: TimeDelta = TimeDelta::days(1);

/// What is known of a recovery point in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// Its name.
    pub id: &'a str,
    /// When it was taken.
    pub taken: DateTime<Utc>,
    /// The latest that may be, as its name tells it only so exactly.
    pub at_latest: DateTime<Utc>,
    /// When its newest file was written.
    pub written: DateTime<Utc>,
    /// How it stands.
    pub standing: Standing,
    /// Whether the log leads on from it.
    pub is_base: bool,
    /// Whether it was taken before anything was wrong with its component.
    pub is_clean: bool,
    /// Whether it has all that there was, as far as is known.
    pub is_full: bool,
    /// Whether it holds not much less than those before it.
    pub is_usual: bool,
    /// How much it holds.
    pub amount: Amount,
}

/// How a recovery point stands in a store, as far as keeping goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was read to its end or restored, and is whole.
    Verified,
    /// It is there.
    Present,
    /// It is not to be trusted.
    Tainted,
    /// It is not whole.
    Flawed,
    /// It is one of ours, and was not finished or is half removed.
    Unfinished {
        /// Whether there are files to restore from.
        has_files: bool,
    },
    /// Nothing is left to restore from, only what others wrote about it.
    OnlyNotes,
    /// Nobody here can tell what it is.
    NotUnderstood,
}

impl Standing {
    /// Whether one would restore from it.
    pub fn is_good(self) -> bool {
        matches!(self, Standing::Verified | Standing::Present)
    }
}

impl Candidate<'_> {
    /// Whether one would restore from it. What is taken in the future counts for nothing.
    fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.standing.is_good() && self.taken <= now
    }
}

/// The verdict on each, in their order.
pub fn judge(candidates: &[Candidate<'_>], rules: Option<&Rules>, zone: Zone, now: DateTime<Utc>) -> Vec<Verdict> {
    let Some(rules) = rules else { return vec![Verdict::Kept(Reason::NoLimit); candidates.len()] };
    let mut good: Vec<usize> = (0..candidates.len()).filter(|index| candidates[*index].is_good(now)).collect();
    good.sort_by(|one, other| {
        let of = |index: usize| (candidates[index].taken, candidates[index].id);
        of(*other).cmp(&of(*one))
    });
    let clean: Vec<usize> = good.iter().copied().filter(|index| candidates[*index].is_clean).collect();
    let is_sound = |index: &usize| candidates[*index].is_full && candidates[*index].is_usual;
    let sound: Vec<usize> = clean.iter().copied().filter(is_sound).collect();
    let mut series = Series { candidates, good, rules, zone, now, kept: BTreeMap::new() };
    // What was taken since something is wrong must not stand in for what is from before.
    if clean.len() < series.good.len() {
        series.keep_last(&clean, &Reason::LastClean);
        series.keep_of(&clean);
    }
    // Nor what lacks something, or has shrunk to little, for what has all of it.
    if sound.len() < clean.len() {
        series.keep_last(&sound, &Reason::LastSound);
        series.keep_of(&sound);
    }
    series.keep_of(&series.good.clone());
    candidates.iter().enumerate().map(|(index, one)| series.verdict(index, one)).collect()
}

struct Series<'a> {
    candidates: &'a [Candidate<'a>],
    /// Those one would restore from, the newest first.
    good: Vec<usize>,
    rules: &'a Rules,
    zone: Zone,
    now: DateTime<Utc>,
    /// What is kept whatever its age.
    kept: BTreeMap<usize, Reason>,
}

impl Series<'_> {
    fn keep(&mut self, index: usize, reason: Reason) {
        self.kept.entry(index).or_insert(reason);
    }

    /// What the rules keep of these, the newest first.
    fn keep_of(&mut self, these: &[usize]) {
        self.in_number(these);
        self.in_periods(these);
        self.leading_on(these);
    }

    fn verified(&self, these: &[usize]) -> impl Iterator<Item = usize> {
        these.iter().copied().filter(|index| self.candidates[*index].standing == Standing::Verified)
    }

    /// The last of these, whatever was taken since.
    fn keep_last(&mut self, these: &[usize], reason: &Reason) {
        let last = [these.first().copied(), self.verified(these).next()];
        for index in last.into_iter().flatten() {
            self.keep(index, reason.clone());
        }
    }

    /// The last good ones, and the newest so many that were verified. Nobody knows what one is that was not read:
    /// while too few were verified, none goes, as it may be the only one that restores.
    fn in_number(&mut self, these: &[usize]) {
        let least = usize::try_from(self.rules.at_least).unwrap_or(usize::MAX);
        let verified: Vec<usize> = self.verified(these).collect();
        self.keep_last(these, &Reason::LastGood);
        if verified.len() < least.max(1) {
            for index in these.iter().filter(|index| !verified.contains(index)) {
                self.keep(*index, Reason::TooFewVerified(self.rules.at_least));
            }
        }
        for index in verified.into_iter().take(least) {
            self.keep(index, Reason::AtLeast(self.rules.at_least));
        }
    }

    /// The newest good one of each period: of those that were verified, where there is one. Where there is none, all of
    /// the period stay until one was read: any may be the only one that restores.
    fn in_periods(&mut self, these: &[usize]) {
        for (period, count) in Period::ALL.into_iter().zip(self.rules.periods) {
            let mut newest: BTreeMap<(i32, u32), usize> = BTreeMap::new();
            let verified: BTreeSet<usize> = self.verified(these).collect();
            for index in these {
                let of = self.period(period, *index);
                let best = newest.entry(of).or_insert(*index);
                if verified.contains(index) && !verified.contains(best) {
                    *best = *index;
                }
            }
            let most = usize::try_from(count).unwrap_or(usize::MAX);
            for (of, index) in newest.into_iter().rev().take(most) {
                let shown = self.shown(period, of, index);
                let is_unread = !verified.contains(&index);
                self.keep(index, Reason::Period(period, shown.clone()));
                for other in these.iter().filter(|_| is_unread) {
                    if self.period(period, *other) == of {
                        self.keep(*other, Reason::UnreadPeriod(period, shown.clone()));
                    }
                }
            }
        }
    }

    fn period(&self, period: Period, index: usize) -> (i32, u32) {
        let day = self.candidates[index].taken.with_timezone(&self.zone).date_naive();
        match period {
            Period::Day => (day.year(), day.ordinal()),
            Period::Week => (day.iso_week().year(), day.iso_week().week()),
            Period::Month => (day.year(), day.month()),
            Period::Year => (day.year(), 0),
        }
    }

    fn shown(&self, period: Period, (year, number): (i32, u32), index: usize) -> String {
        match period {
            Period::Day => self.candidates[index].taken.with_timezone(&self.zone).format("%Y-%m-%d").to_string(),
            Period::Week => format!("{year}-W{number:02}"),
            Period::Month => format!("{year}-{number:02}"),
            Period::Year => year.to_string(),
        }
    }

    /// To reach the first moment of the age, the log must have a base that is older.
    fn leading_on(&mut self, these: &[usize]) {
        let Some(limit) = self.rules.age.map(|age| self.before(age.approx())) else { return };
        let leads = |index: &usize| self.candidates[*index].is_base && self.candidates[*index].taken <= limit;
        let newest = [these.iter().copied().find(leads), self.verified(these).find(leads)];
        for index in newest.into_iter().flatten() {
            self.keep(index, Reason::LeadsOn);
        }
    }

    /// The moment so long ago.
    fn before(&self, age: std::time::Duration) -> DateTime<Utc> {
        let age = TimeDelta::from_std(age).unwrap_or(TimeDelta::MAX);
        self.now.checked_sub_signed(age).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    fn verdict(&self, index: usize, one: &Candidate<'_>) -> Verdict {
        let is_under_way = one.at_latest.max(one.written) > self.now - UNDER_WAY;
        let is_young = self.rules.age.filter(|age| one.at_latest > self.before(age.approx()));
        let has_better = || self.good.iter().any(|index| self.candidates[*index].taken >= one.taken);
        let kept = match one.standing {
            Standing::NotUnderstood => Some(Reason::NotUnderstood),
            Standing::Tainted => Some(Reason::Tainted),
            _ if one.taken > self.now => Some(Reason::Future),
            Standing::Unfinished { .. } | Standing::Flawed | Standing::OnlyNotes if is_under_way => {
                Some(Reason::UnderWay)
            }
            Standing::Unfinished { has_files: false } => None,
            Standing::Unfinished { has_files: true } => (!has_better()).then_some(Reason::NothingBetter),
            Standing::OnlyNotes => is_young.map(Reason::Younger),
            Standing::Flawed => {
                is_young.map(Reason::Younger).or_else(|| (!has_better()).then_some(Reason::NothingBetter))
            }
            Standing::Verified | Standing::Present => {
                is_young.map(Reason::Younger).or_else(|| self.kept.get(&index).cloned())
            }
        };
        match (kept, one.standing, self.rules.age) {
            (Some(reason), ..) => Verdict::Kept(reason),
            (None, Standing::Unfinished { .. } | Standing::OnlyNotes, _) => Verdict::Goes(Why::Unfinished),
            (None, _, Some(age)) => Verdict::Goes(Why::Older(age)),
            (None, ..) => Verdict::Goes(Why::NoPeriod),
        }
    }
}
