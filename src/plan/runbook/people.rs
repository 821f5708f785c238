//! Whom to call, how soon they must answer, and who does what.

use super::sheet::Sheet;
use crate::plan::Plan;
use crate::plan::types::{Escalation, Person, Role};

pub(super) fn page(plan: &Plan) -> Option<String> {
    let nobody = plan.rota.is_empty() && plan.person.is_empty() && plan.escalation.is_empty() && plan.role.is_empty();
    if nobody && plan.contact.is_empty() {
        return None;
    }
    let mut sheet = Sheet::new(plan, "Whom to call", "people");
    sheet.table(&numbers(plan));
    sheet.line("Nobody yet", &unnamed(plan).join(", "));
    sheet.blank();
    for response in &plan.response {
        let within = response.within.map(|within| format!("within {within}"));
        let soon = within.or_else(|| response.during.clone()).unwrap_or_default();
        sheet.line(&response.severity.to_string(), &format!("answer {soon}"));
    }
    for level in &plan.escalation {
        sheet.line(&format!("Level {}", level.level), &escalation(level));
    }
    for contact in &plan.contact {
        let parts = [&contact.title, &contact.purpose, &contact.phone, &contact.email, &contact.account];
        sheet.line("Outside", &parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(" · "));
    }
    for role in &plan.role {
        duties(&mut sheet, role);
    }
    Some(sheet.done())
}

/// A row for each person of a rota, and for those who are in none.
fn numbers(plan: &Plan) -> Vec<Vec<String>> {
    let find = |name: &String| plan.person.iter().find(|person| person.name == *name);
    let mut rows = Vec::new();
    for rota in &plan.rota {
        for (position, name) in rota.people.iter().enumerate() {
            let role = if position == 0 { rota.role.as_str() } else { "" };
            rows.push(row(role, name, find(name)));
        }
    }
    let listed = |person: &&Person| plan.rota.iter().any(|rota| rota.people.contains(&person.name));
    rows.extend(plan.person.iter().filter(|person| !listed(person)).map(|person| row("", &person.name, Some(person))));
    rows
}

fn row(role: &str, name: &str, person: Option<&Person>) -> Vec<String> {
    let said = |value: Option<&String>| value.cloned().unwrap_or_default();
    vec![
        role.to_owned(),
        person.and_then(|person| person.title.clone()).unwrap_or_else(|| name.to_owned()),
        said(person.and_then(|person| person.phone.as_ref())),
        said(person.and_then(|person| person.chat.as_ref())),
        said(person.and_then(|person| person.email.as_ref())),
    ]
}

/// Roles that are called in, and of which nobody is named.
fn unnamed(plan: &Plan) -> Vec<&str> {
    let called = plan.escalation.iter().flat_map(|level| &level.who).map(String::as_str);
    let mut roles: Vec<&str> = plan.role.iter().map(|role| role.name.as_str()).chain(called).collect();
    let is_named = |role: &str| plan.rota.iter().any(|rota| rota.role == role && !rota.people.is_empty());
    roles.retain(|role| !is_named(role) && !plan.person.iter().any(|person| person.name == *role));
    roles.sort_unstable();
    roles.dedup();
    roles
}

fn escalation(level: &Escalation) -> String {
    let until = level.until.map_or_else(|| "on".to_owned(), |until| format!("to {until}"));
    format!("from {} {until}: {}", level.from, level.who.join(", "))
}

fn duties(sheet: &mut Sheet, role: &Role) {
    if role.during.is_empty() && role.after.is_empty() {
        return;
    }
    sheet.heading(role.title.as_deref().unwrap_or(&role.name));
    for duty in &role.during {
        sheet.point("", duty);
    }
    for duty in &role.after {
        sheet.point("afterwards: ", duty);
    }
}
