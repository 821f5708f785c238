//! Promises that contradict each other.

use super::Rule;
use super::examined::Examined;
use super::places::entries;
use super::words::{about, list};
use crate::plan::Finding;
use crate::plan::source::Path;
use crate::plan::types::{Limit, Promise};
use crate::text::Span;

pub const RULES: &[Rule] = &[availability, classes, needs, platform_rto, tiers, no_data_loss, kpis];

/// The mean year, by which the share of a year is counted.
const YEAR: Span = Span::from_months(12);
/// Stated figures are rounded; what differs by more was not.
const TOLERANCE: f64 = 0.1;

fn platform(key: &str) -> Path {
    Path::root().to("platform").to(key)
}

/// The minutes that an availability allows, against those that the plan states and its RTO takes.
fn availability(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let platform_says = &examined.plan.platform;
    let Some(availability) = platform_says.availability.filter(|share| share.0 <= 100.0) else { return };
    let share = (100.0 - availability.0) / 100.0;
    let allowed = Span::from(YEAR.approx().mul_f64(share));
    let allowed_said = about(allowed);
    if let Some(stated) = platform_says.downtime_per_year {
        let ratio = stated.approx().as_secs_f64() / allowed.approx().as_secs_f64().max(1.0);
        if (ratio - 1.0).abs() > TOLERANCE {
            let month = if (ratio * 12.0 - 1.0).abs() <= TOLERANCE {
                format!("; {stated} are a month's")
            } else {
                String::new()
            };
            findings.push(
                Finding::warning("availability", format!("{availability} allows {allowed_said} of downtime a year, not {stated}{month}"))
                    .at(examined.at(&platform("downtime_per_year")), format!("{allowed_said} in truth"))
                    .at(examined.at(&platform("availability")), "the promise")
                    .because(format!(
                        "with {stated} in mind an outage of that length counts as the year's budget gone, while {allowed_said} are allowed"
                    ))
                    .mend(format!("write downtime_per_year = \"{allowed_said}\", or promise another availability")),
            );
        }
    }
    if let Some(rto) = platform_says.rto.filter(|rto| *rto > allowed) {
        findings.push(
            Finding::warning(
                "availability",
                format!("one outage of {rto} breaks {availability} for the year, which allows {allowed_said}"),
            )
            .at(examined.at(&platform("rto")), "one outage")
            .at(examined.at(&platform("availability")), "the promise for a year")
            .because("a recovery that keeps its RTO to the minute still breaks the promised availability")
            .mend("promise less availability, or recover sooner"),
        );
    }
}

/// An RTO beyond the class of urgency that the component belongs to.
fn classes(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for component in entries(&examined.plan.component) {
        let class = entries(&examined.plan.priority).find(|class| Some(class.level) == component.priority);
        let (Some(rto), Some(class)) = (component.rto, class) else { continue };
        if rto <= class.within {
            continue;
        }
        findings.push(
            Finding::warning(
                "priority-rto",
                format!(
                    "{} may be away for {rto}, and everything in {} is back within {}",
                    component.name, class.name, class.within
                ),
            )
            .at(examined.key(component, "rto"), "how long it may be away")
            .at(examined.key(component, "priority"), format!("{} wants it sooner", class.name))
            .at(examined.key(class, "within"), "the class")
            .because(format!(
                "after {} one side reports a broken promise, and the other still has {} left",
                class.within,
                rto.less(class.within)
            ))
            .mend(format!("give {} another class, or an RTO of at most {}", component.name, class.within)),
        );
    }
}

/// A component that must be back before what it cannot work without.
fn needs(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for component in entries(&examined.plan.component) {
        let Some(rto) = component.rto else { continue };
        let needs = component.item.needs.iter().enumerate();
        let later: Vec<_> = needs
            .filter_map(|(index, name)| Some((index, examined.components.get(name)?)))
            .filter_map(|(index, need)| Some((index, need, need.rto.filter(|later| *later > rto)?)))
            .collect();
        let Some(last) = later.iter().map(|(_, _, later)| *later).max() else { continue };
        let names: Vec<String> = later.iter().map(|(_, need, later)| format!("{} ({later})", need.name)).collect();
        let names = list(names.iter().map(String::as_str));
        let finding = Finding::warning(
            "needs-rto",
            format!("{} must be back after {rto}, and needs what may be away for longer: {names}", component.name),
        )
        .at(examined.key(component, "rto"), "promised sooner");
        let finding = later.iter().fold(finding, |finding, (index, need, later)| {
            finding
                .at(examined.element(component, "needs", *index, &need.item.name), "needed")
                .at(examined.key(*need, "rto"), format!("{later} for {}", need.name))
        });
        findings.push(
            finding
                .because(format!(
                    "without them it does not come back, whatever its own procedure does, for up to {last}"
                ))
                .mend(format!(
                    "give what it needs an RTO of at most {rto}, or {} one of at least {last}",
                    component.name
                )),
        );
    }
}

/// A component or a scenario that may take longer than the whole platform.
fn platform_rto(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let Some(whole) = examined.plan.platform.rto else { return };
    let finding = |name: &str, rto: Span| {
        Finding::warning("platform-rto", format!("{name} may take {rto}, and the whole platform only {whole}"))
            .because(format!(
                "{whole} after the beginning the platform's promise is broken, while by this one there are {} left",
                rto.less(whole)
            ))
            .mend(format!("promise at most {whole} here, or {rto} for the platform"))
    };
    let promise = || examined.at(&platform("rto"));
    for component in entries(&examined.plan.component) {
        let class = examined.plan.priority.iter().find(|class| Some(class.level) == component.priority);
        // A class that comes back later is later on purpose.
        let is_late_on_purpose = class.is_some_and(|class| class.within > whole);
        if let Some(rto) = component.rto.filter(|rto| *rto > whole && !is_late_on_purpose) {
            findings.push(
                finding(&component.item.name, rto)
                    .at(examined.key(component, "rto"), "longer")
                    .at(promise(), "than this"),
            );
        }
    }
    for scenario in entries(&examined.plan.scenario) {
        if let Some(rto) = scenario.rto.filter(|rto| *rto > whole) {
            findings.push(
                finding(&scenario.item.name, rto)
                    .at(examined.key(scenario, "rto"), "longer")
                    .at(promise(), "than this"),
            );
        }
    }
}

/// A scenario that may take longer, or lose more, than the tier it belongs to.
fn tiers(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for scenario in entries(&examined.plan.scenario) {
        let Some(tier) = entries(&examined.plan.tier).find(|tier| Some(tier.level) == scenario.tier) else { continue };
        if let Some(rto) = scenario.rto.filter(|rto| *rto > tier.rto) {
            findings.push(
                Finding::warning(
                    "tier-rto",
                    format!("{} may take {rto}, and its tier, {}, {}", scenario.name, tier.name, tier.rto),
                )
                .at(examined.key(scenario, "rto"), "longer")
                .at(examined.key(tier, "rto"), "than its tier")
                .because(format!("people planned by the tier for {} stand down before the scenario is over", tier.rto))
                .mend("put the scenario into a deeper tier, or promise what the tier says"),
            );
        }
        let loss = tier.loss.map(|loss| loss.most);
        if let (Some(rpo), Some(loss)) = (scenario.rpo, loss)
            && rpo > loss
        {
            findings.push(
                Finding::warning(
                    "tier-loss",
                    format!("{} may lose {rpo}, and its tier, {}, {loss}", scenario.name, tier.name),
                )
                .at(examined.key(scenario, "rpo"), "more")
                .at(examined.key(tier, "loss"), "than its tier")
                .because("what users are told by the tier is less than what they lose")
                .mend("put the scenario into a deeper tier, or promise what the tier says"),
            );
        }
    }
}

/// "No data loss" beside an RPO that allows some.
fn no_data_loss(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for scenario in entries(&examined.plan.scenario).filter(|scenario| scenario.no_data_loss == Some(true)) {
        let own = scenario.rpo.map(|rpo| (rpo, examined.key(scenario, "rpo")));
        let of_platform = examined.plan.platform.rpo.map(|rpo| (rpo, examined.at(&platform("rpo"))));
        let Some((rpo, place)) = own.or(of_platform).filter(|(rpo, _)| !rpo.is_zero()) else { continue };
        findings.push(
            Finding::warning("no-data-loss", format!("{} promises that nothing is lost, and allows {rpo} to be lost", scenario.name))
                .at(examined.key(scenario, "no_data_loss"), "nothing")
                .at(place, format!("up to {rpo}"))
                .because(format!("a recovery that loses {rpo} has kept its RPO and broken its success criterion, so nobody can say whether it succeeded"))
                .mend("take one of the two out; nothing lost needs rpo = \"real-time\" and a synchronous copy"),
        );
    }
}

/// A KPI for the platform's RTO or RPO that asks for something else than the platform promises.
fn kpis(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for kpi in entries(&examined.plan.kpi) {
        let (key, promise) = match kpi.item.measures {
            Some(Promise::Rto) => ("rto", examined.plan.platform.rto),
            Some(Promise::Rpo) => ("rpo", examined.plan.platform.rpo),
            None => continue,
        };
        let Some((promise, Limit::Span(target))) = promise.zip(kpi.target.map(|target| target.value)) else { continue };
        if target != promise {
            findings.push(
                Finding::warning(
                    "kpi-promise",
                    format!("the KPI {} aims at {target}, and the platform promises {promise}", kpi.name),
                )
                .at(examined.key(kpi, "target"), "the aim")
                .at(examined.at(&platform(key)), "the promise")
                .because("drills are scored by one of the two, and customers count by the other")
                .mend("write the same in both places"),
            );
        }
    }
}

#[cfg(test)]
mod tests;
