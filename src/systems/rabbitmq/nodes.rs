//! The nodes of a cluster, as facts: how many run, whether they see each other, how much room they have left.

use std::time::Duration;

use super::management::Node;
use crate::plan::facts::{Value, Verdict};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::{Shape, Size, Span, untrusted};

/// For how long after a start figures are not complete: about five seconds, measured, and some to spare.
pub const SETTLING: Duration = Duration::from_secs(8);

/// Tells of the nodes. `expected` is how many there should be by the plan.
pub fn tell(nodes: &[Node], expected: Option<u32>, told: &mut Told) {
    let running = nodes.iter().filter(|node| node.running).count();
    let expected = nodes.len().max(expected.unwrap_or(0) as usize);
    let missing = expected - running;
    let parted = nodes.iter().filter(|node| !node.partitions.is_empty()).count();
    let facts = &mut told.facts;
    facts.set("nodes", Value::Count(running as u64));
    facts.set("nodes_missing", Value::Count(missing as u64));
    facts.set("partitions", Value::Count(parted as u64));
    let word = match (parted, missing) {
        (1.., _) => "partitioned",
        (0, 1..) => "incomplete",
        (0, 0) => "complete",
    };
    facts.set("cluster", Value::word(word));
    let on = |alarm: bool| Value::word(if alarm { "on" } else { "off" });
    facts.set("memory_alarm", on(nodes.iter().any(|node| node.mem_alarm)));
    facts.set("disk_alarm", on(nodes.iter().any(|node| node.disk_free_alarm)));
    let fullest = nodes.iter().filter_map(memory).max_by(f64::total_cmp);
    facts.set_some("memory", fullest.map(Value::Share));
    facts.set_some("disk_free", nodes.iter().filter_map(room).min().map(|room| Value::Size(Size(room))));
    told.reasons.extend(nodes.iter().flat_map(reasons));
    list(nodes, told);
}

/// How long the node is up that started last.
pub fn uptime(nodes: &[Node]) -> Option<Duration> {
    nodes.iter().filter(|node| node.running).filter_map(|node| node.uptime).min().map(Duration::from_millis)
}

/// Whether figures of queues may not be there yet.
pub fn is_settling(nodes: &[Node]) -> bool {
    uptime(nodes).is_some_and(|uptime| uptime < SETTLING)
}

/// Of what raises the alarm, as a percentage.
fn memory(node: &Node) -> Option<f64> {
    let limit = node.mem_limit.filter(|limit| *limit > 0)?;
    Some(100.0 * node.mem_used? as f64 / limit as f64)
}

/// What is free above what raises the alarm.
fn room(node: &Node) -> Option<u64> {
    Some(node.disk_free.as_u64()?.saturating_sub(node.disk_free_limit.unwrap_or(0)))
}

fn reasons(node: &Node) -> Vec<Reason> {
    let name = shown(&node.name);
    let degraded = |fact, sentence: String| Reason::of_fact(Verdict::Degraded, fact, sentence);
    let mut reasons = Vec::new();
    if !node.running {
        reasons.push(degraded("nodes_missing", format!("node {name} does not run")));
    }
    if node.being_drained {
        reasons.push(degraded("nodes_missing", format!("node {name} is in maintenance")));
    }
    if !node.partitions.is_empty() {
        let others: Vec<String> = node.partitions.iter().map(|other| shown(other)).collect();
        reasons.push(degraded("partitions", format!("node {name} went on without {}", others.join(", "))));
    }
    if node.mem_alarm {
        reasons.push(degraded("memory_alarm", format!("node {name} is short of memory, and publishers are held back")));
    }
    if node.disk_free_alarm {
        reasons.push(degraded("disk_alarm", format!("node {name} is short of disk, and publishers are held back")));
    }
    reasons
}

fn list(nodes: &[Node], told: &mut Told) {
    let mut sorted: Vec<&Node> = nodes.iter().collect();
    sorted.sort_by_key(|node| (node.running, node.partitions.is_empty(), !node.mem_alarm, !node.disk_free_alarm));
    let row = |node: &&Node| {
        let state = match (node.running, node.partitions.is_empty(), node.being_drained) {
            (false, ..) => "does not run",
            (true, false, _) => "partitioned",
            (true, true, true) => "in maintenance",
            (true, true, false) => "runs",
        };
        vec![
            node.name.clone(),
            state.to_owned(),
            memory(node).map_or_else(String::new, |share| Value::Share(share).to_string()),
            room(node).map_or_else(String::new, |room| Size(room).approx()),
            node.uptime.map_or_else(String::new, |millis| Span::from_millis(millis).brief()),
        ]
    };
    let rows = sorted.iter().map(row).collect();
    told.facts.list("Nodes", &["Node", "State", "Memory", "Disk above the limit", "Up for"], rows);
}

fn shown(name: &str) -> String {
    untrusted(name, Shape::line(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, more: &str) -> Node {
        serde_json::from_str(&format!("{{\"name\":\"{name}\"{more}}}")).unwrap()
    }

    fn told(nodes: &[Node], expected: Option<u32>) -> (Told, Vec<String>) {
        let mut it = Told::default();
        tell(nodes, expected, &mut it);
        let said = it.reasons.iter().map(|reason| reason.sentence.clone()).collect();
        (it, said)
    }

    #[test]
    fn nodes_that_do_not_run_are_missing_as_are_those_that_never_joined() {
        let nodes = [node("a", r#","running":true"#), node("b", r#","running":false"#)];
        let (it, said) = told(&nodes, Some(3));
        assert_eq!(it.facts.get("nodes"), Some(&Value::Count(1)));
        assert_eq!(it.facts.get("nodes_missing"), Some(&Value::Count(2)));
        assert_eq!(it.facts.get("cluster"), Some(&Value::word("incomplete")));
        assert_eq!(said, ["node b does not run"]);
        assert_eq!(it.facts.lists()[0].rows[0][0], "b");
    }

    #[test]
    fn alarms_and_partitions_are_told_with_what_they_do() {
        let alarmed = r#","running":true,"mem_alarm":true,"mem_used":95,"mem_limit":100,"partitions":["b@\u001b[2J"]"#;
        let (it, said) = told(&[node("a", alarmed)], None);
        assert_eq!(it.facts.get("memory"), Some(&Value::Share(95.0)));
        assert_eq!(it.facts.get("cluster"), Some(&Value::word("partitioned")));
        assert_eq!(
            said,
            ["node a went on without b@\\x1b[2J", "node a is short of memory, and publishers are held back"]
        );
    }

    #[test]
    fn figures_that_are_not_there_yet_are_not_zero() {
        let just_started = r#","running":true,"uptime":3000,"disk_free":"disk_free_monitoring_disabled""#;
        let nodes = [node("a", just_started)];
        let (it, _) = told(&nodes, None);
        assert!(it.facts.get("memory").is_none() && it.facts.get("disk_free").is_none());
        assert!(is_settling(&nodes));
    }
}
