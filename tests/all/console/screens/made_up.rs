//! A made-up desk: every verdict, an old answer, one awaited, one in doubt, vantage points that disagree, and names
//! that would steer a terminal.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use lifeboat::desk::{Bastion, Desk, Entry, Record};
use lifeboat::plan::facts::Verdict::{Degraded, Down, Healthy, Unknown};
use lifeboat::plan::facts::{Value, Verdict};
use lifeboat::plan::source::File;
use lifeboat::plan::{Plan, assemble};
use lifeboat::systems::{Depth, Facts, Reading, Reason};
use lifeboat::text::{Size, Span};
use lifeboat::watch::Update;

/// Three in the morning.
pub fn now() -> DateTime<Utc> {
    "2023-11-15T02:12:05Z".parse().unwrap()
}

pub fn plan() -> Arc<Plan> {
    read(include_str!("plan.toml"))
}

pub fn read(text: &str) -> Arc<Plan> {
    let loaded = assemble(vec![File { path: "plan.toml".into(), text: text.to_owned() }], Vec::new());
    assert!(loaded.findings.is_empty(), "{:#?}", loaded.findings);
    Arc::new(loaded.plan.unwrap())
}

/// The desk at three in the morning.
pub fn desk() -> Desk {
    let mut told = Told { desk: Desk::new(plan(), now()) };
    told.postgres();
    told.others();
    told.desk.picture.settle(now());
    told.desk.events = events().into();
    told.desk.record = Record { events: 1234, trouble: None, is_ours: true, recorded_by: None };
    told.desk.bastion = Some(Arc::new(Bastion { checks: 14, failed: vec!["programs pg_restore: missing".to_owned()] }));
    told.desk
}

/// The same plan before anybody was asked.
pub fn empty() -> Desk {
    Desk::new(plan(), now())
}

/// Everything is well.
pub fn well() -> Desk {
    let mut told = Told { desk: Desk::new(plan(), now()) };
    for component in &plan().component {
        told.hears(&component.name, 4, Healthy, &[], "");
    }
    told.desk.picture.settle(now());
    told.desk
}

/// Everything was well until redis refused, twenty seconds ago.
pub fn falling() -> Desk {
    let mut told = Told { desk: well() };
    for ago in [30, 25] {
        told.hears("redis", ago, Down, &[("connection", Value::word("refused"))], "the server refused the connection");
    }
    told.desk.picture.settle(now() - TimeDelta::seconds(20));
    told.desk
}

/// Nobody answers.
pub fn alone() -> Desk {
    let mut told = Told { desk: Desk::new(plan(), now()) };
    for component in &plan().component {
        told.hears(&component.name, 3, Unknown, &[("connection", Value::word("timeout"))], "no answer within 3s");
    }
    told.desk.picture.settle(now());
    told.desk
}

/// A desk that is told things; moments are seconds before now.
struct Told {
    desk: Desk,
}

impl Told {
    fn index(&self, name: &str) -> usize {
        self.desk.plan.component.iter().position(|component| component.name.starts_with(name)).unwrap()
    }

    fn hears(&mut self, name: &str, ago: i64, verdict: Verdict, facts: &[(&'static str, Value)], why: &str) {
        let reading = Arc::new(reading(ago, verdict, facts, why));
        self.desk.picture.apply(Update::Answered { component: self.index(name), depth: Depth::Vital, reading });
    }

    fn postgres(&mut self) {
        let component = self.index("postgres");
        for ago in (5..=120).rev().filter(|ago| ago % 5 == 0) {
            let slow = u64::try_from(ago % 45).unwrap();
            let mut reading = reading(ago, Degraded, &postgres_facts(slow), "it is behind for 45s, more than 30s");
            reading.reasons[0].fact = Some("replication_lag".to_owned());
            reading.identity = String::from("PostgreSQL 15.18");
            reading.took = Span::from_millis(3 + slow * 2);
            reading.facts.hide("archiving", "permission denied for pg_stat_archiver");
            reading.facts.list(
                "Standbys",
                &["Name", "State", "Behind by"],
                vec![
                    vec!["postgres-dr".to_owned(), "streaming".to_owned(), "45s".to_owned()],
                    vec!["evil\x1b[2J".to_owned(), "catchup".to_owned(), "2h".to_owned()],
                ],
            );
            self.desk.picture.apply(Update::Answered { component, depth: Depth::Vital, reading: Arc::new(reading) });
        }
        let rare = [("size", Value::Size(Size(84_000_000_000))), ("integrity", Value::word("passed"))];
        let reading = Arc::new(reading(900, Healthy, &rare, ""));
        self.desk.picture.apply(Update::Answered { component, depth: Depth::Rare, reading });
    }

    fn others(&mut self) {
        let silent = [("connection", Value::word("timeout"))];
        let refused = [("connection", Value::word("refused"))];
        for ago in [700, 400, 10, 5] {
            self.hears("redis", ago, Down, &refused, "the server refused the connection to 10.0.0.6:6379");
        }
        let busy = [("messages", Value::Count(12_345)), ("nodes", Value::Count(3))];
        self.hears("rabbitmq", 60, Healthy, &busy, "");
        self.hears("rabbitmq", 5, Down, &refused, "the management API refused the connection");
        self.hears("application", 5, Healthy, &[("status", Value::Count(200))], "");
        self.hears("node-1", 5, Unknown, &silent, "no answer within 3s");
        let standby = [("role", Value::word("standby")), ("replication_lag", Value::Span(Span::from_secs(45)))];
        self.hears("postgres-dr", 100, Healthy, &standby, "");
        self.hears("redis-dr", 4, Healthy, &[("keys", Value::Count(1_000_000)), ("role", Value::word("replica"))], "");
        self.hears("certificate", 5, Degraded, &[("left", Value::Span(Span::from_days(12)))], "it ends in 12d");
        self.hears("www", 2, Healthy, &[("site", Value::word("primary"))], "");
        self.hears("a-name", 5, Healthy, &[("latency", Value::Span(Span::from_millis(12)))], "");
        let nasty = "it said \u{1b}[2J\u{202e}drowssap";
        self.hears("evil", 5, Down, &refused, nasty);
        self.desk.picture.apply(Update::Asked { component: self.index("backups"), at: now() });
        let reading = Arc::new(reading(7, Healthy, &[("connection", Value::word("open"))], ""));
        let component = self.index("node-1");
        self.desk.picture.apply(Update::Elsewhere { component, vantage: "dr-bastion".into(), reading });
        for _ in 0..2 {
            self.desk.picture.settle(now() - TimeDelta::seconds(90));
        }
    }
}

fn postgres_facts(connections: u64) -> [(&'static str, Value); 8] {
    [
        ("role", Value::word("primary")),
        ("version", Value::word("15.18")),
        ("connection", Value::word("open")),
        ("connections", Value::Share(45.0 + connections as f64)),
        ("replication_lag", Value::Span(Span::from_secs(45))),
        ("transactions", Value::PerSecond(312.0)),
        ("started", Value::Moment(now() - TimeDelta::days(3))),
        ("longest_transaction", Value::Span(Span::from_secs(2))),
    ]
}

fn reading(ago: i64, verdict: Verdict, known: &[(&'static str, Value)], why: &str) -> Reading {
    let mut facts = Facts::default();
    for (name, value) in known {
        facts.set(*name, value.clone());
    }
    let reasons = if verdict == Healthy { Vec::new() } else { vec![Reason::new(verdict, why)] };
    let at = now() - TimeDelta::seconds(ago);
    let took = if verdict == Unknown { Span::from_secs(3) } else { Span::from_millis(4) };
    Reading { verdict, reasons, identity: String::new(), facts, asked: at, answered: at, took }
}

fn events() -> Vec<Entry> {
    let entry = |ago: i64, seq: u64, kind: &str, subject: &str, summary: &str| Entry {
        verdict: summary.split([',', ':']).next().and_then(Verdict::of_word),
        at: now() - TimeDelta::seconds(ago),
        writer: "bastion-1".to_owned(),
        seq,
        actor: "ops (uid 1000)".to_owned(),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        summary: summary.to_owned(),
    };
    vec![
        entry(90_000, 1, "journal.opened", "", "segment 1"),
        entry(80_000, 2, "watch.verdict", "postgres", "healthy"),
        entry(4_000, 3, "journal.clock-jumped", "", "by 4s"),
        entry(
            700,
            4,
            "watch.verdict",
            "redis",
            "down, was healthy: the server refused the connection to 10.0.0.6:6379",
        ),
        entry(120, 5, "watch.verdict", "postgres", "degraded, was healthy: it is behind for 45s, more than 30s"),
        entry(65, 6, "watch.verdict", "node-1", "unknown, was healthy: no answer within 3s"),
    ]
}
