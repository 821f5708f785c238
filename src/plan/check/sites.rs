//! Copies that share the fate of what they are copies of.

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use super::retention::stores_of;
use super::words::list;
use crate::plan::Finding;
use crate::plan::source::Path;
use crate::plan::types::{Component, Kind, Procedure, Scenario, Store};

pub const RULES: &[Rule] = &[only_copy, lost_with_site, too_small];

/// Data all of whose copies lie where the data themselves do.
fn only_copy(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        let Some(component) = data.item.component.as_deref().and_then(|name| examined.components.get(name)) else {
            continue;
        };
        let stores = stores_of(examined, data.item);
        let same_folder = |store: &Entry<'_, Store>| lies_in(store.item, component.item);
        let same_site = |store: &Entry<'_, Store>| {
            let site = store.item.site.as_deref();
            site.is_some() && site == component.item.site.as_deref() && store.item.replicated_to.is_none()
        };
        if stores.is_empty() || !stores.iter().all(|store| same_site(store) || same_folder(store)) {
            continue;
        }
        let names = list(stores.iter().map(|store| store.item.name.as_str()));
        let (message, why) = match component.item.site.as_deref().filter(|_| !stores.iter().all(same_folder)) {
            Some(site) => (
                format!("every copy of {} lies at {site}, where {} runs", data.name, component.name),
                format!(
                    "a fire at {site} takes {} and {names} together, and nothing is left to restore from",
                    component.name
                ),
            ),
            None => (
                format!("every copy of {} lies within {} itself", data.name, component.name),
                format!(
                    "whatever takes the folder of {} takes {names} with it, and nothing is left to restore from",
                    component.name
                ),
            ),
        };
        let finding = Finding::warning("single-site", message).at(examined.origin(data), "what is protected");
        let finding = stores.iter().fold(finding, |finding, store| {
            let key = if same_folder(store) { "path" } else { "site" };
            finding.at(examined.key(*store, key), format!("{} lies there too", store.name))
        });
        findings.push(finding.because(why).mend("add a store at another site, and a job that writes or uploads there"));
    }
}

/// Whether a store is a folder within the folder that it keeps copies of.
fn lies_in(store: &Store, component: &Component) -> bool {
    let folder = component.address.as_deref().filter(|_| component.kind == Kind::Files);
    let same_place = store.reach.is_none() || store.reach == component.reach;
    same_place && store.path.as_deref().zip(folder).is_some_and(|(path, folder)| path.starts_with(folder))
}

/// The sites that a scenario takes away.
pub fn lost_sites<'a>(examined: &Examined<'_>, scenario: &'a Scenario) -> Vec<&'a str> {
    let is_site = |name: &&str| examined.plan.site.iter().any(|site| site.name == *name);
    scenario.of.iter().map(String::as_str).filter(is_site).collect()
}

/// Whether a store goes with the sites that are lost. What is replicated into another region is left.
pub fn is_lost(examined: &Examined<'_>, store: &Store, lost: &[&str]) -> bool {
    let regions = || {
        examined
            .plan
            .site
            .iter()
            .filter(|site| lost.contains(&site.name.as_str()))
            .filter_map(|site| site.region.as_deref())
    };
    let is_elsewhere = store.replicated_to.as_deref().is_some_and(|region| regions().all(|lost| lost != region));
    store.site.as_deref().is_some_and(|site| lost.contains(&site)) && !is_elsewhere
}

/// A scenario that takes a whole site away, and a way out that restores from a store at that site.
fn lost_with_site(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for scenario in entries(&examined.plan.scenario) {
        let scenario: Entry<'_, Scenario> = scenario;
        let lost = lost_sites(examined, scenario.item);
        let Some(procedure) = scenario.item.procedure.as_deref().and_then(|name| examined.procedures.get(name)) else {
            continue;
        };
        if lost.is_empty() {
            continue;
        }
        for (store, place) in needed_stores(examined, procedure) {
            let Some(site) = store.item.site.as_deref().filter(|_| is_lost(examined, store.item, &lost)) else {
                continue;
            };
            findings.push(
                Finding::warning(
                    "store-lost-with-site",
                    format!(
                        "{} restores from {}, which lies at {site} and is lost in {}",
                        procedure.name, store.name, scenario.name
                    ),
                )
                .at(examined.at(&place), "restored from here")
                .at(examined.key(store, "site"), "where it lies")
                .at(examined.element(scenario, "of", 0, site), "what is lost")
                .because(format!(
                    "in {} nothing at {site} can be reached, so this way out ends at its first restore",
                    scenario.name
                ))
                .mend("restore from a store at a site that is left"),
            );
        }
    }
}

/// The stores a procedure cannot do without, and where it says so.
fn needed_stores<'a>(examined: &Examined<'a>, procedure: Entry<'a, Procedure>) -> Vec<(Entry<'a, Store>, Path)> {
    let path = examined.path(procedure);
    let mut needed = Vec::new();
    for (index, name) in procedure.item.needs.iter().enumerate() {
        if let Some(store) = examined.stores.get(name) {
            needed.push((store, super::places::element(examined.tree, &path.to("needs"), index, name)));
        }
    }
    for step in entries(&procedure.item.step) {
        let Some(from) = step.item.from.as_deref() else { continue };
        let place = step.within(examined.tree, &path).to("from");
        let job_stores =
            examined.jobs.get(from).map(|job| job.item.to.iter().filter_map(|store| examined.stores.get(store)));
        match (examined.stores.get(from), job_stores) {
            (Some(store), _) => needed.push((store, place)),
            // A job with a copy elsewhere is not lost.
            (None, Some(mut stores)) => {
                if let (Some(only), None) = (stores.next(), stores.next()) {
                    needed.push((only, place));
                }
            }
            _ => {}
        }
    }
    needed
}

/// A secondary site that cannot carry the load of the primary.
fn too_small(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let Some(capacity) = examined.plan.platform.secondary_capacity.filter(|capacity| capacity.0 < 100.0) else {
        return;
    };
    findings.push(
        Finding::warning("secondary-capacity", format!("the secondary site is scaled to {capacity} of the load"))
            .at(examined.at(&Path::root().to("platform").to("secondary_capacity")), "less than all of it")
            .because("after a failover it falls over under the load that the primary site carried, and the outage begins again")
            .mend("scale it to 100% or more before traffic is switched over"),
    );
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    const PLAN: &str = "[[site]]\nname='a'\n[[site]]\nname='b'\n[[component]]\nname='db'\nkind='postgres'\nsite='a'\n\
         [[job]]\nname='j'\ndo='backup'\nof='db'\nevery='1h'\nto=['s']\n";

    #[test]
    fn copies_that_lie_beside_their_original_are_found() {
        let plan = |site: &str| {
            format!(
                "{PLAN}[[data]]\nname='d'\ncomponent='db'\nprotected_by=['j']\n[[store]]\nname='s'\nkind='directory'\nsite = '{site}'"
            )
        };
        finds("single-site", &plan("a"), &["name='d'", "site = 'a'"]);
        accepts("single-site", &plan("b"));
    }

    #[test]
    fn copies_within_the_folder_they_are_copies_of_are_found() {
        let plan = |path: &str, reach: &str| {
            format!(
                "[[component]]\nname='c'\nkind='files'\naddress='/srv/app'\n[[data]]\nname='d'\ncomponent='c'\nprotected_by=['j']\n\
                 [[store]]\nname='s'\nkind='git'\npath='{path}'\n{reach}\n[[job]]\nname='j'\ndo='git-commit'\nof='c'\non_change=true\nto=['s']"
            )
        };
        finds("single-site", &plan("/srv/app", ""), &["name='d'", "path='/srv/app'"]);
        finds("single-site", &plan("/srv/app/.copies", ""), &["name='d'", "path='/srv/app/.copies'"]);
        accepts("single-site", &plan("/srv/app-copies", ""));
        accepts("single-site", &plan("/srv/app", "reach={ssh='elsewhere'}"));
    }

    #[test]
    fn a_way_out_from_a_store_that_is_lost_is_found() {
        let plan = |from: &str, site: &str| {
            format!(
                "{PLAN}[[store]]\nname='s'\nkind='directory'\nsite = '{site}'\n\
                 [[scenario]]\nname='x'\nof=['a']\nprocedure='p'\n[[procedure]]\nname='p'\n[[procedure.step]]\nname='r'\nfrom='{from}'"
            )
        };
        finds("store-lost-with-site", &plan("s", "a"), &["from='s'", "site = 'a'", "'a'"]);
        finds("store-lost-with-site", &plan("j", "a"), &["from='j'", "site = 'a'", "'a'"]);
        accepts("store-lost-with-site", &plan("s", "b"));
        let replicated = |region: &str| {
            plan("s", &format!("a'\nreplicated_to='{region}")).replacen("name='a'", "name='a'\nregion='east'", 1)
        };
        accepts("store-lost-with-site", &replicated("west"));
        finds("store-lost-with-site", &replicated("east"), &["from='s'", "site = 'a'", "'a'"]);
    }

    #[test]
    fn a_secondary_site_that_is_too_small_is_found() {
        let plan = |share: &str| format!("[platform]\nname='p'\nsecondary_capacity='{share}'");
        finds("secondary-capacity", &plan("80%"), &["secondary_capacity='80%'"]);
        accepts("secondary-capacity", &plan("120%"));
    }
}
