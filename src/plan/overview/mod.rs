//! The plan at a glance: its lists as tables, and all of it as JSON.

mod complete;
mod rows;

use super::Plan;

pub use complete::complete;
pub use rows::{does, when};

/// One of the plan's lists, as it can be asked for and shown.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// What it is asked for by.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// The names of its columns.
    pub head: &'static [&'static str],
    /// The keys of the plan that it is made from.
    pub keys: &'static [&'static str],
    /// Whether it is shown when no list is named.
    pub at_a_glance: bool,
    rows: fn(&Plan) -> Vec<Row>,
}

/// A line of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// A cell for each column.
    pub cells: Vec<String>,
    /// What is said below it, if anything.
    pub below: Option<String>,
}

impl List {
    /// Its rows.
    pub fn rows(&self, plan: &Plan) -> Vec<Row> {
        (self.rows)(plan)
    }
}

/// Every list, in the order in which it is shown.
pub const LISTS: &[List] = &[
    List {
        name: "components",
        title: "Components",
        head: &["name", "kind", "RTO", "priority", "site"],
        keys: &["component"],
        at_a_glance: true,
        rows: rows::components,
    },
    List {
        name: "data",
        title: "Data",
        head: &["name", "RPO", "protected by"],
        keys: &["data"],
        at_a_glance: true,
        rows: rows::data,
    },
    List {
        name: "stores",
        title: "Stores",
        head: &["name", "kind", "site", "keeps", "where"],
        keys: &["store"],
        at_a_glance: true,
        rows: rows::stores,
    },
    List {
        name: "jobs",
        title: "Jobs",
        head: &["name", "does", "when", "to"],
        keys: &["job"],
        at_a_glance: true,
        rows: rows::jobs,
    },
    List {
        name: "scenarios",
        title: "Scenarios",
        head: &["name", "RTO", "RPO", "way out"],
        keys: &["scenario"],
        at_a_glance: true,
        rows: rows::scenarios,
    },
    List {
        name: "procedures",
        title: "Procedures, each with its critical path",
        head: &["name", "steps", "takes", "stated", "restores"],
        keys: &["procedure", "computed"],
        at_a_glance: true,
        rows: rows::procedures,
    },
    List {
        name: "decisions",
        title: "Decisions",
        head: &["name", "answered by", "leads to"],
        keys: &["decision"],
        at_a_glance: false,
        rows: rows::decisions,
    },
    List {
        name: "people",
        title: "People",
        head: &["name", "roles", "telephone", "chat", "mail"],
        keys: &["person", "role", "rota", "contact", "certification", "response"],
        at_a_glance: false,
        rows: rows::people,
    },
    List {
        name: "escalation",
        title: "Escalation",
        head: &["level", "from", "until", "who"],
        keys: &["escalation"],
        at_a_glance: false,
        rows: rows::escalation,
    },
    List {
        name: "messages",
        title: "Messages",
        head: &["name", "when", "every", "by", "to"],
        keys: &["message", "channel", "audience", "variables"],
        at_a_glance: false,
        rows: rows::messages,
    },
    List {
        name: "checklists",
        title: "Checklists",
        head: &["name", "points", "when"],
        keys: &["checklist"],
        at_a_glance: false,
        rows: rows::checklists,
    },
    List {
        name: "kpis",
        title: "KPIs",
        head: &["name", "target", "every"],
        keys: &["kpi"],
        at_a_glance: false,
        rows: rows::kpis,
    },
];
