//! What is known of one component now.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::jumps::moved;
use super::{History, Steady};
use crate::plan::facts::{self, Value, Verdict};
use crate::plan::types::Component;
use crate::systems::{Reading, Reason};
use crate::text::Span;

/// How often a component is asked, if the plan does not say.
const EVERY: Span = Span::from_secs(10);
/// How often what is costly is asked, if the plan does not say.
const RARELY: Span = Span::from_mins(5);
/// How long an answer may take, if the plan does not say.
const DEADLINE: Span = Span::from_secs(5);
/// How many readings in a row change a verdict, if the plan does not say.
const CONFIRM: u32 = 2;

/// What is known of one component now.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What the answers of every interval come to, after hysteresis.
    pub steady: Steady,
    /// The last of these answers.
    pub latest: Option<Arc<Reading>>,
    /// The last answer to what is asked rarely.
    pub rare: Option<Arc<Reading>>,
    /// Since when the rare answers have come to the same.
    pub rare_since: Option<DateTime<Utc>>,
    /// Why the last rare question had no answer, if it had none.
    pub rare_trouble: Option<String>,
    /// Since when an answer is awaited.
    pub asking_since: Option<DateTime<Utc>>,
    /// Since when it has said nothing, whenever it was asked.
    pub silent_since: Option<DateTime<Utc>>,
    /// When it was last known to be well.
    pub last_well: Option<DateTime<Utc>>,
    /// The last answers.
    pub history: History,
    /// What other vantage points see.
    pub elsewhere: Vec<Elsewhere>,
    /// Vantage points that are to tell of it and have not yet.
    pub awaits: Vec<Arc<str>>,
}

/// What another vantage point sees.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// Its name in the plan.
    pub vantage: Arc<str>,
    /// What it was told last.
    pub reading: Arc<Reading>,
    /// Since when its verdict has been so.
    pub since: DateTime<Utc>,
}

impl Default for Seen {
    fn default() -> Seen {
        Seen {
            steady: Steady::NEW,
            latest: None,
            rare: None,
            rare_since: None,
            rare_trouble: None,
            asking_since: None,
            silent_since: None,
            last_well: None,
            history: History::default(),
            elsewhere: Vec::new(),
            awaits: Vec::new(),
        }
    }
}

impl Seen {
    /// Moves with the wall clock, which has jumped.
    pub(super) fn clock_jumped(&mut self, by: TimeDelta) {
        self.steady.clock_jumped(by);
        self.history.clock_jumped(by);
        let moments = [&mut self.rare_since, &mut self.asking_since, &mut self.silent_since, &mut self.last_well];
        for moment in moments.into_iter().flatten() {
            *moment = moved(*moment, by);
        }
        for other in &mut self.elsewhere {
            other.since = moved(other.since, by);
        }
        let others = self.elsewhere.iter_mut().map(|other| &mut other.reading);
        for reading in self.latest.iter_mut().chain(&mut self.rare).chain(others).map(Arc::make_mut) {
            reading.asked = moved(reading.asked, by);
            reading.answered = moved(reading.answered, by);
        }
    }

    /// The verdict that is told.
    pub fn verdict(&self) -> Verdict {
        self.with_rare(self.steady.verdict())
    }

    /// Since when it is so, as far as is known.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        if self.verdict() == self.steady.verdict() { self.steady.since() } else { self.rare_since }
    }

    /// The verdict of the last answers by themselves; nothing before the first one.
    pub fn raw(&self) -> Option<Verdict> {
        self.latest.as_ref().map(|latest| self.with_rare(latest.verdict))
    }

    /// What is asked rarely can make a verdict worse, never better; of who cannot be reached now it tells nothing.
    fn with_rare(&self, verdict: Verdict) -> Verdict {
        let rare = self.rare.as_ref().filter(|_| verdict != Verdict::Unknown);
        rare.map_or(verdict, |rare| verdict.max(rare.verdict))
    }

    /// A fact, wherever it was learnt.
    pub fn fact(&self, name: &str) -> Option<&Value> {
        self.latest.iter().chain(&self.rare).find_map(|reading| reading.fact(name))
    }

    /// Why it is not well, the worst first.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        let mut reasons: Vec<&Reason> = self.latest.iter().chain(&self.rare).flat_map(|it| &it.reasons).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.verdict));
        reasons.into_iter()
    }

    /// The fact that says most about a component of its kind, with its title.
    pub fn key_fact(&self, component: &Component) -> Option<(&'static str, &Value)> {
        let leads = self.fact("role") == Some(&Value::word("primary"));
        // Whoever leads is behind nobody; that its standbys keep up is no news.
        let is_news = |value: &&Value| !(leads && matches!(value, Value::Span(span) if span.is_zero()));
        let known =
            |name: &&'static str| Some((facts::find(component.kind, name)?.title, self.fact(name).filter(is_news)?));
        facts::key_facts(component.kind).iter().find_map(known)
    }

    /// Whether the last answer is older than it should be.
    pub fn is_stale(&self, component: &Component, now: DateTime<Utc>) -> bool {
        self.latest.as_ref().is_some_and(|latest| is_too_old(latest, component, now))
    }

    /// Whether what another vantage point saw is older than it should be.
    pub(super) fn has_old_sights(&self, component: &Component, now: DateTime<Utc>) -> bool {
        self.elsewhere.iter().any(|other| is_too_old(&other.reading, component, now))
    }

    /// Lets go of what other vantage points saw too long ago.
    pub(super) fn drop_old_sights(&mut self, component: &Component, now: DateTime<Utc>) {
        self.elsewhere.retain(|other| !is_too_old(&other.reading, component, now));
    }
}

fn is_too_old(reading: &Reading, component: &Component, now: DateTime<Utc>) -> bool {
    Span::between(reading.answered, now) > lasting(component)
}

/// For how long an answer of it is good.
pub(super) fn lasting(component: &Component) -> Span {
    every(component).times(3) + deadline(component)
}

/// For how long an answer is good of which the plan does not say how often it is asked for.
pub(super) fn usually_lasting() -> Span {
    EVERY.times(3) + DEADLINE
}

/// How often what costs it something is asked.
pub fn costly(component: &Component) -> Span {
    component.costly_every.filter(|every| !every.is_zero()).unwrap_or(RARELY)
}

/// How often a component is asked.
pub fn every(component: &Component) -> Span {
    component.every.filter(|every| !every.is_zero()).unwrap_or(EVERY)
}

/// How long its answer may take.
pub fn deadline(component: &Component) -> Span {
    component.deadline.filter(|deadline| !deadline.is_zero()).unwrap_or(DEADLINE)
}

/// How many of its readings in a row change its verdict.
pub fn confirm(component: &Component) -> u32 {
    component.confirm.unwrap_or(CONFIRM).max(1)
}
