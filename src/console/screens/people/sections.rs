//! The sections of the people's screen.

use super::{called, numbers, role_title};
use crate::console::widgets::Page;
use crate::console::{Role, View};
use crate::plan::types::{Channel, Person};
use crate::plan::{Plan, call, word};

/// Who is called in as time passes, each with whoever is on duty now.
pub(super) fn escalation(view: &View<'_>, plan: &Plan, page: &mut Page) {
    if plan.escalation.is_empty() {
        return;
    }
    page.heading("As time passes");
    for level in &plan.escalation {
        let label = match level.until {
            Some(until) => format!("{} to {until}", level.from),
            None => format!("from {}", level.from),
        };
        let mut label = label.as_str();
        for who in &level.who {
            let title = role_title(plan, who);
            match call(plan, who, view.now).people.first() {
                Some(person) => {
                    page.labelled(label, &format!("{title}: {}, {}", called(person), numbers(person)), Role::Text);
                }
                None => page.labelled(label, &format!("{title}: nobody is named"), Role::Degraded),
            }
            label = "";
        }
    }
}

/// How soon somebody must answer.
pub(super) fn responses(plan: &Plan, page: &mut Page) {
    if plan.response.is_empty() {
        return;
    }
    page.heading("Answer");
    for response in &plan.response {
        let within = response.within.map(|within| format!("within {within}"));
        let soon = within.or_else(|| response.during.clone()).unwrap_or_default();
        page.labelled(&response.severity.to_string(), &soon, Role::Text);
    }
}

/// The people of each role in the order in which they are called now, and those who are in none.
pub(super) fn rotas(view: &View<'_>, plan: &Plan, page: &mut Page) {
    for rota in &plan.rota {
        let call = call(plan, &rota.role, view.now);
        let turns = rota.turn.map(|turn| format!("in turns of {turn}")).unwrap_or_default();
        page.heading_with(role_title(plan, &rota.role), &turns, Role::Dim);
        page.table(&["name", "telephone", "chat", "mail"], &rows(&call.people));
        for person in call.people {
            certified(view, person, page);
        }
    }
    let listed = |person: &&Person| plan.rota.iter().any(|rota| rota.people.contains(&person.name));
    let others: Vec<&Person> = plan.person.iter().filter(|person| !listed(person)).collect();
    if !others.is_empty() {
        page.heading("In no rota");
        page.table(&["name", "telephone", "chat", "mail"], &rows(&others));
    }
}

fn rows(people: &[&Person]) -> Vec<Vec<String>> {
    let said = |value: &Option<String>| value.clone().unwrap_or_default();
    let row = |person: &&Person| {
        vec![called(person).to_owned(), said(&person.phone), said(&person.chat), said(&person.email)]
    };
    people.iter().map(row).collect()
}

fn certified(view: &View<'_>, person: &Person, page: &mut Page) {
    if let Some(until) = person.certified_until.filter(|until| *until < view.zoned(view.now).date_naive()) {
        page.text(2, &format!("{}: the certification ended on {until}", called(person)), Role::Degraded);
    }
}

/// Companies to call.
pub(super) fn contacts(plan: &Plan, page: &mut Page) {
    if plan.contact.is_empty() {
        return;
    }
    page.heading("Outside");
    for contact in &plan.contact {
        let account = contact.account.as_ref().map(|account| format!("account {account}"));
        let ways = [contact.phone.clone(), contact.email.clone(), account];
        let ways: Vec<String> = ways.into_iter().flatten().collect();
        let ways = if ways.is_empty() { "no number in the plan".to_owned() } else { ways.join(", ") };
        let title = contact.title.as_deref().unwrap_or(&contact.name);
        page.text(2, &format!("{title}: {ways}"), Role::Text);
        page.text(4, contact.purpose.as_deref().unwrap_or_default(), Role::Dim);
    }
}

/// The ways to reach many at once.
pub(super) fn channels(plan: &Plan, page: &mut Page) {
    if plan.channel.is_empty() {
        return;
    }
    page.heading("Channels");
    let row =
        |channel: &Channel| vec![channel.name.clone(), word(channel.kind), channel.target.clone().unwrap_or_default()];
    page.table(&["name", "kind", "where"], &plan.channel.iter().map(row).collect::<Vec<_>>());
}

/// What everybody is there for.
pub(super) fn duties(plan: &Plan, page: &mut Page) {
    for role in &plan.role {
        if role.during.is_empty() && role.after.is_empty() {
            continue;
        }
        page.heading_with("Duties", role.title.as_deref().unwrap_or(&role.name), Role::Strong);
        for duty in &role.during {
            page.text(2, duty, Role::Text);
        }
        for duty in &role.after {
            page.text(2, &format!("afterwards: {duty}"), Role::Text);
        }
    }
}
