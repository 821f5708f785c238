//! A node of a cluster: whether the cluster serves, and which slots nobody does.

use super::info::Info;
use super::session::Answers;
use super::trouble::quoted;
use crate::plan::facts::{Value, Verdict};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;

/// How many slots a cluster has.
const SLOTS: u64 = 16_384;

/// What `CLUSTER INFO` says.
pub fn told(said: &Info<'_>, told: &mut Told) {
    let Some(state) = said.text("cluster_state") else { return };
    let lost = said.count("cluster_slots_ok").map(|fine| SLOTS.saturating_sub(fine));
    told.facts.set("cluster", Value::word(if state == "ok" { "ok" } else { "failed" }));
    told.facts.set_some("cluster_slots_lost", lost.map(Value::Count));
    told.facts.set_some("cluster_nodes", said.count("cluster_known_nodes").map(Value::Count));
    if state != "ok" {
        let lost = lost.filter(|lost| *lost > 0);
        let lost = lost.map(|lost| format!(": {} of its slots have no node", Value::Count(lost))).unwrap_or_default();
        let sentence = format!("the cluster does not serve{lost}");
        told.reasons.push(Reason::of_fact(Verdict::Down, "cluster", sentence));
    }
}

/// What `CLUSTER NODES` says: a line for each, those that failed first.
pub fn nodes(answers: &Answers, question: usize, told: &mut Told) {
    let Ok(text) = answers.text(question) else { return };
    let mut rows: Vec<(bool, Vec<String>)> = text.lines().filter_map(node).collect();
    rows.sort_by_key(|(works, _)| *works);
    if !rows.is_empty() {
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        told.facts.list("Nodes of the cluster", &["node", "is", "link", "slots"], rows);
    }
}

fn node(line: &str) -> Option<(bool, Vec<String>)> {
    let parts: Vec<&str> = line.split(' ').collect();
    let (address, flags, state) = (parts.get(1)?.split('@').next()?, *parts.get(2)?, *parts.get(7)?);
    let works = !flags.contains("fail") && state == "connected";
    let row = vec![address.to_owned(), flags.to_owned(), state.to_owned(), quoted(&parts[8..].join(" "))];
    Some((works, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_that_does_not_serve_is_down() {
        let mut told = Told::default();
        let said = "cluster_state:fail\r\ncluster_slots_ok:10922\r\ncluster_known_nodes:6\r\n";
        super::told(&Info::of(said), &mut told);
        assert_eq!(told.reasons[0].sentence, "the cluster does not serve: 5,462 of its slots have no node");
        assert_eq!(told.reasons[0].verdict, Verdict::Down);
        assert_eq!(told.facts.get("cluster_nodes"), Some(&Value::Count(6)));
    }

    #[test]
    fn a_node_is_one_line() {
        let line = "07c3 10.0.0.5:6379@16379,host master,fail - 0 1426238317239 4 disconnected 0-5460 5462";
        let (works, row) = node(line).unwrap();
        assert_eq!(
            (works, row),
            (
                false,
                vec!["10.0.0.5:6379", "master,fail", "disconnected", "0-5460 5462"]
                    .into_iter()
                    .map(str::to_owned)
                    .collect()
            )
        );
        assert_eq!(node("nonsense"), None);
    }
}
