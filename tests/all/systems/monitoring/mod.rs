//! What watches: Prometheus and Alertmanager as Debian packages them, Elasticsearch and Grafana by recorded answers.

mod proof;
mod recorded;
mod watchers;

use lifeboat::plan::facts::Value;
use lifeboat::systems::Reading;

fn count(reading: &Reading, name: &str) -> Option<u64> {
    match reading.fact(name) {
        Some(Value::Count(count)) => Some(*count),
        _ => None,
    }
}

fn rows<'r>(reading: &'r Reading, title: &str) -> &'r [Vec<String>] {
    reading.facts.lists().iter().find(|list| list.title == title).map_or(&[], |list| &list.rows)
}
