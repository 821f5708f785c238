//! The plan at a glance: objectives, protections, and procedures with how long they take.

use serde_json::{Map, Value, json};

use super::types::{Component, Data, Job, Kind, Procedure};
use super::{Plan, critical_path};
use crate::text::Span;

/// A table with its heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What it shows.
    pub title: &'static str,
    /// The names of its columns.
    pub head: Vec<&'static str>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

/// The plan's tables, leaving out the empty ones.
pub fn sections(plan: &Plan) -> Vec<Section> {
    let component = |component: &Component| {
        vec![
            component.name.clone(),
            word(component.kind),
            span(component.rto),
            component.priority.map(|priority| priority.to_string()).unwrap_or_default(),
            component.site.clone().unwrap_or_default(),
        ]
    };
    let all = [
        Section {
            title: "Components",
            head: vec!["name", "kind", "RTO", "priority", "site"],
            rows: plan.component.iter().map(component).collect(),
        },
        Section {
            title: "Data",
            head: vec!["name", "RPO", "protected by"],
            rows: plan.data.iter().map(data).collect(),
        },
        Section { title: "Jobs", head: vec!["name", "does", "when", "to"], rows: plan.job.iter().map(job).collect() },
        Section {
            title: "Procedures",
            head: vec!["name", "steps", "takes", "stated", "restores"],
            rows: plan.procedure.iter().map(procedure).collect(),
        },
        Section {
            title: "Scenarios",
            head: vec!["name", "RTO", "RPO", "way out"],
            rows: plan
                .scenario
                .iter()
                .map(|scenario| {
                    let way = scenario.procedure.clone().or_else(|| scenario.method.clone()).unwrap_or_default();
                    vec![scenario.name.clone(), span(scenario.rto), loss(scenario.rpo), way]
                })
                .collect(),
        },
    ];
    all.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

fn data(data: &Data) -> Vec<String> {
    vec![data.name.clone(), loss(data.rpo), data.protected_by.join(", ")]
}

fn job(job: &Job) -> Vec<String> {
    let method = job.method.map(|method| format!(" {}", word(method))).unwrap_or_default();
    vec![job.name.clone(), format!("{}{method}", word(job.task)), when(job), job.to.join(", ")]
}

/// When a job runs, in a few words.
pub fn when(job: &Job) -> String {
    if let Some(cron) = &job.cron {
        cron.clone()
    } else if let Some(every) = job.every {
        format!("every {every}")
    } else if job.continuous == Some(true) {
        "continuous".to_owned()
    } else if job.on_change == Some(true) {
        "on change".to_owned()
    } else {
        "never".to_owned()
    }
}

fn procedure(procedure: &Procedure) -> Vec<String> {
    let takes = critical_path(procedure).map(|path| path.length);
    vec![
        procedure.name.clone(),
        procedure.step.len().to_string(),
        span(takes.filter(|takes| !takes.is_zero())),
        span(procedure.total),
        procedure.restores.join(", "),
    ]
}

fn span(span: Option<Span>) -> String {
    span.map(|span| span.to_string()).unwrap_or_default()
}

/// An RPO; none at all is called what it is.
fn loss(span: Option<Span>) -> String {
    span.map(|span| if span.is_zero() { "real-time".to_owned() } else { span.to_string() }).unwrap_or_default()
}

/// A plan's word for a variant.
fn word(variant: impl serde::Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Everything the plan says, without what it does not say, and what follows from it under `computed`.
pub fn complete(plan: &Plan) -> Result<Value, serde_json::Error> {
    let mut value = pruned(serde_json::to_value(plan)?);
    let procedures: Map<String, Value> = plan
        .procedure
        .iter()
        .filter_map(|procedure| {
            let path = critical_path(procedure)?;
            let steps: Vec<&str> = path.steps.iter().map(|index| procedure.step[*index].name.as_str()).collect();
            Some((procedure.name.clone(), json!({ "critical_path": steps, "takes": path.length })))
        })
        .collect();
    if let Value::Object(entries) = &mut value {
        entries.insert("computed".to_owned(), json!({ "procedure": procedures }));
    }
    Ok(value)
}

fn pruned(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let said = entries.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(said.map(|(key, value)| (key, pruned(value))).collect())
        }
        Value::Array(elements) => Value::Array(elements.into_iter().map(pruned).collect()),
        other => other,
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&word(self))
    }
}
