//! Whether somebody answers.

use std::collections::HashSet;

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use super::words::list;
use crate::plan::Finding;
use crate::plan::source::Origin;
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

/// Roles that are called in, and have no rota.
fn nobody(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    // A plan that lists no people keeps them elsewhere on purpose.
    if examined.plan.rota.is_empty() && examined.plan.person.is_empty() {
        return;
    }
    let manned: HashSet<&str> = examined.plan.rota.iter().map(|rota| rota.role.as_str()).collect();
    let mut without: Vec<(&str, Origin)> = Vec::new();
    for level in entries(&examined.plan.escalation) {
        for (index, role) in level.item.who.iter().enumerate() {
            let is_new = without.iter().all(|(known, _)| known != role);
            if examined.roles.get(role).is_some() && !manned.contains(role.as_str()) && is_new {
                without.push((role, examined.element(level, "who", index, role)));
            }
        }
    }
    if without.is_empty() {
        return;
    }
    let names = list(without.iter().map(|(role, _)| *role));
    let finding =
        Finding::warning("role-without-people", format!("the escalation calls in {names}, and nobody is named"));
    let finding =
        without.iter().fold(finding, |finding, (role, place)| finding.at(*place, format!("nobody is {role}")));
    findings.push(
        finding
            .because("the escalation reaches this level and ends in a role that no telephone belongs to")
            .mend("add [[rota]] for each, with the people, first to last: role = \"...\", people = [\"...\"]"),
    );
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

const UNPRACTISED: &str = "people who have not practised take twice the time, and take it out of the RTO";

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
    let people = || entries(&examined.plan.person);
    let mut tell = |message: String, people: Vec<Entry<'_, Person>>, key: Option<&str>, mend: &str| {
        let at = |person| key.map_or_else(|| examined.origin(person), |key| examined.key(person, key));
        let finding = people.iter().fold(Finding::warning("certification", message), |finding, person| {
            finding.at(at(*person), if key.is_some() { "over" } else { "never certified" })
        });
        findings.push(finding.because(UNPRACTISED).mend(mend));
    };
    let names = |people: &[Entry<'_, Person>]| list(people.iter().map(|person| person.item.name.as_str()));
    let ended: Vec<_> =
        people().filter(|person| person.certified_until.is_some_and(|until| until < examined.today())).collect();
    if !ended.is_empty() {
        let message = format!("the certification of {} has ended", names(&ended));
        tell(
            message,
            ended,
            Some("certified_until"),
            "let them certify again, or take them off the rota until they have",
        );
    }
    let never: Vec<_> = people()
        .filter(|person| person.certified_until.is_none() && on_call.contains(person.item.name.as_str()))
        .filter(|person| !examined.is_written(&examined.path(*person).to("certified_until")))
        .collect();
    if !never.is_empty() {
        let message = format!("on call without a certification: {}", names(&never));
        tell(message, never, None, "write until when they are certified: certified_until = 2026-01-31");
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
        let no_rota = format!("{ROLE}[[escalation]]\nlevel=1\nfrom='0s'\nwho=['sre']");
        finds("role-without-people", &no_rota, &["'sre'"]);
        accepts("role-without-people", "[[role]]\nname='sre'\n[[escalation]]\nlevel=1\nfrom='0s'\nwho=['sre']");
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
