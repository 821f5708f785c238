//! Whether somebody answers.

use std::collections::HashSet;

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use crate::plan::Finding;
use crate::plan::types::{ChannelKind, Person};

pub const RULES: &[Rule] = &[empty_rota, nobody, unreachable, certified];

/// A rota without people.
fn empty_rota(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for rota in entries(&examined.plan.rota) {
        let written = super::places::walk(examined.tree, &examined.path(rota).to("people"));
        if !rota.people.is_empty() || written.is_some_and(|node| !node.elements().is_empty()) {
            continue;
        }
        findings.push(
            Finding::warning("role-without-people", format!("nobody is on the rota of {}", rota.role))
                .at(examined.key(rota, "people"), "nobody")
                .because(format!("when {} is called at three in the morning, no telephone rings", rota.role))
                .mend("name at least two people, first to last: people = [\"...\", \"...\"]"),
        );
    }
}

/// A role that is called in, and has no rota.
fn nobody(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    // A plan that lists no people keeps them elsewhere on purpose.
    if examined.plan.rota.is_empty() {
        return;
    }
    let manned: HashSet<&str> = examined.plan.rota.iter().map(|rota| rota.role.as_str()).collect();
    let mut told: HashSet<&str> = HashSet::new();
    for level in entries(&examined.plan.escalation) {
        for (index, role) in level.item.who.iter().enumerate() {
            let exists = examined.roles.get(role).is_some();
            if !exists || manned.contains(role.as_str()) || !told.insert(role) {
                continue;
            }
            findings.push(
                Finding::warning(
                    "role-without-people",
                    format!("{role} is called in at level {}, and nobody is named for it", level.level),
                )
                .at(examined.element(level, "who", index, role), "nobody has this role")
                .because("the escalation reaches this level and ends in a role that no telephone belongs to")
                .mend(format!("add [[rota]] with role = \"{role}\" and the people, first to last")),
            );
        }
    }
}

/// Somebody on a rota who cannot be reached by anything.
fn unreachable(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let has_calls = examined.plan.channel.iter().any(|channel| channel.kind == ChannelKind::Phone);
    for person in entries(&examined.plan.person) {
        if person.phone.is_some() || person.chat.is_some() || person.email.is_some() {
            continue;
        }
        let how = if has_calls { "phone = \"+49 ...\"" } else { "phone, chat or email" };
        findings.push(
            Finding::warning("unreachable-person", format!("{} has neither telephone nor chat nor mail", person.name))
                .at(examined.origin(person), "cannot be reached")
                .because(format!(
                    "whoever looks {} up in the plan on the night finds a name and no number",
                    person.name
                ))
                .mend(format!("say how to reach them: {how}")),
        );
    }
}

/// People on call whose certification has ended, or who have none where the plan asks for one.
fn certified(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let asked: HashSet<&str> =
        examined.plan.certification.iter().flat_map(|asked| &asked.of).map(String::as_str).collect();
    let on_call: HashSet<&str> = examined
        .plan
        .rota
        .iter()
        .filter(|rota| asked.contains(rota.role.as_str()))
        .flat_map(|rota| &rota.people)
        .map(String::as_str)
        .collect();
    for person in entries(&examined.plan.person) {
        let person: Entry<'_, Person> = person;
        let why = "people who have not practised take twice the time, and take it out of the RTO";
        match person.certified_until {
            Some(until) if until < examined.today() => findings.push(
                Finding::warning("certification", format!("the certification of {} ended on {until}", person.name))
                    .at(examined.key(person, "certified_until"), "over")
                    .because(why)
                    .mend("let them certify again, or take them off the rota until they have"),
            ),
            None if on_call.contains(person.item.name.as_str()) => findings.push(
                Finding::warning("certification", format!("{} is on call without a certification", person.name))
                    .at(examined.origin(person), "certified never")
                    .because(why)
                    .mend("write until when they are certified: certified_until = 2026-01-31"),
            ),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    const ROLE: &str = "[[role]]\nname='sre'\n[[role]]\nname='cio'\n[[person]]\nname='ada'\nphone='1'\n";

    #[test]
    fn roles_that_nobody_has_are_found() {
        let rota = |people: &str| format!("{ROLE}[[rota]]\nrole='sre'\npeople = [{people}]\n");
        finds("role-without-people", &rota(""), &["people"]);
        accepts("role-without-people", &rota("'ada'"));
        let escalation =
            |who: &str| rota("'ada'") + &format!("[[escalation]]\nlevel=1\nfrom='0s'\nwho=['sre', '{who}']");
        finds("role-without-people", &escalation("cio"), &["'cio'"]);
        accepts("role-without-people", &escalation("sre"));
    }

    #[test]
    fn people_who_cannot_be_reached_are_found() {
        finds("unreachable-person", "[[person]]\nname='ada'", &["name='ada'"]);
        accepts("unreachable-person", "[[person]]\nname='ada'\nemail='a@b'");
    }

    #[test]
    fn an_ended_certification_is_found() {
        let plan = |until: &str| format!("[[person]]\nname='ada'\nphone='1'\ncertified_until={until}");
        finds("certification", &plan("2024-11-30"), &["certified_until=2024-11-30"]);
        accepts("certification", &plan("2024-12-01"));
        let asked = format!("{ROLE}[[rota]]\nrole='sre'\npeople=['ada']\n[certification]\nof=['sre']\nrequires=[]");
        finds("certification", &asked, &["name='ada'"]);
        accepts("certification", &asked.replace("of=['sre']", "of=['cio']"));
    }
}
