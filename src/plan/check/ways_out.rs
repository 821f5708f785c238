//! How old the copies are that ways out go back to, held against the RPO of their scenarios.

use std::collections::HashSet;

use super::Rule;
use super::examined::{Examined, followers};
use super::exposure::Exposure;
use super::places::{Entry, entries};
use super::sites::{is_lost, lost_sites};
use super::telling::{how_to_hold, lost, said, schedule_origin, sum};
use super::words::about;
use crate::plan::Finding;
use crate::plan::types::{Action, Data, Job, Method, Procedure, Purpose, Scenario, Step};
use crate::text::Span;

pub const RULES: &[Rule] = &[losses];

/// What is lost by each scenario's way out: by the copies it goes back to, else by its own word.
fn losses(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for scenario in entries(&examined.plan.scenario) {
        let Some(rpo) = scenario.item.rpo else { continue };
        let procedure = procedure_of(examined, scenario.item);
        let before = findings.len();
        by_copies(examined, scenario, procedure, rpo, findings);
        if findings.len() == before {
            findings.extend(procedure.and_then(|procedure| by_word(examined, scenario, procedure, rpo)));
        }
    }
}

/// A way out that says itself that it loses more than its scenario allows.
fn by_word(
    examined: &Examined<'_>,
    scenario: Entry<'_, Scenario>,
    procedure: Entry<'_, Procedure>,
    rpo: Span,
) -> Option<Finding> {
    let loss = procedure.item.loss.filter(|loss| *loss > rpo)?;
    let message =
        format!("{} may lose {loss}, and {}, whose way out it is, allows {}", procedure.name, scenario.name, said(rpo));
    Some(
        Finding::warning("procedure-loss", message)
            .at(examined.key(procedure, "loss"), "what it says that it loses")
            .at(examined.key(scenario, "rpo"), "what is allowed")
            .because(format!(
                "even when everything in {} goes well, the promise of {} is broken",
                procedure.name, scenario.name
            ))
            .mend("go back to a younger copy, or promise what this way out can keep"),
    )
}

fn procedure_of<'a>(examined: &Examined<'a>, scenario: &Scenario) -> Option<Entry<'a, Procedure>> {
    examined.procedures.get(scenario.procedure.as_deref()?)
}

/// A scenario's RPO against the data that it strikes: against the copies that the steps of its way out
/// name, else, where it goes back to a copy at all, against the best there is. A repair loses nothing,
/// and neither does a standby that takes over.
fn by_copies<'a>(
    examined: &Examined<'a>,
    scenario: Entry<'a, Scenario>,
    procedure: Option<Entry<'a, Procedure>>,
    rpo: Span,
    findings: &mut Vec<Finding>,
) {
    let struck = Struck::of(examined, scenario.item);
    let goes_back = procedure.and_then(|procedure| procedure.item.purpose).is_none_or(|it| it == Purpose::Restore);
    for data in entries(&examined.plan.data).filter(|data| struck.data(data.item)) {
        let named = procedure.and_then(|procedure| by_steps(examined, procedure, scenario.item, data.item));
        let best = || examined.exposures().best(&counting_in(data.item, None)).filter(|_| goes_back);
        let way = named.or_else(|| best().map(|exposure| Way { step: None, exposure }));
        let Some(way) = way.filter(|way| way.exposure.misses(rpo)) else { continue };
        // What the data promise themselves is held against their own RPO.
        let of_data = || examined.exposures().best(data.item).map(|best| best.worst);
        if data.item.rpo.is_some_and(|own| own <= rpo) && of_data().is_some_and(|worst| worst >= way.exposure.worst) {
            continue;
        }
        findings.push(told(examined, scenario, procedure, data, &way, rpo));
    }
}

/// The copy that a way out goes back to.
struct Way<'a> {
    /// The step that names it, and what it names.
    step: Option<(Entry<'a, Step>, &'a str)>,
    exposure: Exposure,
}

fn told(
    examined: &Examined<'_>,
    scenario: Entry<'_, Scenario>,
    procedure: Option<Entry<'_, Procedure>>,
    data: Entry<'_, Data>,
    way: &Way<'_>,
    rpo: Span,
) -> Finding {
    let (name, exposure) = (&scenario.item.name, &way.exposure);
    let allows = format!("{name} allows {} of {} to be lost", said(rpo), data.name);
    let message = match way.step.zip(procedure) {
        Some(((_, from), procedure)) => {
            format!("{allows}, and {} goes back to {from}, which may lose {}", procedure.name, lost(exposure))
        }
        None => format!("{allows}, and its best copy may lose {}", lost(exposure)),
    };
    let finding = Finding::warning("scenario-rpo", message).at(examined.key(scenario, "rpo"), "what is promised");
    let finding = match way.step.zip(procedure) {
        Some(((step, _), procedure)) => finding
            .at(examined.at(&step.within(examined.tree, &examined.path(procedure)).to("from")), "goes back to this"),
        None => finding,
    };
    let job =
        exposure.hops.last().and_then(|hop| Some(Entry { index: hop.job, item: examined.plan.job.get(hop.job)? }));
    let finding = match job {
        Some(job) => finding.at(schedule_origin(examined, job), sum(examined, exposure)),
        None => finding,
    };
    let mend = match way.step {
        Some(_) => "go back to a younger copy".to_owned(),
        None => how_to_hold(Some(exposure), rpo),
    };
    let can_be_kept = if exposure.is_known {
        format!("rpo = \"{}\"", about(exposure.worst))
    } else {
        format!("{}, and how much more, `expect` of the job should state", lost(exposure))
    };
    finding
        .because(format!(
            "in {name} whatever changed in {} since that copy was begun is gone: {}",
            data.name,
            lost(exposure)
        ))
        .mend(format!("{mend}, or promise what can be kept: {can_be_kept}"))
}

/// The youngest of the copies that the steps of a procedure restore `data` from.
fn by_steps<'a>(
    examined: &Examined<'a>,
    procedure: Entry<'a, Procedure>,
    scenario: &Scenario,
    data: &Data,
) -> Option<Way<'a>> {
    let is_repair = procedure.item.purpose == Some(Purpose::Repair);
    let lost: Vec<&str> = lost_sites(examined, scenario);
    let restores = |step: &Step| matches!(step.action, Some(Action::Restore | Action::Replay));
    let mut ways: Vec<(Way<'a>, Option<&Job>)> = Vec::new();
    for step in entries(&procedure.item.step).filter(|step| restores(step.item)) {
        let Some(from) = step.item.from.as_deref() else { continue };
        let way = |exposure| Way { step: Some((step, from)), exposure };
        if let Some(job) = examined.jobs.get(from).filter(|job| works_on(examined, job.item, data)) {
            // A repair takes its WAL from a server that is still there and hands out the last of it.
            if is_repair && job.item.continuous == Some(true) {
                return None;
            }
            ways.extend(from_job(examined, job.item, data, &lost).map(|exposure| (way(exposure), Some(job.item))));
        } else if examined.stores.get(from).is_some()
            && step.item.of.as_deref().is_some_and(|of| stands_for(examined, of, data))
        {
            ways.extend(
                examined.exposures().best(&counting_in(data, Some(from))).map(|exposure| (way(exposure), None)),
            );
        }
    }
    let method = |job: Option<&Job>| job.and_then(|job| job.method);
    let keeps_messages = ways.iter().any(|(_, job)| method(*job) == Some(Method::Messages));
    let counts = |(_, job): &(Way<'a>, Option<&Job>)| {
        !(keeps_messages && matches!(method(*job), Some(Method::Definitions | Method::Queues)))
    };
    ways.into_iter().filter(counts).map(|(way, _)| way).min_by_key(|way| (way.exposure.worst, !way.exposure.is_known))
}

/// What is lost by going back to what a job keeps, in the stores that are left. Nothing is said of one
/// that cannot be restored at all: that is another rule's word.
fn from_job(examined: &Examined<'_>, job: &Job, data: &Data, lost: &[&str]) -> Option<Exposure> {
    let exposures = examined.exposures();
    exposures.stands_alone(&job.name, None).ok()?;
    let left =
        job.to.iter().filter_map(|name| examined.stores.get(name)).filter(|store| !is_lost(examined, store.item, lost));
    let by_store = left.filter_map(|store| exposures.of(&counting_in(data, Some(&store.item.name)), &job.name).ok());
    let least = by_store.min_by_key(|exposure| exposure.worst);
    if job.to.is_empty() { exposures.of(&counting_in(data, None), &job.name).ok() } else { least }
}

/// The same data, with the copy in `store` counting, or any.
fn counting_in(data: &Data, store: Option<&str>) -> Data {
    Data { counts_in: store.map(ToOwned::to_owned), ..data.clone() }
}

/// Whether a job's copies, its own or those it takes on, are of `data`.
fn works_on(examined: &Examined<'_>, job: &Job, data: &Data) -> bool {
    let of_component = |job: &Job| job.of.is_some() && job.of == data.component;
    data.protected_by.contains(&job.name)
        || of_component(job)
        || job.takes.iter().filter_map(|taken| examined.jobs.get(taken)).any(|taken| of_component(taken.item))
}

/// Whether a restore into the component `of` brings `data` back: they live there, or it follows where
/// they live, or is of the same kind at another site.
fn stands_for(examined: &Examined<'_>, of: &str, data: &Data) -> bool {
    let Some(home) = data.component.as_deref() else { return false };
    if of == home {
        return true;
    }
    let (Some(of), Some(home)) = (examined.components.get(of), examined.components.get(home)) else { return false };
    followers(home.item).any(|follower| *follower == of.item.name)
        || (of.item.kind == home.item.kind && of.item.site != home.item.site)
}

/// What a scenario strikes: what it is about, with everything at its sites, else what its way out
/// restores.
struct Struck<'a> {
    names: HashSet<&'a str>,
}

impl<'a> Struck<'a> {
    fn of(examined: &Examined<'a>, scenario: &'a Scenario) -> Struck<'a> {
        if scenario.of.is_empty() {
            let restores = procedure_of(examined, scenario).map(|procedure| procedure.item.restores.iter());
            return Struck { names: restores.into_iter().flatten().map(String::as_str).collect() };
        }
        let sites = lost_sites(examined, scenario);
        let at_site = examined
            .plan
            .component
            .iter()
            .filter(|component| component.site.as_deref().is_some_and(|site| sites.contains(&site)));
        let names = scenario.of.iter().map(String::as_str).chain(at_site.map(|component| component.name.as_str()));
        Struck { names: names.collect() }
    }

    fn data(&self, data: &Data) -> bool {
        self.names.contains(data.name.as_str())
            || data.component.as_deref().is_some_and(|home| self.names.contains(home))
    }
}

#[cfg(test)]
mod tests;
