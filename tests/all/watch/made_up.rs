//! A picture made of made-up readings, second by second.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use lifeboat::plan::facts::{Value, Verdict};
use lifeboat::plan::source::File;
use lifeboat::plan::{Plan, assemble};
use lifeboat::systems::{Depth, Facts, Reading, Reason};
use lifeboat::text::Span;
use lifeboat::watch::{Change, Picture, Update};

/// A plan of a few lines.
pub fn plan(rest: &str) -> Arc<Plan> {
    let text = format!("[platform]\nname = 'p'\n{rest}");
    let loaded = assemble(vec![File { path: "plan.toml".into(), text }], Vec::new());
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
    Arc::new(loaded.plan.unwrap())
}

/// The moment so many seconds after the beginning.
pub fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap() + TimeDelta::seconds(second)
}

/// A picture that is told things.
pub struct Told(pub Picture);

impl Told {
    pub fn new(rest: &str) -> Told {
        Told(Picture::new(plan(rest)))
    }

    fn index(&self, name: &str) -> usize {
        self.0.plan().component.iter().position(|component| component.name == name).unwrap()
    }

    /// A component tells this.
    pub fn hears(
        &mut self,
        name: &str,
        second: i64,
        verdict: Verdict,
        facts: &[(&'static str, Value)],
    ) -> Option<Change> {
        let reading = Arc::new(reading(second, verdict, facts));
        self.0.apply(Update::Answered { component: self.index(name), depth: Depth::Vital, reading })
    }

    /// A component tells this when asked rarely.
    pub fn hears_rarely(
        &mut self,
        name: &str,
        second: i64,
        verdict: Verdict,
        facts: &[(&'static str, Value)],
    ) -> Option<Change> {
        let reading = Arc::new(reading(second, verdict, facts));
        self.0.apply(Update::Answered { component: self.index(name), depth: Depth::Rare, reading })
    }

    /// A component cannot be asked what is asked rarely.
    pub fn refuses_rarely(&mut self, name: &str, second: i64) -> Option<Change> {
        let mut reading = reading(second, Verdict::Down, &[("connection", Value::word("refused"))]);
        reading.identity.clear();
        self.0.apply(Update::Answered { component: self.index(name), depth: Depth::Rare, reading: Arc::new(reading) })
    }

    /// A component does not answer.
    pub fn hears_nothing(&mut self, name: &str, second: i64) -> Option<Change> {
        self.hears(name, second, Verdict::Unknown, &[("connection", Value::word("timeout"))])
    }

    /// A component does not answer, as often as it takes to believe it.
    pub fn stays_silent(&mut self, name: &str, second: i64) {
        self.hears_nothing(name, second);
        self.hears_nothing(name, second);
    }

    /// Another vantage point is told this.
    pub fn elsewhere(&mut self, name: &str, vantage: &str, second: i64, verdict: Verdict) {
        let word = if verdict == Verdict::Unknown { "timeout" } else { "open" };
        let reading = Arc::new(reading(second, verdict, &[("connection", Value::word(word))]));
        let component = self.index(name);
        self.0.apply(Update::Elsewhere { component, vantage: vantage.into(), reading });
    }

    /// What the picture says of a component.
    pub fn verdict(&self, name: &str) -> Verdict {
        self.0.seen(self.index(name)).verdict()
    }

    pub fn why(&self, name: &str, second: i64) -> Vec<String> {
        self.0.why(self.index(name), at(second))
    }
}

fn reading(second: i64, verdict: Verdict, known: &[(&'static str, Value)]) -> Reading {
    let mut facts = Facts::default();
    for (name, value) in known {
        facts.set(*name, value.clone());
    }
    let reasons = if verdict == Verdict::Healthy { Vec::new() } else { vec![Reason::new(verdict, "it says so")] };
    let took = Span::from_millis(3);
    Reading { verdict, reasons, identity: "made up".to_owned(), facts, asked: at(second), answered: at(second), took }
}
