//! Whether what a plan refers to is there now: its secrets, the ways to its places, its components
//! and its stores. Whatever is tried leaves nothing behind.

mod stores;
mod writing;

use std::collections::BTreeMap;

use futures_util::future::join_all;

use stores::stores;
pub use writing::try_to_write;

use super::contact::{Answer, Contact, contact};
use super::trouble::ContactError;
use crate::plan::facts::CLOCKS_AGREE_SECS;
use crate::plan::source::Path;
use crate::plan::types::Component;
use crate::plan::{Finding, Loaded, Place, Plan, UsedSecret};
use crate::reach::{Command, Reach};
use crate::text::{Explain, Span};

/// From where on another clock confuses what happened when.
const CLOCK_TOLERANCE: Span = Span::from_secs(CLOCKS_AGREE_SECS);

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

/// Looks at everything but the components, at once; one that hangs delays no other.
pub async fn look_around(loaded: &Loaded, plan: &Plan, with: &Contact<'_>) -> Live {
    let (secrets, places, (stores, not_looked_at)) =
        tokio::join!(secrets(loaded, plan, with), places(loaded, plan, with), stores(loaded, plan, with));
    Live { answered: Vec::new(), findings: [secrets, places, stores].concat(), not_looked_at }
}

/// Looks at everything at once; one that hangs delays no other.
pub async fn look(loaded: &Loaded, plan: &Plan, with: &Contact<'_>) -> Live {
    let components = join_all(plan.component.iter().map(|component| contact(component, with)));
    let (mut live, components) = tokio::join!(look_around(loaded, plan, with), components);
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
    let used: Vec<UsedSecret<'_>> = plan.secrets().collect();
    let outcomes = join_all(used.iter().map(|used| with.secrets.resolve_used(*used))).await;
    let failed = used.iter().zip(outcomes).filter_map(|(used, outcome)| Some((used.at, outcome.err()?)));
    failed
        .map(|((list, name, key), error)| {
            finding(loaded, &path(list, name, key, loaded), "live-secret", error.to_string())
                .because("without it nobody gets in, and at night nobody knows where it was")
                .mend(error.next_step())
        })
        .collect()
}

/// Whether commands can be run at every place the plan names.
async fn places(loaded: &Loaded, plan: &Plan, with: &Contact<'_>) -> Vec<Finding> {
    let mut named: BTreeMap<String, (Path, &Place)> = BTreeMap::new();
    for used in plan.places() {
        let (list, name, key) = used.at;
        named.entry(used.place.to_string()).or_insert_with(|| (path(list, name, key, loaded), used.place));
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
