//! The plan on paper: every procedure as a page, for when no computer helps.

use std::fmt::Write;

use super::types::{Checklist, Procedure, Scenario, Step};
use super::{Plan, critical_path, needs_of};
use crate::text::wrap::{columns, wrap};

const WIDTH: usize = 78;

/// A page for each procedure, and one with the people to call.
pub fn pages(plan: &Plan) -> Vec<String> {
    let mut pages: Vec<String> = plan.procedure.iter().map(|procedure| page(plan, procedure)).collect();
    pages.push(people(plan));
    pages
}

fn page(plan: &Plan, procedure: &Procedure) -> String {
    let mut text = head(plan, procedure.title.as_deref().unwrap_or(&procedure.name), &procedure.name);
    for scenario in plan.scenario.iter().filter(|scenario| scenario.procedure.as_ref() == Some(&procedure.name)) {
        line(&mut text, "For", &scenario_line(scenario));
        for trigger in &scenario.triggers {
            line(&mut text, "", &format!("when {trigger}"));
        }
    }
    line(&mut text, "Restores", &procedure.restores.join(", "));
    line(&mut text, "Needs", &procedure.needs.join(", "));
    if let Some(role) = &procedure.approved_by {
        line(&mut text, "Allowed by", &format!("{role}   Name ____________________  Time __________"));
    }
    let longest = critical_path(procedure).map(|path| path.length.to_string()).unwrap_or_default();
    line(&mut text, "Takes", &format!("{longest} if every step takes its budget"));
    line(&mut text, "Started", "____________________   Incident commander ____________________");
    text.push('\n');
    let mut phase = None;
    for (index, step) in procedure.step.iter().enumerate() {
        if step.phase.is_some() && step.phase != phase {
            phase.clone_from(&step.phase);
            let _ = writeln!(text, "  {}", phase.as_deref().unwrap_or_default().to_uppercase());
        }
        text.push_str(&step_lines(procedure, index, step));
    }
    if let Some(checklist) = procedure.checklist.as_ref().and_then(|name| find(plan, name)) {
        text.push_str(&checklist_lines(checklist));
    }
    text
}

fn head(plan: &Plan, title: &str, name: &str) -> String {
    let platform = plan.platform.title.as_deref().unwrap_or(&plan.platform.name);
    let environment = plan.platform.environment.as_deref().unwrap_or_default();
    let rule = "=".repeat(WIDTH);
    format!("{rule}\n{title}\n{platform} {environment}   [{name}]\n{rule}\n")
}

fn line(text: &mut String, label: &str, value: &str) {
    if !value.is_empty() {
        let _ = writeln!(text, "{}", wrap(value, WIDTH, &format!("{label:<11} "), &" ".repeat(12)));
    }
}

fn scenario_line(scenario: &Scenario) -> String {
    let title = scenario.title.as_deref().unwrap_or(&scenario.name);
    let rto = scenario.rto.map(|rto| format!(", back within {rto}")).unwrap_or_default();
    let rpo = scenario.rpo.map(|rpo| format!(", losing at most {rpo}")).unwrap_or_default();
    format!("{title}{rto}{rpo}")
}

fn step_lines(procedure: &Procedure, index: usize, step: &Step) -> String {
    let mut text = String::new();
    let title = step.title.as_deref().unwrap_or(&step.name);
    let budget = step.budget.map(|budget| budget.to_string()).unwrap_or_default();
    let optional = if step.optional == Some(true) { " (may be left out)" } else { "" };
    let first = format!("  [ ] {:>2}. ", index + 1);
    let _ = writeln!(text, "{}", wrap(&format!("{title}{optional}"), WIDTH, &first, &" ".repeat(10)));
    let mut detail = |label: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "{}", wrap(&value, WIDTH, &format!("          {label:<8} "), &" ".repeat(19)));
        }
    };
    detail("budget", budget);
    detail("at", step.at.map(|at| at.to_string()).unwrap_or_default());
    let after = needs_of(procedure, index).iter().map(|need| (need + 1).to_string()).collect::<Vec<_>>().join(", ");
    if step.needs.is_some() {
        detail("after", if after.is_empty() { "nothing; begin at once".to_owned() } else { format!("step {after}") });
    }
    let action = [step.action.as_deref(), step.of.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    detail("do", action);
    detail("from", step.from.clone().unwrap_or_default());
    detail("by", step.by.clone().unwrap_or_default());
    for point in &step.points {
        detail("-", point.clone());
    }
    detail("run", step.run.join(" "));
    detail("shell", step.shell.clone().unwrap_or_default());
    detail("proof", step.proof.as_ref().map(ToString::to_string).unwrap_or_default());
    text
}

fn find<'p>(plan: &'p Plan, name: &str) -> Option<&'p Checklist> {
    plan.checklist.iter().find(|checklist| checklist.name == name)
}

fn checklist_lines(checklist: &Checklist) -> String {
    let mut text = format!("\n  {}\n", checklist.title.as_deref().unwrap_or(&checklist.name).to_uppercase());
    for item in &checklist.item {
        let _ = writeln!(text, "{}", wrap(&item.text, WIDTH, "  [ ] ", "      "));
    }
    text
}

fn people(plan: &Plan) -> String {
    let mut text = head(plan, "Whom to call", "people");
    let mut rows = Vec::new();
    for rota in &plan.rota {
        for (position, name) in rota.people.iter().enumerate() {
            let person = plan.person.iter().find(|person| person.name == *name);
            let reach = |value: Option<&String>| value.cloned().unwrap_or_default();
            rows.push(vec![
                if position == 0 { rota.role.clone() } else { String::new() },
                person.and_then(|person| person.title.clone()).unwrap_or_else(|| name.clone()),
                reach(person.and_then(|person| person.phone.as_ref())),
                reach(person.and_then(|person| person.chat.as_ref())),
                reach(person.and_then(|person| person.email.as_ref())),
            ]);
        }
    }
    for row in columns(&rows) {
        let _ = writeln!(text, "  {row}");
    }
    for level in &plan.escalation {
        let until = level.until.map_or_else(|| "on".to_owned(), |until| format!("to {until}"));
        line(
            &mut text,
            &format!("Level {}", level.level),
            &format!("from {} {until}: {}", level.from, level.who.join(", ")),
        );
    }
    for contact in &plan.contact {
        let parts = [&contact.title, &contact.purpose, &contact.phone, &contact.email, &contact.account];
        line(&mut text, "Outside", &parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(" · "));
    }
    text
}
