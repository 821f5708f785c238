//! Objectives that nobody set: no RTO, no RPO, no protection, no way out.

use std::collections::HashSet;

use super::Rule;
use super::examined::{Examined, followers};
use super::places::{Entry, Listed, entries};
use super::words::list;
use crate::plan::Finding;
use crate::plan::source::Path;

pub const RULES: &[Rule] = &[objectives, parts, rto, rpo, protection, procedure, priority];

/// Whether a key was left out, rather than written in a way that could not be read.
fn left_out<T: Listed>(examined: &Examined<'_>, entry: Entry<'_, T>, key: &str) -> bool {
    !examined.is_written(&examined.path(entry).to(key))
}

/// A platform that promises nothing.
fn objectives(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let platform = Path::root().to("platform");
    let said = &examined.plan.platform;
    let missing: Vec<&str> = [("rto", said.rto), ("rpo", said.rpo)]
        .into_iter()
        .filter(|(key, promise)| promise.is_none() && !examined.is_written(&platform.to(*key)))
        .map(|(key, _)| key)
        .collect();
    if missing.is_empty() {
        return;
    }
    let names = list(missing.iter().map(|key| if *key == "rto" { "no RTO" } else { "no RPO" }));
    let keys: Vec<String> = missing.iter().map(|key| format!("{key} = \"1h\"")).collect();
    findings.push(
        Finding::warning("missing-objective", format!("the platform has {names}"))
            .at(examined.at(&platform.to("name")), "what is promised?")
            .because("without a promise nothing here can be too slow or too old, and on the night nobody knows what to aim at")
            .mend(format!("say what is promised: {}", list(keys.iter().map(String::as_str)))),
    );
}

/// A plan without what makes it one.
fn parts(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let plan = examined.plan;
    let missing: Vec<&str> = [
        ("component", plan.component.is_empty()),
        ("data", plan.data.is_empty()),
        ("scenario", plan.scenario.is_empty()),
    ]
    .into_iter()
    .filter(|(key, is_empty)| *is_empty && !examined.is_written(&Path::root().to(*key)))
    .map(|(key, _)| key)
    .collect();
    if missing.is_empty() {
        return;
    }
    let names = list(missing.iter().copied());
    let none: Vec<String> = missing.iter().map(|key| format!("no {key}")).collect();
    findings.push(
        Finding::warning("missing-part", format!("the plan names {}", list(none.iter().map(String::as_str))))
            .at(examined.at(&Path::root().to("platform").to("name")), format!("without {names}"))
            .because("what is not named is neither watched nor protected, and nobody knows how to bring it back")
            .mend(format!(
                "add {}; the starter (`lifeboat plan new`) shows each",
                list(missing.iter().map(|key| match *key {
                    "component" => "a [[component]] for everything that can fail",
                    "data" => "a [[data]] for everything that must not be lost",
                    _ => "a [[scenario]] for everything that can happen",
                }))
            )),
    );
}

/// A component without an RTO. A class of urgency that says until when counts as one.
fn rto(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let classes: HashSet<u8> = examined.plan.priority.iter().map(|priority| priority.level).collect();
    for component in entries(&examined.plan.component) {
        let has_class = component.priority.is_some_and(|level| classes.contains(&level));
        if component.rto.is_none() && !has_class && left_out(examined, component, "rto") {
            findings.push(
                Finding::warning("missing-rto", format!("{} has no RTO", component.name))
                    .at(examined.origin(component), "how long may it be away?")
                    .because(format!("nobody can tell on the night whether {} comes first or can wait", component.name))
                    .mend("say how long it may be away: rto = \"1h\""),
            );
        }
    }
}

/// Data without an RPO.
fn rpo(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        if data.rpo.is_none() && left_out(examined, data, "rpo") {
            findings.push(
                Finding::warning("missing-rpo", format!("{} has no RPO", data.name))
                    .at(examined.origin(data), "how much of it may be lost?")
                    .because("no backup can be called too old as long as nobody said how old it may be")
                    .mend("say how much may be lost: rpo = \"1h\", or \"real-time\" for nothing"),
            );
        }
    }
}

/// Data that nothing protects.
fn protection(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        let path = examined.path(data).to("protected_by");
        let empty = super::places::walk(examined.tree, &path).is_none_or(|node| node.elements().is_empty());
        if data.protected_by.is_empty() && empty {
            findings.push(
                Finding::warning("missing-protection", format!("nothing protects {}", data.name))
                    .at(examined.origin(data), "protected by no job")
                    .because(format!("when {} is lost, it is lost", data.component.as_deref().unwrap_or(&data.name)))
                    .mend("name the jobs that keep copies of it: protected_by = [\"...\"]"),
            );
        }
    }
}

/// A scenario without a way out.
fn procedure(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for scenario in entries(&examined.plan.scenario) {
        if scenario.procedure.is_none() && left_out(examined, scenario, "procedure") {
            findings.push(
                Finding::warning("missing-procedure", format!("{} has no way out", scenario.name))
                    .at(examined.origin(scenario), "and then?")
                    .because("whoever recognises it on the night has to invent what to do")
                    .mend("name the procedure to follow: procedure = \"...\""),
            );
        }
    }
}

/// A component outside the classes of urgency, where the plan has some. Those that only follow
/// another one share its class.
fn priority(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    if examined.plan.priority.is_empty() {
        return;
    }
    let followers: HashSet<&String> = examined.plan.component.iter().flat_map(followers).collect();
    for component in entries(&examined.plan.component) {
        if component.priority.is_none()
            && !followers.contains(&component.item.name)
            && left_out(examined, component, "priority")
        {
            findings.push(
                Finding::warning("missing-priority", format!("{} belongs to no class of urgency", component.name))
                    .at(examined.origin(component), "before what, and after what?")
                    .because("with several things down at once, it is restored whenever somebody thinks of it")
                    .mend("give it the level of one of the [[priority]] entries: priority = 1"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds, only};

    #[test]
    fn a_plan_that_promises_or_names_nothing_is_found() {
        let plan = |platform: &str, rest: &str| format!("[platform]\nname='p'\n{platform}\n{rest}");
        let all = "[[component]]\nname='a'\nkind='host'\n[[data]]\nname='d'\n[[scenario]]\nname='s'";
        finds("missing-objective", &plan("", ""), &["name='p'"]);
        assert_eq!(only("missing-objective", &plan("rto='1h'", "")).message, "the platform has no RPO");
        accepts("missing-objective", &plan("rto='1h'\nrpo='soon'", ""));
        finds("missing-part", &plan("", ""), &["name='p'"]);
        let without_data = all.replace("[[data]]\nname='d'\n", "");
        assert_eq!(only("missing-part", &plan("", &without_data)).message, "the plan names no data");
        accepts("missing-part", &plan("", all));
    }

    #[test]
    fn a_component_without_rto_is_found() {
        let plan = |rest: &str| format!("[[component]]\nname='a'\nkind='host'\n{rest}");
        finds("missing-rto", &plan(""), &["name='a'"]);
        accepts("missing-rto", &plan("rto='1h'"));
        accepts("missing-rto", &plan("rto='soon'"));
        accepts("missing-rto", &plan("priority=1\n[[priority]]\nlevel=1\nname='c'\nwithin='1h'"));
    }

    #[test]
    fn data_without_rpo_or_protection_are_found() {
        finds("missing-rpo", "[[data]]\nname='d'", &["name='d'"]);
        accepts("missing-rpo", "[[data]]\nname='d'\nrpo='real-time'");
        finds("missing-protection", "[[data]]\nname='d'\nprotected_by=[]", &["name='d'"]);
        accepts("missing-protection", "[[data]]\nname='d'\nprotected_by=['x']");
    }

    #[test]
    fn a_scenario_without_a_way_out_is_found() {
        finds("missing-procedure", "[[scenario]]\nname='s'", &["name='s'"]);
        accepts("missing-procedure", "[[scenario]]\nname='s'\nprocedure='p'");
    }

    #[test]
    fn a_component_outside_the_classes_is_found_where_there_are_classes() {
        let class = "[[priority]]\nlevel=1\nname='c'\nwithin='1h'\n";
        let component = "[[component]]\nname='a'\nkind='postgres'\n";
        finds("missing-priority", &format!("{class}{component}"), &["name='a'"]);
        accepts("missing-priority", component);
        let standby = "[[component]]\nname='b'\nkind='postgres'\n";
        accepts("missing-priority", &format!("{class}{component}priority=1\npostgres={{standbys=['b']}}\n{standby}"));
    }
}
