//! Whether what a plan refers to is there now: its secrets, the ways to its places, its components
//! and its stores. Only looks: nothing is written anywhere.

mod stores;

use std::collections::BTreeMap;

use futures_util::future::join_all;

use stores::stores;

use super::contact::{Answer, Contact, ContactError, contact};
use crate::plan::source::Path;
use crate::plan::types::Component;
use crate::plan::{Finding, Loaded, Place, Plan, SecretRef};
use crate::reach::{Command, Reach};
use crate::text::{Explain, Span};

/// From where on another clock confuses what happened when.
const CLOCK_TOLERANCE: Span = Span::from_secs(2);

/// What was there, and what was not.
#[derive(Debug, Default)]
pub struct Live {
    /// Components that answered, by name, with what they say they are.
    pub answered: Vec<(String, String)>,
    /// What did not hold.
    pub findings: Vec<Finding>,
    /// Stores that nobody can look at from here, by name, with the reason.
    pub not_looked_at: Vec<(String, String)>,
}

/// Looks at everything at once; one that hangs delays no other.
pub async fn look(loaded: &Loaded, plan: &Plan, with: &Contact<'_>) -> Live {
    let (secrets, places, (stores, not_looked_at), components) = tokio::join!(
        secrets(loaded, plan, with),
        places(loaded, plan, with),
        stores(loaded, plan, with),
        join_all(plan.component.iter().map(|component| contact(component, with))),
    );
    let mut live = Live { answered: Vec::new(), findings: [secrets, places, stores].concat(), not_looked_at };
    for (component, outcome) in plan.component.iter().zip(components) {
        match outcome {
            Ok(answer) => {
                live.findings.extend(clock_finding(loaded, component, &answer));
                live.answered.push((component.name.clone(), answer.identity));
            }
            // Told already, at the secret itself.
            Err(ContactError::Secret(_)) => {}
            Err(error) => live.findings.push(
                finding(
                    loaded,
                    &path("component", &component.name, "address", loaded),
                    "live-component",
                    format!("{}: {error}", component.name),
                )
                .because("what cannot be reached now can be neither watched nor restored at night")
                .mend(error.next_step()),
            ),
        }
    }
    live
}

fn clock_finding(loaded: &Loaded, component: &Component, answer: &Answer) -> Option<Finding> {
    let clock = answer.clock.filter(|clock| clock.exceeds(CLOCK_TOLERANCE))?;
    let seconds = clock.ahead.num_seconds();
    let side = if seconds > 0 { "ahead of" } else { "behind" };
    let message = format!("the clock of {} is {}s {side} ours", component.name, seconds.abs());
    Some(
        finding(loaded, &path("component", &component.name, "address", loaded), "live-clock", message)
            .because("a restore to a point in time means the server's clock, and you read yours")
            .mend("let both follow the same time servers"),
    )
}

/// Every secret of the plan, where it is used.
async fn secrets(loaded: &Loaded, plan: &Plan, with: &Contact<'_>) -> Vec<Finding> {
    let mut used: Vec<(Path, &SecretRef)> = Vec::new();
    for component in &plan.component {
        let at = |key| path("component", &component.name, key, loaded);
        used.extend(component.password.iter().map(|secret| (at("password"), secret)));
        let bucket = component.bucket.iter().flat_map(|bucket| [&bucket.access_key, &bucket.secret_key]);
        used.extend(bucket.flatten().map(|secret| (at("bucket"), secret)));
        let key = component.dns.as_ref().and_then(|dns| dns.key.as_ref());
        used.extend(key.map(|secret| (at("dns"), secret)));
    }
    for store in &plan.store {
        let at = |key| path("store", &store.name, key, loaded);
        used.extend(store.access_key.iter().map(|secret| (at("access_key"), secret)));
        used.extend(store.secret_key.iter().map(|secret| (at("secret_key"), secret)));
    }
    for channel in &plan.channel {
        used.extend(channel.secret.iter().map(|secret| (path("channel", &channel.name, "secret", loaded), secret)));
    }
    let outcomes = join_all(used.iter().map(|(_, secret)| with.secrets.resolve(secret))).await;
    let failed = used.iter().zip(outcomes).filter_map(|((path, _), outcome)| Some((path, outcome.err()?)));
    failed
        .map(|(path, error)| {
            finding(loaded, path, "live-secret", error.to_string())
                .because("without it nobody gets in, and at night nobody knows where it was")
                .mend(error.next_step())
        })
        .collect()
}

/// Whether commands can be run at every place the plan names.
async fn places(loaded: &Loaded, plan: &Plan, with: &Contact<'_>) -> Vec<Finding> {
    let mut named: BTreeMap<String, (Path, &Place)> = BTreeMap::new();
    let components = plan.component.iter().map(|component| ("component", &component.name, "reach", &component.reach));
    let jobs = plan.job.iter().map(|job| ("job", &job.name, "at", &job.at));
    let stores = plan.store.iter().map(|store| ("store", &store.name, "reach", &store.reach));
    for (list, name, key, place) in components.chain(jobs).chain(stores) {
        if let Some(place) = place {
            named.entry(place.to_string()).or_insert_with(|| (path(list, name, key, loaded), place));
        }
    }
    let outcomes = join_all(named.values().map(|(_, place)| async {
        let reach = Reach::open(place, with.reach).await?;
        reach.run(asks("true", with)).await?.ok()
    }));
    let failed = named.values().zip(outcomes.await).filter_map(|((path, _), outcome)| Some((path, outcome.err()?)));
    failed
        .map(|(path, error)| {
            finding(loaded, path, "live-reach", error.to_string())
                .because("what runs there can be neither backed up nor restored from here")
                .mend(error.next_step())
        })
        .collect()
}

/// A command that only asks, and does not take long.
fn asks(program: &str, with: &Contact<'_>) -> Command {
    Command::new(program).deadline(with.reach.connect * 2).cancelled_by(with.stop.clone())
}

fn finding(loaded: &Loaded, path: &Path, rule: &'static str, message: String) -> Finding {
    Finding::warning(rule, message).at(loaded.tree.locate(path), "")
}

/// The place of a key of an entry, found by the entry's name: the tree may hold entries that could
/// not be read.
fn path(list: &str, name: &str, key: &str, loaded: &Loaded) -> Path {
    let entries = loaded.tree.get(list).map(|entry| entry.node.elements()).unwrap_or_default();
    let named = |node: &&crate::plan::source::Node| node.get("name").and_then(|entry| entry.node.text()) == Some(name);
    let index = entries.iter().position(|node| named(&node)).unwrap_or(0);
    Path::entry(list, index).to(key)
}
