//! Asks the probe of a component as the watch does, and holds what it tells against the vocabulary.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use lifeboat::plan::Plan;
use lifeboat::plan::facts::{self, Measure, Value, Verdict};
use lifeboat::plan::types::Component;
use lifeboat::reach::{Secrets, Settings};
use lifeboat::systems::{
    Answer, Contact, ContactError, Depth, FactList, Probe, Reading, Subject, contact, probe, take,
};
use lifeboat::text::{Redactor, Span, SystemClock};
use tokio_util::sync::CancellationToken;

/// The probes of the first component of a plan.
pub struct Asker {
    plan: Plan,
    settings: Settings,
    secrets: Secrets,
    vital: Box<dyn Probe>,
    rare: Box<dyn Probe>,
    /// Every fact that was told so far.
    pub told: BTreeSet<String>,
}

impl Asker {
    /// Of a plan that consists of these parts.
    #[track_caller]
    pub fn new(parts: &[String]) -> Asker {
        let folder = tempfile::tempdir().unwrap();
        let path = crate::systems::plan(folder.path(), parts);
        let loaded = lifeboat::plan::load(&path, &[]).unwrap();
        assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
        let plan = loaded.plan.unwrap();
        let settings = Settings { redactor: Redactor::new(), ..Settings::default() };
        let secrets = Secrets::new(&settings.redactor);
        let subject = Subject { component: &plan.component[0], plan: &plan };
        let (vital, rare) = (probe(subject), probe(subject));
        Asker { settings, secrets, vital, rare, plan, told: BTreeSet::new() }
    }

    fn component(&self) -> &Component {
        &self.plan.component[0]
    }

    /// What every interval asks.
    pub async fn vital(&mut self) -> Reading {
        let patience = self.component().deadline.unwrap_or(Span::from_secs(5));
        self.ask(Depth::Vital, patience).await
    }

    /// What every interval asks, given up after so long.
    pub async fn vital_within(&mut self, patience: Span) -> Reading {
        self.ask(Depth::Vital, patience).await
    }

    /// What is asked rarely.
    pub async fn rare(&mut self) -> Reading {
        self.ask(Depth::Rare, Span::from_secs(40)).await
    }

    /// What is asked before anything is watched.
    pub async fn contact(&self) -> Result<Answer, ContactError> {
        let with = Contact {
            secrets: &self.secrets,
            reach: &self.settings,
            clock: &SystemClock,
            stop: CancellationToken::new(),
            only_looks: false,
        };
        contact(self.component(), &with).await
    }

    async fn ask(&mut self, depth: Depth, patience: Span) -> Reading {
        let with = Contact {
            secrets: &self.secrets,
            reach: &self.settings,
            clock: &SystemClock,
            stop: CancellationToken::new(),
            only_looks: false,
        };
        let component = &self.plan.component[0];
        let probe = if depth == Depth::Vital { &mut self.vital } else { &mut self.rare };
        let reading = take(&mut **probe, component, depth, patience, &with).await;
        hold_against_the_vocabulary(component, depth, &reading);
        self.told.extend(reading.facts.iter().map(|(name, _)| name.to_owned()));
        reading
    }

    /// Asks until a reading is as it should be; fails when it never is.
    pub async fn until(&mut self, what: &str, is_so: impl Fn(&Reading) -> bool) -> Reading {
        let begun = Instant::now();
        loop {
            let reading = self.vital().await;
            if is_so(&reading) {
                return reading;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "never happened: {what}: {reading:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Every fact is one of the vocabulary, in its unit, and comes as often as that says.
#[track_caller]
fn hold_against_the_vocabulary(component: &Component, depth: Depth, reading: &Reading) {
    let kind = component.kind;
    let known = |name: &str| facts::find(kind, name).unwrap_or_else(|| panic!("{kind} has no fact {name}"));
    for (name, value) in reading.facts.iter() {
        let info = known(name);
        let fits = match (info.measure, value) {
            (Measure::Words(words), Value::Text(word)) => words.contains(&&**word),
            (Measure::Text, Value::Text(_))
            | (Measure::Count, Value::Count(_))
            | (Measure::PerSecond, Value::PerSecond(_))
            | (Measure::Share, Value::Share(_))
            | (Measure::Span, Value::Span(_))
            | (Measure::Size, Value::Size(_))
            | (Measure::Moment, Value::Moment(_))
            | (Measure::Flag, Value::Flag(_)) => true,
            _ => false,
        };
        assert!(fits, "{kind} {name} is {:?}, not {value:?}", info.measure);
        assert!(info.told_by.is_none(), "{name} is told by {:?}", info.told_by);
        // Damage that is come upon is told at once.
        let at_once = ["connection", "managed_by", "integrity"].contains(&name);
        assert!(at_once || info.rare == (depth == Depth::Rare), "{name} is told at {depth:?}");
    }
    for (name, _) in reading.facts.unseen() {
        known(name);
    }
    for reason in &reading.reasons {
        let sentence = &reason.sentence;
        assert!(!sentence.is_empty() && !sentence.ends_with('.') && !sentence.contains(char::is_control), "{reason:?}");
        if let Some(fact) = &reason.fact {
            known(fact);
        }
    }
    let worst = reading.reasons.first().map_or(Verdict::Healthy, |reason| reason.verdict);
    assert_eq!(reading.verdict, worst);
}

/// The facts of a kind that a probe should tell and that were not told.
pub fn never_told(kind: lifeboat::plan::types::Kind, told: &BTreeSet<String>) -> Vec<&'static str> {
    let all = facts::of_kind(kind).iter().filter(|info| info.told_by.is_none());
    all.map(|info| info.name).filter(|name| !told.contains(*name)).collect()
}

/// A fact as it is shown; empty where it is not known.
pub fn shown(reading: &Reading, name: &str) -> String {
    reading.fact(name).map(ToString::to_string).unwrap_or_default()
}

/// A fact that counts something.
#[track_caller]
pub fn count(reading: &Reading, name: &str) -> u64 {
    match reading.fact(name) {
        Some(Value::Count(count)) => *count,
        other => panic!("{name} is {other:?}: {reading:#?}"),
    }
}

/// Why a fact could not be seen; empty if it could.
pub fn hidden<'a>(reading: &'a Reading, name: &str) -> &'a str {
    reading.facts.unseen().find(|(fact, _)| *fact == name).map_or("", |(_, why)| why)
}

/// Whether one of the reasons says this.
pub fn says(reading: &Reading, words: &str) -> bool {
    reading.reasons.iter().any(|reason| reason.sentence.contains(words))
}

/// A list by its title.
#[track_caller]
pub fn list<'a>(reading: &'a Reading, title: &str) -> &'a FactList {
    let found = reading.facts.lists().iter().find(|list| list.title == title);
    found.unwrap_or_else(|| panic!("there is no list {title}: {reading:#?}"))
}
