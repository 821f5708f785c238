//! Every figure that was taken from the source documents by hand, looked up in what `plan show --json`
//! prints. `figures.tsv` is that list; the tables below say for each line where the plan holds it.

mod analysis;
mod architecture;
mod capacity;
mod factory;
mod framework;
mod people;
mod query;
mod scenarios;
mod schedule;
mod stores;
mod summary;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::program::Home;
use query::Expected;

/// One line of the list: its number, its value as the list has it, and where the plan says so.
struct Figure {
    id: u32,
    value: &'static str,
    facts: &'static [(&'static str, Expected)],
}

const fn figure(id: u32, value: &'static str, facts: &'static [(&'static str, Expected)]) -> Figure {
    Figure { id, value, facts }
}

fn figures() -> impl Iterator<Item = &'static Figure> {
    [
        architecture::FIGURES,
        schedule::FIGURES,
        stores::FIGURES,
        scenarios::FIGURES,
        people::FIGURES,
        analysis::FIGURES,
        capacity::FIGURES,
        summary::FIGURES,
        factory::FIGURES,
        framework::FIGURES,
    ]
    .into_iter()
    .flatten()
}

/// A line of `figures.tsv`.
struct Line {
    id: u32,
    plan: &'static str,
    item: &'static str,
    value: &'static str,
}

fn list() -> Vec<Line> {
    let lines = include_str!("figures.tsv").lines().skip(1);
    lines
        .map(|line| {
            let columns: Vec<_> = line.split('\t').collect();
            let [id, _, plan, item, value] = columns[..] else { panic!("{line:?} has not five columns") };
            Line { id: id.parse().unwrap(), plan, item, value }
        })
        .collect()
}

/// What the real program shows of a shipped plan.
fn shown(plan: &str) -> Value {
    let plans = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/plans");
    let directory = format!("{plans}/{plan}");
    let path = if std::path::Path::new(&directory).is_dir() { directory } else { format!("{directory}.toml") };
    let ran = Home::new().command(["--plan", &path, "plan", "show", "--json"]).output().unwrap();
    assert!(ran.status.success(), "{plan}: {}", String::from_utf8_lossy(&ran.stderr));
    serde_json::from_slice(&ran.stdout).unwrap()
}

#[test]
fn each_figure_of_the_list_is_looked_up_exactly_once() {
    let list = list();
    let ids: Vec<_> = list.iter().map(|line| line.id).collect();
    assert_eq!(ids, (1..=234).collect::<Vec<_>>(), "the list has lost a line");
    let mut seen = BTreeSet::new();
    for figure in figures() {
        assert!(seen.insert(figure.id), "figure {} is looked up twice", figure.id);
        assert!(!figure.facts.is_empty(), "nothing is asserted of figure {}", figure.id);
        let line = list.iter().find(|line| line.id == figure.id).unwrap();
        assert_eq!(figure.value, line.value, "figure {} ({})", line.id, line.item);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ids, "figures of the list that nothing looks up");
}

#[test]
fn each_figure_stands_in_the_plan_of_its_platform() {
    let list = list();
    let mut plans = BTreeMap::new();
    let mut wrong = Vec::new();
    for figure in figures() {
        let line = list.iter().find(|line| line.id == figure.id).unwrap();
        let plan = plans.entry(line.plan).or_insert_with(|| shown(line.plan));
        for (path, expected) in figure.facts {
            if let Err(why) = query::holds(plan, path, expected) {
                wrong.push(format!("{} {} ({}): {path} {why}", line.id, line.item, line.value));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A fact that holds whatever the plan says would prove nothing.
#[test]
fn each_fact_fails_when_its_value_is_another() {
    let list = list();
    let mut plans = BTreeMap::new();
    for figure in figures() {
        let line = list.iter().find(|line| line.id == figure.id).unwrap();
        let plan = plans.entry(line.plan).or_insert_with(|| shown(line.plan));
        for (path, expected) in figure.facts {
            let mut changed = plan.clone();
            assert!(query::spoil(&mut changed, path), "{} {path} leads nowhere", figure.id);
            assert!(query::holds(&changed, path, expected).is_err(), "{} {path} holds of anything", figure.id);
        }
    }
}
