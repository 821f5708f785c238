//! Asks the probe of a component as the watch does, and holds what it tells against the vocabulary.

use std::sync::Arc;
use std::time::Duration;

use lifeboat::plan::Plan;
use lifeboat::plan::facts::{self, Measure, Value, Verdict};
use lifeboat::plan::types::Component;
use lifeboat::reach::{Secrets, Settings};
use lifeboat::systems::{Answer, Contact, ContactError, Depth, Probe, Reading, Subject, contact, probe, take};
use lifeboat::text::{Clock, Redactor, Span, SystemClock};
use tokio_util::sync::CancellationToken;

/// The probe of the first component of a plan, with what it needs.
pub struct Asker {
    pub plan: Plan,
    pub settings: Settings,
    pub clock: Arc<dyn Clock>,
    /// Whether nothing may be changed.
    pub only_looks: bool,
    secrets: Secrets,
    vital: Box<dyn Probe>,
    rare: Box<dyn Probe>,
}

impl Asker {
    /// Of a plan that consists of these parts.
    #[track_caller]
    pub fn new(parts: &[String]) -> Asker {
        let folder = tempfile::tempdir().unwrap();
        let path = super::plan(folder.path(), parts);
        let loaded = lifeboat::plan::load(&path, &[]).unwrap();
        assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
        let plan = loaded.plan.unwrap();
        let settings = Settings { redactor: Redactor::new(), ..Settings::default() };
        let secrets = Secrets::new(&settings.redactor).deadline(Duration::from_secs(4));
        let subject = Subject { component: &plan.component[0], plan: &plan };
        let (vital, rare) = (probe(subject), probe(subject));
        Asker { settings, secrets, vital, rare, clock: Arc::new(SystemClock), only_looks: false, plan }
    }

    /// Of one component.
    #[track_caller]
    pub fn of(name: &str, kind: &str, address: &str, more: &str) -> Asker {
        Asker::new(&[super::component(name, kind, address, more)])
    }

    fn component(&self) -> &Component {
        &self.plan.component[0]
    }

    /// What every interval asks.
    pub async fn vital(&mut self) -> Reading {
        let patience = self.component().deadline.unwrap_or(Span::from_secs(5));
        self.ask(Depth::Vital, patience).await
    }

    /// What is asked rarely.
    pub async fn rare(&mut self) -> Reading {
        self.ask(Depth::Rare, Span::from_secs(20)).await
    }

    /// Whether it is there and who it is, as a plan that is checked asks.
    pub async fn contact(&self) -> Result<Answer, ContactError> {
        contact(self.component(), &self.with()).await
    }

    fn with(&self) -> Contact<'_> {
        Contact {
            secrets: &self.secrets,
            reach: &self.settings,
            clock: &*self.clock,
            stop: CancellationToken::new(),
            only_looks: self.only_looks,
        }
    }

    async fn ask(&mut self, depth: Depth, patience: Span) -> Reading {
        let component = &self.plan.component[0];
        let with = Contact {
            secrets: &self.secrets,
            reach: &self.settings,
            clock: &*self.clock,
            stop: CancellationToken::new(),
            only_looks: self.only_looks,
        };
        let probe = if depth == Depth::Vital { &mut self.vital } else { &mut self.rare };
        let reading = take(&mut **probe, component, depth, patience, &with).await;
        hold_against_the_vocabulary(component, depth, &reading);
        reading
    }

    /// Asks until a reading is as it should be; fails when it never is.
    pub async fn until(&mut self, what: &str, is_so: impl Fn(&Reading) -> bool) -> Reading {
        let begun = std::time::Instant::now();
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
    for (name, value) in reading.facts.iter() {
        let info = facts::find(component.kind, name);
        let info = info.unwrap_or_else(|| panic!("{} has no fact {name}", component.kind));
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
        assert!(fits, "{} {name} is {:?}, not {value:?}", component.kind, info.measure);
        let rarely = depth == Depth::Rare;
        assert!(info.rare == rarely || name == "managed_by" || name == "connection", "{name} is told at {depth:?}");
        assert!(info.told_by.is_none(), "{name} is told by {:?}", info.told_by);
    }
    for (name, _) in reading.facts.unseen() {
        assert!(facts::find(component.kind, name).is_some(), "{} has no fact {name}", component.kind);
    }
    for reason in &reading.reasons {
        let is_sentence = !reason.sentence.ends_with('.') || reason.sentence.ends_with("...");
        assert!(!reason.sentence.is_empty() && is_sentence, "{reason:?}");
        assert!(!reason.sentence.chars().any(char::is_control), "{reason:?}");
        if let Some(fact) = &reason.fact {
            assert!(facts::find(component.kind, fact).is_some(), "{} has no fact {fact}", component.kind);
        }
    }
    let worst = reading.reasons.first().map_or(Verdict::Healthy, |reason| reason.verdict);
    assert_eq!(reading.verdict, worst);
}

/// A fact as it is shown; empty where it is not known.
pub fn shown(reading: &Reading, name: &str) -> String {
    reading.fact(name).map(ToString::to_string).unwrap_or_default()
}
