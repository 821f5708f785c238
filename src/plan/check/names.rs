//! Names that name nothing.

use std::collections::HashSet;

use super::Rule;
use super::examined::Examined;
use super::known::Known;
use super::places::{Entry, entries};
use crate::plan::Finding;
use crate::plan::source::{Origin, Path};
use crate::plan::types::{Component, Decision, Job, Message, Procedure, Scenario, Step};

pub const RULES: &[Rule] =
    &[platform_parts, components, data, stores, jobs, scenarios, procedures, decisions, people, messages, costs];

/// What belongs to sites, tiers and classes of urgency.
fn platform_parts(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let levels: HashSet<u8> = examined.plan.priority.iter().map(|priority| priority.level).collect();
    for component in entries(&examined.plan.component) {
        if let Some(level) = component.priority
            && !levels.is_empty()
            && !levels.contains(&level)
        {
            findings.push(no_level("priority", level, examined.key(component, "priority")));
        }
    }
    let tiers: HashSet<u8> = examined.plan.tier.iter().map(|tier| tier.level).collect();
    for scenario in entries(&examined.plan.scenario) {
        if let Some(level) = scenario.tier
            && !tiers.contains(&level)
        {
            findings.push(no_level("tier", level, examined.key(scenario, "tier")));
        }
    }
}

fn no_level(what: &str, level: u8, at: Origin) -> Finding {
    Finding::error("dangling-name", format!("there is no {what} {level}"))
        .at(at, format!("no [[{what}]] has this level"))
        .because("nobody can tell on the night how soon this must be back")
        .mend(format!("name a level of one of the [[{what}]] entries, or add one with level = {level}"))
}

fn components(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let sites = Known::of(examined, "site", &["site"]);
    let known = Known::of(examined, "component", &["component"]);
    for component in entries(&examined.plan.component) {
        sites.expect_key(examined, component, "site", component.site.as_ref(), findings);
        known.expect_all(examined, component, "needs", &component.needs, findings);
        settings_of(examined, component, &known, &sites, findings);
    }
}

/// Names within the settings of a kind.
fn settings_of(
    examined: &Examined<'_>,
    component: Entry<'_, Component>,
    known: &Known<'_>,
    sites: &Known<'_>,
    findings: &mut Vec<Finding>,
) {
    let lists = [
        ("postgres", "standbys", component.postgres.as_ref().map(|settings| &settings.standbys)),
        ("redis", "replicas", component.redis.as_ref().map(|settings| &settings.replicas)),
        ("balancer", "hosts", component.balancer.as_ref().map(|settings| &settings.hosts)),
    ];
    for (settings, key, names) in lists {
        for (index, name) in names.into_iter().flatten().enumerate() {
            let at = || {
                let list = examined.path(component).to(settings).to(key);
                examined.at(&super::places::element(examined.tree, &list, index, name))
            };
            known.expect(name, at, findings);
        }
    }
    for site in component.item.dns.iter().flat_map(|dns| dns.points_to.keys()) {
        sites.expect(site, || examined.at(&examined.path(component).to("dns").to("points_to").to(site)), findings);
    }
}

fn data(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let components = Known::of(examined, "component", &["component"]);
    let jobs = Known::of(examined, "job", &["job"]);
    let stores = Known::of(examined, "store", &["store"]);
    for data in entries(&examined.plan.data) {
        components.expect_key(examined, data, "component", data.component.as_ref(), findings);
        jobs.expect_all(examined, data, "protected_by", &data.protected_by, findings);
        stores.expect_key(examined, data, "counts_in", data.counts_in.as_ref(), findings);
        for store in data.retention.keys() {
            stores.expect(store, || examined.at(&examined.path(data).to("retention").to(store)), findings);
        }
    }
}

fn stores(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let sites = Known::of(examined, "site", &["site"]);
    for store in entries(&examined.plan.store) {
        sites.expect_key(examined, store, "site", store.site.as_ref(), findings);
    }
}

fn jobs(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let components = Known::of(examined, "component", &["component"]);
    let jobs = Known::of(examined, "job", &["job"]);
    let stores = Known::of(examined, "store", &["store"]);
    let scenarios = Known::of(examined, "scenario", &["scenario"]);
    let channels = Known::of(examined, "channel", &["channel"]);
    for job in entries(&examined.plan.job) {
        let job: Entry<'_, Job> = job;
        components.expect_key(examined, job, "of", job.of.as_ref(), findings);
        jobs.expect_all(examined, job, "takes", &job.takes, findings);
        stores.expect_all(examined, job, "to", &job.to, findings);
        jobs.expect_key(examined, job, "base", job.base.as_ref(), findings);
        channels.expect_all(examined, job, "tell", &job.tell, findings);
        scenarios.expect_key(examined, job, "scenario", job.scenario.as_ref(), findings);
    }
}

fn scenarios(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let subjects = Known::of(examined, "component, category of data or site", &["component", "data", "site"]);
    let procedures = Known::of(examined, "procedure", &["procedure"]);
    for scenario in entries(&examined.plan.scenario) {
        let scenario: Entry<'_, Scenario> = scenario;
        subjects.expect_all(examined, scenario, "of", &scenario.of, findings);
        procedures.expect_key(examined, scenario, "procedure", scenario.procedure.as_ref(), findings);
    }
}

fn procedures(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let components = Known::of(examined, "component", &["component"]);
    let needed = Known::of(examined, "component or store", &["component", "store"]);
    let sites = Known::of(examined, "site", &["site"]);
    let roles = Known::of(examined, "role or person", &["role", "person"]);
    let checklists = Known::of(examined, "checklist", &["checklist"]);
    let sources = Known::of(examined, "store or job", &["store", "job"]);
    for procedure in entries(&examined.plan.procedure) {
        components.expect_all(examined, procedure, "restores", &procedure.restores, findings);
        needed.expect_all(examined, procedure, "needs", &procedure.needs, findings);
        sites.expect_key(examined, procedure, "site", procedure.site.as_ref(), findings);
        roles.expect_key(examined, procedure, "approved_by", procedure.approved_by.as_ref(), findings);
        checklists.expect_key(examined, procedure, "checklist", procedure.checklist.as_ref(), findings);
        steps(examined, procedure, [&components, &sources, &roles], findings);
    }
}

fn steps(
    examined: &Examined<'_>,
    procedure: Entry<'_, Procedure>,
    [targets, sources, roles]: [&Known<'_>; 3],
    findings: &mut Vec<Finding>,
) {
    let parent = || examined.path(procedure);
    let names = procedure.item.step.iter().map(|step| step.name.as_str()).collect();
    let siblings = Known { what: "step of this procedure", names };
    for step in entries(&procedure.item.step) {
        let path = |step: Entry<'_, Step>| step.within(examined.tree, &parent());
        if let Some(of) = &step.of {
            targets.expect(of, || examined.at(&path(step).to("of")), findings);
        }
        if let Some(from) = &step.from {
            sources.expect(from, || examined.at(&path(step).to("from")), findings);
        }
        if let Some(by) = &step.by {
            roles.expect(by, || examined.at(&path(step).to("by")), findings);
        }
        for (index, need) in step.needs.iter().flatten().enumerate() {
            let at = || examined.at(&super::places::element(examined.tree, &path(step).to("needs"), index, need));
            siblings.expect(need, at, findings);
        }
    }
}

fn decisions(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let next = Known::of(examined, "question or procedure", &["decision", "procedure"]);
    for decision in entries(&examined.plan.decision) {
        let decision: Entry<'_, Decision> = decision;
        for (answer, leads_to) in &decision.then {
            next.expect(leads_to, || examined.at(&examined.path(decision).to("then").to(answer)), findings);
        }
    }
}

fn people(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let roles = Known::of(examined, "role", &["role"]);
    let people = Known::of(examined, "person", &["person"]);
    for rota in entries(&examined.plan.rota) {
        roles.expect_key(examined, rota, "role", Some(&rota.role), findings);
        people.expect_all(examined, rota, "people", &rota.people, findings);
    }
    for escalation in entries(&examined.plan.escalation) {
        roles.expect_all(examined, escalation, "who", &escalation.who, findings);
    }
    for (index, role) in examined.plan.certification.iter().flat_map(|certification| &certification.of).enumerate() {
        let list = Path::root().to("certification").to("of");
        let at = || examined.at(&super::places::element(examined.tree, &list, index, role));
        roles.expect(role, at, findings);
    }
    for approval in entries(&examined.plan.approval) {
        roles.expect_unless_free(&approval.role, || examined.key(approval, "role"), findings);
    }
}

/// A message goes to roles, people, companies or audiences.
fn messages(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let audience = Known::of(examined, "role, person, contact or audience", &["role", "person", "contact", "audience"]);
    let channels = Known::of(examined, "channel", &["channel"]);
    for message in entries(&examined.plan.message) {
        let message: Entry<'_, Message> = message;
        audience.expect_all(examined, message, "to", &message.item.to, findings);
        channels.expect_all(examined, message, "via", &message.via, findings);
    }
}

fn costs(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let stores = Known::of(examined, "store", &["store"]);
    for (index, price) in examined.plan.cost.iter().flat_map(|cost| &cost.storage).enumerate() {
        let at = || examined.at(&Path::root().to("cost").to("storage").to(index).to("store"));
        stores.expect(&price.store, at, findings);
    }
}

#[cfg(test)]
mod tests;
