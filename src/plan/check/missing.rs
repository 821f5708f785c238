//! Objectives that nobody set: no RTO, no RPO, no protection, no way out.

use std::collections::HashSet;

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, Listed, entries};
use crate::plan::Finding;

pub const RULES: &[Rule] = &[rto, rpo, protection, procedure, priority];

/// Whether a key was left out, rather than written in a way that could not be read.
fn left_out<T: Listed>(examined: &Examined<'_>, entry: Entry<'_, T>, key: &str) -> bool {
    !examined.is_written(&examined.path(entry).to(key))
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
    let lists = |component: &'_ crate::plan::types::Component| {
        let standbys = component.postgres.iter().flat_map(|settings| settings.standbys.clone());
        let replicas = component.redis.iter().flat_map(|settings| settings.replicas.clone());
        standbys.chain(replicas).collect::<Vec<_>>()
    };
    let followers: HashSet<String> = examined.plan.component.iter().flat_map(lists).collect();
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
    use super::super::testing::{accepts, finds};

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
