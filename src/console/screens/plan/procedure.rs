//! A procedure: what it is for, how long it takes, and its steps with the critical path.

use crate::console::Role;
use crate::console::widgets::Page;
use crate::plan::types::{Procedure, Step};
use crate::plan::{Plan, Timing, all_needs, time_of, timing, word};

/// Writes it.
pub(super) fn write(plan: &Plan, index: usize, page: &mut Page) {
    let Some(procedure) = plan.procedure.get(index) else { return };
    page.heading(procedure.title.as_deref().unwrap_or(&procedure.name));
    page.labelled("Name", &procedure.name, Role::Text);
    let scenarios = plan.scenario.iter().filter(|scenario| scenario.procedure.as_ref() == Some(&procedure.name));
    let scenarios: Vec<&str> = scenarios.map(|scenario| scenario.name.as_str()).collect();
    page.labelled("For", &scenarios.join(", "), Role::Text);
    page.labelled("Restores", &procedure.restores.join(", "), Role::Text);
    page.labelled("Needs", &procedure.needs.join(", "), Role::Text);
    page.labelled("Allowed by", procedure.approved_by.as_deref().unwrap_or_default(), Role::Text);
    let timing = timing(procedure);
    let takes = timing.as_ref().map_or_else(|| "its steps wait for each other".to_owned(), Timing::told);
    let stated = procedure.total.map(|total| format!("; the plan says {total}")).unwrap_or_default();
    page.labelled("Takes", &format!("{takes}{stated}"), Role::Strong);
    let critical = timing.map(|timing| timing.path.steps).unwrap_or_default();
    page.labelled("Critical path", &path(procedure, &critical), Role::Text);
    page.heading("Steps");
    let mut phase = None;
    for ((number, step), needs) in procedure.step.iter().enumerate().zip(all_needs(procedure)) {
        if step.phase.is_some() && step.phase != phase {
            phase.clone_from(&step.phase);
            page.text(2, step.phase.as_deref().unwrap_or_default(), Role::Dim);
        }
        write_step(number, step, &needs, critical.contains(&number), page);
    }
}

fn path(procedure: &Procedure, critical: &[usize]) -> String {
    let names = critical.iter().filter_map(|index| procedure.step.get(*index)).map(|step| step.name.as_str());
    names.collect::<Vec<_>>().join(" > ")
}

fn write_step(number: usize, step: &Step, needs: &[usize], is_critical: bool, page: &mut Page) {
    let title = step.title.as_deref().unwrap_or(&step.name);
    let role = if is_critical { Role::Strong } else { Role::Text };
    let time = time_of(step).map(|time| format!(", {time}")).unwrap_or_default();
    let optional = if step.optional == Some(true) { ", may be left out" } else { "" };
    page.text(2, &format!("{:>2}. {title}{time}{optional}", number + 1), role);
    let does = [step.action.as_ref().map(word), step.of.clone(), step.from.as_ref().map(|from| format!("from {from}"))];
    let does = does.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let after = match needs {
        [] => String::new(),
        needs => format!("after {}", needs.iter().map(|need| (need + 1).to_string()).collect::<Vec<_>>().join(", ")),
    };
    let confirm = step.confirm.map(|confirm| format!("confirm: {}", word(confirm))).unwrap_or_default();
    let by = step.by.as_ref().map(|by| format!("by {by}")).unwrap_or_default();
    let proof = step.proof.as_ref().map(|proof| format!("proof: {proof}")).unwrap_or_default();
    let parts = [does, after, by, confirm, proof];
    let told = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    page.text(6, &told, Role::Dim);
    for point in &step.points {
        page.text(6, &format!("- {point}"), Role::Text);
    }
    page.text(6, &step.run.join(" "), Role::Text);
    page.text(6, step.shell.as_deref().unwrap_or_default(), Role::Text);
}
