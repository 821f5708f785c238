//! Every trigger of documents 003 and 004 is a condition on a fact, and fires when the fact is so.

use std::path::Path;

use lifeboat::plan::facts::{self, Value};
use lifeboat::plan::{Condition, FactValue, Plan, load, subject_matches};
use lifeboat::watch::{Trigger, Truth};

use super::made_up::{Told, at};
use lifeboat::plan::facts::Verdict::{Down, Healthy};

/// What the documents say, the plan, the scenario, and the condition that stands for it there.
const TRIGGERS: &[(&str, &str, &str, &str)] = &[
    ("Automated integrity check fails", ORCHESTRATOR, "database-corruption", "postgres.integrity == failed"),
    (
        "Application reports database errors",
        ORCHESTRATOR,
        "database-corruption",
        "application.database_errors > 0 for 1min",
    ),
    ("High number of constraint violations", ORCHESTRATOR, "database-corruption", "postgres.constraint_violations > 0"),
    ("Data consistency check fails", ORCHESTRATOR, "database-corruption", "postgres.consistency == failed"),
    ("Redis connection timeouts", ORCHESTRATOR, "redis-failure", "redis.connection == timeout for 1min"),
    ("Cache miss rate spike (>50%)", ORCHESTRATOR, "redis-failure", "redis.miss_rate > 50%"),
    ("Memory errors", ORCHESTRATOR, "redis-failure", "redis.memory_errors > 0"),
    ("Persistence file corruption", ORCHESTRATOR, "redis-failure", "redis.persistence == damaged"),
    ("Queue definitions missing", ORCHESTRATOR, "rabbitmq-queue-loss", "rabbitmq.definitions == missing"),
    ("Consumer lag increases dramatically", ORCHESTRATOR, "rabbitmq-queue-loss", "rabbitmq.consumer_lag > 5min"),
    ("Publisher errors (no route)", ORCHESTRATOR, "rabbitmq-queue-loss", "rabbitmq.no_route > 0"),
    ("Message loss detected", ORCHESTRATOR, "rabbitmq-queue-loss", "rabbitmq.messages_lost > 0"),
    ("Multiple health checks fail", ORCHESTRATOR, "application-node-failure", "any of app-*.verdict == down for 1min"),
    (
        "Node unreachable (ping fails)",
        ORCHESTRATOR,
        "application-node-failure",
        "any of node-*.ping == failed for 1min",
    ),
    ("All services on node down", ORCHESTRATOR, "application-node-failure", "any of node-*.services == down"),
    (
        "Container runtime failure",
        ORCHESTRATOR,
        "application-node-failure",
        "any of node-*.container_runtime == failed",
    ),
    ("Multiple nodes unreachable", ORCHESTRATOR, "data-center-failure", "at least 2 of node-*.ping == failed for 5min"),
    ("Network partition detected", ORCHESTRATOR, "data-center-failure", "network.partition == detected"),
    ("All services failing", ORCHESTRATOR, "data-center-failure", "all of app-*.verdict == down for 5min"),
    ("Regional outage confirmed", ORCHESTRATOR, "data-center-failure", "primary.region == lost"),
    ("Primary site unavailable >5min", FRAMEWORK, "region-failure", "primary.verdict == down for 5min"),
    ("Data loss >10%", FRAMEWORK, "region-failure", "memory-store.data_loss > 10%"),
    ("Manual: SRE approval", FRAMEWORK, "region-failure", "manual by sre"),
];

const ORCHESTRATOR: &str = "assets/plans/agent-orchestrator";
const FRAMEWORK: &str = "assets/plans/agent-framework.toml";

fn shipped(path: &str) -> Plan {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path), &[]).unwrap().plan.unwrap()
}

#[test]
fn every_trigger_of_the_documents_is_a_condition_of_its_plan() {
    for (phrase, path, scenario, condition) in TRIGGERS {
        let plan = shipped(path);
        let scenario = plan.scenario.iter().find(|known| known.name == *scenario).unwrap();
        assert!(scenario.triggers.iter().any(|trigger| trigger.to_string() == *condition), "{phrase}: {condition}");
    }
    let of = |path: &str, scenarios: &[&str]| -> usize {
        let plan = shipped(path);
        plan.scenario
            .iter()
            .filter(|known| scenarios.contains(&known.name.as_str()))
            .map(|known| known.triggers.len())
            .sum()
    };
    let five = [
        "database-corruption",
        "redis-failure",
        "rabbitmq-queue-loss",
        "application-node-failure",
        "data-center-failure",
    ];
    assert_eq!(of(ORCHESTRATOR, &five) + of(FRAMEWORK, &["region-failure"]), TRIGGERS.len());
}

#[test]
fn every_fact_of_a_shipped_trigger_is_in_the_vocabulary() {
    for path in [ORCHESTRATOR, FRAMEWORK, "assets/plans/agent-factory.toml", "assets/plans/starter.toml"] {
        let plan = shipped(path);
        for trigger in plan.scenario.iter().flat_map(|scenario| &scenario.triggers) {
            let Condition::Fact { fact, .. } = trigger else { continue };
            let of_components =
                plan.component.iter().filter(|component| subject_matches(&fact.subject, &component.name));
            let mut known = of_components.map(|component| facts::find(component.kind, &fact.fact).is_some());
            let of_site = plan.site.iter().any(|site| site.name == fact.subject)
                && facts::SITE.iter().any(|info| info.name == fact.fact);
            let of_data = plan.data.iter().any(|data| data.name == fact.subject)
                && facts::DATA.iter().any(|info| info.name == fact.fact);
            assert!(of_site || of_data || known.any(|known| known), "{path}: {trigger}");
        }
    }
}

/// The fact of every subject is made so that the condition holds; then it must fire, when its time has come.
#[test]
fn every_trigger_on_a_components_fact_fires_when_the_fact_is_so() {
    let mut tried = 0;
    for (phrase, path, _, text) in TRIGGERS {
        let Ok(Condition::Fact { fact, value, held, .. }) = text.parse::<Condition>() else { continue };
        let plan = shipped(path);
        let subjects: Vec<_> = plan.component.iter().filter(|component| fact.matches(&component.name)).collect();
        if subjects.is_empty() || fact.fact == "partition" {
            continue;
        }
        let lines = subjects.iter().map(|it| format!("[[component]]\nname = '{}'\nkind = '{}'\n", it.name, it.kind));
        // What runs on a machine is told by those that run there.
        let is_of_others = fact.fact == "services";
        let others: Vec<String> =
            subjects.iter().map(|it| format!("on-{}", it.name)).filter(|_| is_of_others).collect();
        let more = others
            .iter()
            .zip(&subjects)
            .map(|(name, it)| format!("[[component]]\nname = '{name}'\nkind = 'http'\nneeds = ['{}']\n", it.name));
        let lines = lines.chain(more);
        let mut told =
            Told::new(&format!("{}[[scenario]]\nname = 's'\ntriggers = ['{text}']\n", lines.collect::<String>()));
        let wait = held.map_or(0, |held| i64::try_from(held.approx().as_secs()).unwrap());
        let state = |told: &Told| -> (Truth, bool) {
            let trigger: &Trigger = &told.0.triggers()[0];
            (trigger.truth, trigger.fired)
        };
        told.0.settle(at(0));
        assert_eq!(state(&told), (Truth::Unknown, false), "{phrase}: nothing is known yet");
        let (verdict, facts) = match fact.fact.as_str() {
            "verdict" => (Down, Vec::new()),
            "services" => (Healthy, Vec::new()),
            name => (Healthy, vec![(&*name.to_owned().leak(), made_so(&value))]),
        };
        let tell = |told: &mut Told, second: i64| {
            for subject in &subjects {
                told.hears(&subject.name, second, verdict, &facts);
            }
            for other in &others {
                told.hears(other, second, Down, &[]);
            }
            told.0.settle(at(second));
        };
        tell(&mut told, 1);
        assert_eq!(state(&told), (Truth::Holds, wait == 0), "{phrase}");
        assert!(told.0.triggers()[0].evidence.iter().all(|fact| fact.value.is_some()), "{phrase}");
        tell(&mut told, wait);
        assert_eq!(state(&told).1, wait == 0, "{phrase}: a second too early");
        tell(&mut told, 1 + wait);
        assert!(state(&told).1, "{phrase}");
        tried += 1;
    }
    assert_eq!(tried, 19);
}

fn made_so(value: &FactValue) -> Value {
    use lifeboat::plan::types::Limit;
    match value {
        FactValue::Word(word) => Value::Text(word.clone().into()),
        FactValue::Amount(Limit::Percent(percent)) => Value::Share(percent.0 + 1.0),
        FactValue::Amount(Limit::Span(span)) => Value::Span(*span + lifeboat::text::Span::from_secs(1)),
        FactValue::Amount(Limit::Size(size)) => Value::Size(lifeboat::text::Size(size.0 + 1)),
        FactValue::Amount(Limit::Number(number)) => Value::PerSecond(number + 1.0),
    }
}

#[test]
fn a_break_begins_the_waiting_anew() {
    let mut told = Told::new(
        "[[component]]\nname = 'db'\nkind = 'postgres'\nconfirm = 1\n\
         [[scenario]]\nname = 's'\ntriggers = ['db.verdict == down for 1min']\n",
    );
    let fired = |told: &mut Told, second: i64, verdict| {
        told.hears("db", second, verdict, &[]);
        told.0.settle(at(second));
        told.0.triggers()[0].fired
    };
    assert!(!fired(&mut told, 0, Down));
    assert!(!fired(&mut told, 50, Healthy));
    assert!(!fired(&mut told, 55, Down));
    assert!(!fired(&mut told, 100, Down));
    assert!(fired(&mut told, 115, Down));
    assert!(!fired(&mut told, 120, Healthy));
}

#[test]
fn silence_that_may_be_our_own_fires_nothing() {
    let mut told = Told::new(
        "[[component]]\nname = 'cache'\nkind = 'redis'\n[[component]]\nname = 'db'\nkind = 'postgres'\n\
         [[scenario]]\nname = 's'\ntriggers = ['cache.connection == timeout']\n",
    );
    told.stays_silent("cache", 0);
    told.stays_silent("db", 0);
    told.0.settle(at(1));
    assert_eq!((told.0.triggers()[0].truth, told.0.triggers()[0].fired), (Truth::Unknown, false));
    told.hears("db", 2, Healthy, &[]);
    told.0.settle(at(3));
    assert!(told.0.triggers()[0].fired);
}

#[test]
fn a_lost_answer_halts_the_waiting_and_a_long_silence_ends_it() {
    let mut told = Told::new(
        "[[component]]\nname = 'cache'\nkind = 'redis'\nevery = '10s'\ndeadline = '5s'\n\
         [[scenario]]\nname = 's'\ntriggers = ['cache.miss_rate > 50% for 1min']\n",
    );
    let look = |told: &mut Told, second: i64, share: Option<f64>| {
        let fact = share.map(|share| ("miss_rate", Value::Share(share)));
        told.hears("cache", second, Healthy, fact.as_slice());
        told.0.settle(at(second));
        (told.0.triggers()[0].since.is_some(), told.0.triggers()[0].fired)
    };
    assert_eq!(look(&mut told, 0, Some(80.0)), (true, false));
    assert_eq!(look(&mut told, 30, None), (true, false));
    assert_eq!(look(&mut told, 50, Some(80.0)), (true, false));
    assert_eq!(look(&mut told, 79, Some(80.0)), (true, false), "twenty seconds were lost");
    assert_eq!(look(&mut told, 80, Some(80.0)), (true, true));
    assert_eq!(look(&mut told, 90, None), (true, true));
    assert_eq!(look(&mut told, 125, None), (true, true));
    assert_eq!(look(&mut told, 126, None), (false, false));
    assert_eq!(look(&mut told, 127, Some(80.0)), (true, false));
    assert_eq!(look(&mut told, 128, Some(20.0)), (false, false));
}
