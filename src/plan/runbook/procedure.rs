//! The page of a procedure: what it is for, how long it takes, its steps to tick.

use super::sheet::Sheet;
use crate::plan::types::{Checklist, Procedure, Scenario, Step};
use crate::plan::word::word;
use crate::plan::{Plan, all_needs, timing};
use crate::text::Span;

pub(super) fn page(plan: &Plan, procedure: &Procedure) -> String {
    let mut sheet = Sheet::new(plan, procedure.title.as_deref().unwrap_or(&procedure.name), &procedure.name);
    head(&mut sheet, plan, procedure);
    if procedure.step.first().is_none_or(|first| first.phase.is_none()) {
        sheet.blank();
    }
    let mut phase = None;
    for ((index, one), needs) in procedure.step.iter().enumerate().zip(all_needs(procedure)) {
        if one.phase.is_some() && one.phase != phase {
            phase.clone_from(&one.phase);
            sheet.heading(phase.as_deref().unwrap_or_default());
        }
        step(&mut sheet, index, one, &needs);
    }
    if let Some(checklist) = procedure.checklist.as_ref().and_then(|name| find(plan, name)) {
        sheet.heading(checklist.title.as_deref().unwrap_or(&checklist.name));
        for item in &checklist.item {
            sheet.point("", &item.text);
        }
    }
    sheet.done()
}

fn head(sheet: &mut Sheet, plan: &Plan, procedure: &Procedure) {
    for scenario in plan.scenario.iter().filter(|scenario| scenario.procedure.as_ref() == Some(&procedure.name)) {
        sheet.line("For", &scenario_line(scenario));
        for trigger in &scenario.triggers {
            sheet.line("", &format!("when {trigger}"));
        }
    }
    sheet.line("Restores", &procedure.restores.join(", "));
    sheet.line("Needs", &procedure.needs.join(", "));
    sheet.line("At site", procedure.site.as_deref().unwrap_or_default());
    if let Some(role) = &procedure.approved_by {
        sheet.line("Allowed by", &format!("{role}, name ____________________ at __________"));
    }
    sheet.line("Takes", &takes(procedure));
    sheet.line("Loses", &procedure.loss.map(lost).unwrap_or_default());
    sheet.line("Window", &said(procedure.window));
    sheet.line("Watch after", &said(procedure.monitor));
    sheet.line("Started", "____________________ ended ____________________");
    for milestone in &procedure.milestone {
        sheet.line(&format!("T+{}", milestone.at), &milestone.title);
    }
}

fn said(span: Option<Span>) -> String {
    span.map(|span| span.to_string()).unwrap_or_default()
}

/// How much may be lost.
fn lost(span: Span) -> String {
    if span.is_zero() { "nothing".to_owned() } else { format!("at most {span}") }
}

/// What the steps add up to, and what the plan says besides.
fn takes(procedure: &Procedure) -> String {
    let steps = timing(procedure).map(|timing| timing.told()).unwrap_or_default();
    let total = procedure.total.map(|total| format!("the plan says {total}"));
    let buffer = procedure.buffer.map(|buffer| format!("{buffer} of it in reserve"));
    [Some(steps), total, buffer].into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

fn scenario_line(scenario: &Scenario) -> String {
    let severity = scenario.severity.map(|severity| format!("{severity} ")).unwrap_or_default();
    let title = scenario.title.as_deref().unwrap_or(&scenario.name);
    let rto = scenario.rto.map(|rto| format!(", back within {rto}")).unwrap_or_default();
    let rpo = scenario.rpo.map(|rpo| format!(", losing {}", lost(rpo))).unwrap_or_default();
    format!("{severity}{title}{rto}{rpo}")
}

fn step(sheet: &mut Sheet, index: usize, step: &Step, needs: &[usize]) {
    let optional = if step.optional == Some(true) { " (may be left out)" } else { "" };
    let title = step.title.as_deref().unwrap_or(&step.name);
    sheet.point(&format!("{:>2}. ", index + 1), &format!("{title}{optional}"));
    sheet.detail("budget", &said(step.budget));
    sheet.detail("at", &step.at.map(|at| format!("T+{at}")).unwrap_or_default());
    if step.needs.is_some() {
        let numbers = needs.iter().map(|need| (need + 1).to_string()).collect::<Vec<_>>().join(", ");
        let after = match needs.len() {
            0 => "nothing; begin at once".to_owned(),
            1 => format!("step {numbers}"),
            _ => format!("steps {numbers}"),
        };
        sheet.detail("after", &after);
    }
    let action = [step.action.as_ref().map(word), step.of.clone()];
    sheet.detail("do", &action.into_iter().flatten().collect::<Vec<_>>().join(" "));
    sheet.detail("from", step.from.as_deref().unwrap_or_default());
    sheet.detail("by", step.by.as_deref().unwrap_or_default());
    for point in &step.points {
        sheet.detail("-", point);
    }
    sheet.detail("run", &step.run.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" "));
    sheet.detail("shell", step.shell.as_deref().unwrap_or_default());
    sheet.detail("proof", &step.proof.as_ref().map(ToString::to_string).unwrap_or_default());
    sheet.detail("confirm", &step.confirm.map(word).unwrap_or_default());
    sheet.detail("if not", &step.on_failure.map(word).unwrap_or_default());
}

/// A word of a command as one can type it.
fn shell_word(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@,+%=".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn find<'p>(plan: &'p Plan, name: &str) -> Option<&'p Checklist> {
    plan.checklist.iter().find(|checklist| checklist.name == name)
}
