//! Failovers that work on the site that is lost.

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use crate::plan::types::{Action, Procedure, Purpose, Step};
use crate::plan::{Condition, Finding};

pub const RULES: &[Rule] = &[lost_site];

/// What is done to a site that is given up, or may be tried on it: keeping it quiet, looking at it,
/// pointing away from it, and what says itself where it acts.
const TO_THE_OLD: [Action; 8] = [
    Action::Fence,
    Action::Stop,
    Action::Switch,
    Action::Probe,
    Action::Fetch,
    Action::Manual,
    Action::Message,
    Action::Command,
];

/// A step of a failover that acts on, or is proven by, a component of another site than the one that
/// takes over.
fn lost_site(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for procedure in entries(&examined.plan.procedure) {
        let procedure: Entry<'_, Procedure> = procedure;
        let Some(site) = procedure.item.site.as_deref().filter(|_| procedure.item.purpose == Some(Purpose::Failover))
        else {
            continue;
        };
        for step in entries(&procedure.item.step) {
            let Some((key, name)) = elsewhere(examined, step.item, site) else { continue };
            let Some(component) = examined.components.get(name) else { continue };
            let there = component.item.site.as_deref().unwrap_or_default();
            findings.push(
                Finding::warning(
                    "lost-site",
                    format!("{} of {} works on {name} at {there}, and {site} is to take over", step.name, procedure.name),
                )
                .at(examined.at(&step.within(examined.tree, &examined.path(procedure)).to(key)), format!("at {there}"))
                .at(examined.key(procedure, "site"), "what takes over")
                .because(format!(
                    "when {there} is gone this step cannot work, and when it is back the step changes what nobody wanted touched"
                ))
                .mend(format!("name the component at {site} that takes its place, and add it if the plan has none")),
            );
        }
    }
}

/// The key of a step that leads to another site, and the component it names.
fn elsewhere<'s>(examined: &Examined<'_>, step: &'s Step, site: &str) -> Option<(&'static str, &'s str)> {
    if step.action.is_some_and(|action| TO_THE_OLD.contains(&action)) {
        return None;
    }
    let is_elsewhere = |name: &str| {
        let there = examined.components.get(name).and_then(|component| component.item.site.as_deref());
        there.is_some_and(|there| there != site)
    };
    let of = step.of.as_deref().map(|of| ("of", of));
    let proof = step.proof.as_ref().and_then(|proof| match proof {
        Condition::Fact { fact, .. } => Some(("proof", fact.subject.as_str())),
        Condition::Manual { .. } => None,
    });
    of.into_iter().chain(proof).find(|(_, name)| is_elsewhere(name))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    fn plan(purpose: &str, step: &str) -> String {
        format!(
            "[[site]]\nname='x'\n[[site]]\nname='y'\n[[component]]\nname='a'\nkind='redis'\nsite='x'\n\
             [[component]]\nname='b'\nkind='redis'\nsite='y'\n[[component]]\nname='c'\nkind='dns-name'\n\
             [[procedure]]\nname='p'\npurpose='{purpose}'\nsite = 'y'\n[[procedure.step]]\nname='s'\n{step}"
        )
    }

    #[test]
    fn a_failover_that_works_on_the_lost_site_is_found() {
        for action in ["restore", "start", "verify", "promote"] {
            finds("lost-site", &plan("failover", &format!("do='{action}'\nof='a'")), &["of='a'", "site = 'y'"]);
            accepts("lost-site", &plan("failover", &format!("do='{action}'\nof='b'")));
        }
        let proof = "do='restore'\nof='b'\nproof='a.verdict == healthy'";
        finds("lost-site", &plan("failover", proof), &["proof='a.verdict == healthy'", "site = 'y'"]);
    }

    #[test]
    fn what_belongs_to_the_lost_site_is_accepted() {
        for action in ["fence", "switch", "probe", "manual", "stop"] {
            accepts("lost-site", &plan("failover", &format!("do='{action}'\nof='a'")));
        }
        accepts("lost-site", &plan("failback", "do='restore'\nof='a'"));
        accepts("lost-site", &plan("failover", "do='restart'\nof='c'"));
    }
}
