//! Elasticsearch: the health of the cluster, the indexes that the plan counts on, and the last snapshot.

use chrono::DateTime;
use serde::Deserialize;

use super::{LISTED, part, tell};
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::ClusterSettings;
use crate::systems::contact::Contact;
use crate::systems::files::fits;
use crate::systems::http::Web;
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::systems::trouble::ContactError;
use crate::text::{Shape, untrusted};

#[derive(Deserialize)]
struct Root {
    version: Version,
}

#[derive(Deserialize)]
struct Version {
    number: String,
}

#[derive(Deserialize)]
struct Health {
    cluster_name: String,
    status: String,
    number_of_nodes: u64,
    unassigned_shards: u64,
}

#[derive(Deserialize)]
struct Allocation {
    node: String,
    #[serde(rename = "disk.percent")]
    percent: Option<String>,
}

#[derive(Deserialize)]
struct Index {
    #[serde(rename = "index")]
    name: String,
    health: Option<String>,
    status: Option<String>,
}

#[derive(Deserialize)]
struct Snapshots {
    #[serde(default)]
    snapshots: Vec<Snapshot>,
}

#[derive(Deserialize)]
struct Snapshot {
    #[serde(rename = "snapshot")]
    name: String,
    state: String,
    #[serde(default)]
    start_time_in_millis: i64,
    #[serde(default)]
    end_time_in_millis: i64,
}

/// Asks how it is, and tells.
pub async fn ask(web: &Web<'_>, told: &mut Told, with: &Contact<'_>) -> Result<(), ContactError> {
    let page = web.page("_cluster/health", with).await?;
    told.clock = page.clock;
    let health: Health = web.read(&page)?;
    told.identity = format!("Elasticsearch, cluster {}", untrusted(&health.cluster_name, Shape::line(60)));
    tell(part::<Root>(web, "", with).await, &["version"], told, |root, told| {
        told.identity = told.identity.replacen("Elasticsearch", &format!("Elasticsearch {}", root.version.number), 1);
        told.facts.set_text("version", root.version.number);
    });
    of_health(&health, web.component().nodes, told);
    Ok(())
}

/// Asks what a large cluster has to look up on all of its nodes, and tells.
pub async fn ask_rarely(web: &Web<'_>, told: &mut Told, with: &Contact<'_>) {
    let settings = web.component().elasticsearch.clone().unwrap_or_default();
    let snapshots = async {
        let repository = settings.snapshot_repository.as_deref()?;
        let path = format!("_snapshot/{}/_all?sort=start_time&order=desc&size=5", segment(repository));
        Some(part::<Snapshots>(web, &path, with).await)
    };
    let indexes = async {
        let asked = !settings.indexes.is_empty();
        if asked {
            Some(part::<Vec<Index>>(web, "_cat/indices?format=json&h=index,health,status", with).await)
        } else {
            None
        }
    };
    let allocation = part::<Vec<Allocation>>(web, "_cat/allocation?format=json&h=node,disk.percent", with);
    let (allocation, indexes, snapshots) = tokio::join!(allocation, indexes, snapshots);
    tell(allocation, &["disk"], told, |nodes, told| {
        let share = |node: &Allocation| node.percent.as_ref()?.parse::<f64>().ok();
        // What belongs to no node is listed among them.
        let fullest = nodes.iter().filter(|node| node.node != "UNASSIGNED").filter_map(share).max_by(f64::total_cmp);
        told.facts.set_some("disk", fullest.map(Value::Share));
    });
    if let Some(indexes) = indexes {
        tell(indexes, &["indexes_missing"], told, |indexes, told| of_indexes(&indexes, &settings, told));
    }
    match snapshots {
        Some(snapshots) => {
            tell(snapshots, &["snapshot", "last_snapshot"], told, |answer, told| of_snapshots(&answer.snapshots, told));
        }
        None => told.facts.hide("snapshot", "the plan names no repository of snapshots"),
    }
}

fn of_health(health: &Health, expected: Option<u32>, told: &mut Told) {
    let word = ["green", "yellow", "red"].into_iter().find(|word| *word == health.status);
    told.facts.set_some("status", word.map(Value::word));
    told.facts.set("nodes", Value::Count(health.number_of_nodes));
    if let Some(expected) = expected {
        told.facts.set("nodes_missing", Value::Count(u64::from(expected).saturating_sub(health.number_of_nodes)));
    }
    told.facts.set("shards_unassigned", Value::Count(health.unassigned_shards));
    match word {
        Some("red") => {
            let sentence = "its status is red: some of its data are not there";
            told.reasons.push(Reason::of_fact(Verdict::Down, "status", sentence));
        }
        Some("yellow") => {
            let sentence = "its status is yellow: some of its data are there only once";
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "status", sentence));
        }
        _ => {}
    }
}

fn of_indexes(indexes: &[Index], settings: &ClusterSettings, told: &mut Told) {
    let is_there = |pattern: &String| indexes.iter().any(|index| fits(pattern, &index.name));
    let missing: Vec<&String> = settings.indexes.iter().filter(|pattern| !is_there(pattern)).collect();
    told.facts.set("indexes_missing", Value::Count(missing.len() as u64));
    for pattern in missing.iter().take(3) {
        let sentence = format!("there is no index {}", untrusted(pattern.as_bytes(), Shape::line(60)));
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "indexes_missing", sentence));
    }
    let counts = |index: &&Index| settings.indexes.iter().any(|pattern| fits(pattern, &index.name));
    let mut counting: Vec<&Index> = indexes.iter().filter(counts).collect();
    let rank = |index: &Index| match index.health.as_deref() {
        Some("green") => 2,
        Some("yellow") => 1,
        _ => 0,
    };
    counting.sort_by_key(|index| (rank(index), index.name.clone()));
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let row = |index: &&Index| vec![index.name.clone(), text(&index.health), text(&index.status)];
    let rows = counting.iter().take(LISTED).map(row).collect();
    told.facts.list_of("Indexes", &["Index", "Health", "Status"], rows, counting.len());
}

fn of_snapshots(snapshots: &[Snapshot], told: &mut Told) {
    // One that is being taken is no snapshot yet.
    let Some(last) = snapshots.iter().find(|snapshot| snapshot.state != "IN_PROGRESS") else {
        told.facts.set("snapshot", Value::word("none"));
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "snapshot", "there is no snapshot in its repository"));
        return;
    };
    let word = match last.state.as_str() {
        "SUCCESS" => "whole",
        "PARTIAL" => "partial",
        _ => "failed",
    };
    told.facts.set("snapshot", Value::word(word));
    let at = if last.end_time_in_millis > 0 { last.end_time_in_millis } else { last.start_time_in_millis };
    told.facts.set_some("last_snapshot", DateTime::from_timestamp_millis(at).map(Value::Moment));
    if word != "whole" {
        let name = untrusted(&last.name, Shape::line(60));
        let sentence =
            format!("its last snapshot, {name}, is {}", if word == "partial" { "not whole" } else { "failed" });
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "snapshot", sentence));
    }
}

/// A name as one segment of a path, whatever is in it.
fn segment(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encoded = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    name.bytes().map(encoded).collect()
}
