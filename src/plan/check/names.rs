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
    for job in entries(&examined.plan.job) {
        let job: Entry<'_, Job> = job;
        components.expect_key(examined, job, "of", job.of.as_ref(), findings);
        jobs.expect_all(examined, job, "takes", &job.takes, findings);
        stores.expect_all(examined, job, "to", &job.to, findings);
        jobs.expect_key(examined, job, "base", job.base.as_ref(), findings);
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
mod tests {
    use super::super::testing::{accepts, findings, finds, only};

    const RULE: &str = "dangling-name";

    /// One dangling name in every place that takes one, and what must be underlined for it.
    const WRONG: [(&str, &str); 33] = [
        ("[[component]]\nname='a'\nkind='host'\nsite='x'", "site='x'"),
        ("[[component]]\nname='a'\nkind='host'\nneeds=['a', 'x']", "'x'"),
        (
            "[[component]]\nname='a'\nkind='host'\npriority=9\n[[priority]]\nlevel=1\nname='c'\nwithin='1h'",
            "priority=9",
        ),
        ("[[component]]\nname='a'\nkind='postgres'\npostgres={standbys=['x']}", "'x'"),
        ("[[component]]\nname='a'\nkind='redis'\nredis={replicas=['x']}", "'x'"),
        ("[[component]]\nname='a'\nkind='load-balancer'\nbalancer={hosts=['x']}", "'x'"),
        ("[[component]]\nname='a'\nkind='dns-name'\ndns={points_to={x='1.2.3.4'}}", "x='1.2.3.4'"),
        ("[[data]]\nname='d'\ncomponent='x'", "component='x'"),
        ("[[data]]\nname='d'\nprotected_by=['x']", "'x'"),
        ("[[data]]\nname='d'\ncounts_in='x'", "counts_in='x'"),
        ("[[data]]\nname='d'\nretention={x='7d'}", "x='7d'"),
        ("[[store]]\nname='s'\nkind='directory'\nsite='x'", "site='x'"),
        ("[[job]]\nname='j'\ndo='backup'\non_change=true\nof='x'", "of='x'"),
        ("[[job]]\nname='j'\ndo='upload'\non_change=true\ntakes=['x']", "'x'"),
        ("[[job]]\nname='j'\ndo='upload'\non_change=true\nto=['x']", "'x'"),
        ("[[job]]\nname='j'\ndo='backup'\non_change=true\nbase='x'", "base='x'"),
        ("[[job]]\nname='j'\ndo='drill'\non_change=true\nscenario='x'", "scenario='x'"),
        ("[[scenario]]\nname='s'\nof=['x']", "'x'"),
        ("[[scenario]]\nname='s'\nprocedure='x'", "procedure='x'"),
        ("[[scenario]]\nname='s'\ntier=3", "tier=3"),
        ("[[scenario]]\nname='s'\ntriggers=['manual', 'x.verdict == down']", "'x.verdict == down'"),
        ("[[scenario]]\nname='s'\ntriggers=['manual by x']", "'manual by x'"),
        ("[[scenario]]\nname='s'\ntriggers=['all of app-*.verdict == down']", "'all of app-*.verdict == down'"),
        ("[[procedure]]\nname='p'\nrestores=['x']", "'x'"),
        ("[[procedure]]\nname='p'\nneeds=['x']", "'x'"),
        ("[[procedure]]\nname='p'\nsite='x'", "site='x'"),
        ("[[procedure]]\nname='p'\napproved_by='x'", "approved_by='x'"),
        ("[[procedure]]\nname='p'\nchecklist='x'", "checklist='x'"),
        ("[[procedure]]\nname='p'\n[[procedure.step]]\nname='s'\nneeds=['x']", "'x'"),
        (
            "[[procedure]]\nname='p'\n[[procedure.step]]\nname='s'\nproof='x.verdict == healthy'",
            "proof='x.verdict == healthy'",
        ),
        ("[[decision]]\nname='d'\nask='?'\nthen={yes='x'}", "yes='x'"),
        ("[[decision]]\nname='d'\nask='?'\nanswer='x.verdict'", "answer='x.verdict'"),
        ("[[cost.storage]]\nstore='x'\nper_gb=0.1", "store='x'"),
    ];

    /// The same for names in steps, people and messages.
    const WRONG_TOO: [(&str, &str); 10] = [
        ("[[message]]\nname='m'\nto=['x']", "'x'"),
        ("[[procedure]]\nname='p'\n[[procedure.step]]\nname='s'\nof='x'", "of='x'"),
        ("[[procedure]]\nname='p'\n[[procedure.step]]\nname='s'\nfrom='x'", "from='x'"),
        ("[[procedure]]\nname='p'\n[[procedure.step]]\nname='s'\nby='x'", "by='x'"),
        ("[[rota]]\nrole='x'\npeople=[]", "role='x'"),
        ("[[role]]\nname='r'\n[[rota]]\nrole='r'\npeople=['x']", "'x'"),
        ("[[escalation]]\nlevel=1\nfrom='0s'\nwho=['x']", "'x'"),
        ("[certification]\nof=['x']\nrequires=[]", "'x'"),
        ("[[message]]\nname='m'\nvia=['x']", "'x'"),
        ("[[checklist]]\nname='c'\nitem=[{text='t', check='x.verdict == healthy'}]", "check='x.verdict == healthy'"),
    ];

    #[test]
    fn a_name_that_names_nothing_is_found_wherever_it_stands() {
        for (plan, place) in WRONG.iter().chain(&WRONG_TOO) {
            finds(RULE, plan, &[place]);
        }
    }

    #[test]
    fn names_that_exist_are_accepted() {
        accepts(
            RULE,
            "[[site]]\nname='s'\n[[role]]\nname='r'\n[[store]]\nname='local'\nkind='directory'\nsite='s'\n\
             [[component]]\nname='app-1'\nkind='host'\nsite='s'\nneeds=['app-1']\npriority=1\n\
             [[job]]\nname='j'\ndo='backup'\nof='app-1'\nevery='1h'\nto=['local']\n\
             [[data]]\nname='d'\ncomponent='app-1'\nprotected_by=['j']\ncounts_in='local'\nretention={local='7d'}\n\
             [[procedure]]\nname='p'\nneeds=['local']\n[[procedure.step]]\nname='x'\nof='app-1'\nfrom='j'\nby='r'\n\
             [[scenario]]\nname='x'\nof=['d']\nprocedure='p'\n\
             triggers=['any of app-*.verdict == down', 'manual by r', 's.verdict == down', 'd.loss > 10%']\n\
             [[decision]]\nname='q'\nask='?'\nthen={yes='p', no='q'}\n\
             [[audience]]\nname='customers'\n\
             [[message]]\nname='m'\nto=['r', 'customers']\n[[approval]]\nrole='vp'",
        );
    }

    #[test]
    fn the_nearest_name_is_offered() {
        let near = only(RULE, "[[site]]\nname='primary'\n[[component]]\nname='a'\nkind='host'\nsite='primry'");
        assert_eq!(near.mend, "did you mean \"primary\"?");
        let far = only(RULE, "[[site]]\nname='primary'\n[[component]]\nname='a'\nkind='host'\nsite='moon'");
        assert!(far.mend.contains("primary"), "{}", far.mend);
    }

    #[test]
    fn an_approval_may_be_asked_of_others_than_roles_but_not_of_misspelt_ones() {
        let plan = |role: &str| format!("[[role]]\nname='commander'\n[[approval]]\nrole='{role}'");
        finds(RULE, &plan("comander"), &["role='comander'"]);
        accepts(RULE, &plan("board"));
    }

    #[test]
    fn what_could_not_be_read_still_exists_and_is_still_found_in_its_place() {
        let plan = "[[component]]\nname='a'\n[[component]]\nname='b'\nkind='host'\nneeds=['a', 'x']";
        finds(RULE, plan, &["'x'"]);
        assert!(findings(plan).0.iter().any(|finding| finding.rule == "missing-key"), "a has no kind");
    }
}
