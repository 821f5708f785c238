//! What is around a component: what it needs and what needs it, what protects its data, the ways out, and the plan's
//! own lines about it.

use toml::Value;

use super::One;
use crate::console::widgets::{Line, Page};
use crate::console::{Piece, Role};
use crate::plan::types::{Job, Procedure};
use crate::plan::{does, masked, timing, when};

/// What it cannot work without, and what cannot work without it.
pub(super) fn needs(one: &One<'_>, page: &mut Page) {
    let name = &one.component.name;
    let needed_by: Vec<&str> = one
        .plan()
        .component
        .iter()
        .filter(|other| other.needs.contains(name))
        .map(|other| other.name.as_str())
        .collect();
    if one.component.needs.is_empty() && needed_by.is_empty() && one.component.managed_by.is_none() {
        return;
    }
    page.heading("Depends");
    for (label, names) in
        [("Needs", one.component.needs.iter().map(String::as_str).collect()), ("Needed by", needed_by)]
    {
        let mut label = Some(label);
        for name in names {
            page.line(neighbour(one, label.take().unwrap_or_default(), name));
        }
    }
    page.labelled("Managed by", one.component.managed_by.as_deref().unwrap_or_default(), Role::Text);
}

fn neighbour(one: &One<'_>, label: &str, name: &str) -> Line {
    let line = Line::of(format!("  {label:<16}"), Role::Dim);
    match one.plan().component.iter().position(|component| component.name == *name) {
        Some(index) => {
            let verdict = one.view.desk.picture.seen(index).verdict();
            let mark = one.view.theme.marks().verdict(verdict);
            let mut line = line.and(format!("{mark} {verdict:<9}"), Role::of(verdict));
            line.0.push(Piece::plain(name.to_owned()));
            line
        }
        None => line.and(name.to_owned(), Role::Text),
    }
}

/// The data it holds with their RPO, and the jobs that work on it.
pub(super) fn protection(one: &One<'_>, page: &mut Page) {
    let name = Some(&one.component.name);
    let data: Vec<Vec<String>> = one
        .plan()
        .data
        .iter()
        .filter(|data| data.component.as_ref() == name)
        .map(|data| {
            let rpo = data.rpo.map_or_else(|| "none".to_owned(), |rpo| rpo.to_string());
            vec![data.name.clone(), rpo, data.protected_by.join(", ")]
        })
        .collect();
    if !data.is_empty() {
        page.heading("Data it holds");
        page.table(&["name", "RPO", "protected by"], &data);
    }
    let jobs: Vec<Vec<String>> = one.plan().job.iter().filter(|job| job.of.as_ref() == name).map(job).collect();
    if !jobs.is_empty() {
        page.heading("Jobs");
        page.table(&["name", "does", "when", "to"], &jobs);
    }
}

fn job(job: &Job) -> Vec<String> {
    vec![job.name.clone(), does(job), when(job), job.to.join(", ")]
}

/// The procedures that bring it back.
pub(super) fn ways_out(one: &One<'_>, page: &mut Page) {
    let name = &one.component.name;
    let restores = |procedure: &&Procedure| {
        procedure.restores.contains(name) || procedure.step.iter().any(|step| step.of.as_ref() == Some(name))
    };
    let rows: Vec<Vec<String>> = one
        .plan()
        .procedure
        .iter()
        .filter(restores)
        .map(|procedure| {
            let takes = timing(procedure).map(|timing| timing.told()).unwrap_or_default();
            vec![procedure.name.clone(), takes]
        })
        .collect();
    if !rows.is_empty() {
        page.heading("Ways out");
        page.table(&["procedure", "takes"], &rows);
    }
}

/// The plan's own lines about it, as they can be written in a plan; secrets that should not stand there are covered.
pub(super) fn plan(one: &One<'_>, page: &mut Page) {
    let written = masked(one.component).ok().and_then(|component| {
        let mut value = Value::try_from(component).ok()?;
        prune(&mut value);
        toml::to_string(&value).ok()
    });
    let Some(written) = written else { return };
    page.heading("In the plan");
    for line in written.lines().filter(|line| !line.trim().is_empty()) {
        page.text(2, line, Role::Text);
    }
}

/// Leaves out what says nothing.
fn prune(value: &mut Value) {
    match value {
        Value::Table(table) => {
            table.iter_mut().for_each(|(_, value)| prune(value));
            table.retain(|_, value| !is_empty(value));
        }
        Value::Array(values) => values.iter_mut().for_each(prune),
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Table(table) => table.is_empty(),
        Value::Array(values) => values.is_empty(),
        _ => false,
    }
}
