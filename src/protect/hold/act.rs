//! Holding everything, and letting go of it: in every store that can be reached, written down before and after.

use serde_json::{Value, json};

use super::{put, release};
use crate::journal::{Draft, Journal, JournalError, Kind};
use crate::plan::Plan;
use crate::plan::types::Store;
use crate::protect::due::Outcome;
use crate::protect::operation::{About, Doing, Telling};
use crate::reach::Secrets;
use crate::vault::Hold;

/// A hold is about to be put into every store, and in which that was done.
const HOLD: (Kind, Kind) = (Kind::new("hold.asked"), Kind::new("hold.set"));
/// It is about to be taken out of them, and where that was done.
const RELEASE: (Kind, Kind) = (Kind::new("release.asked"), Kind::new("hold.released"));

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Nothing is thrown away from now on.
    Hold,
    /// What is old may go again.
    Release,
}

/// What came of it in one store.
#[derive(Clone, Debug)]
pub struct Acted {
    /// The store.
    pub store: String,
    /// The hold that was there before, or why nothing was done.
    pub before: Result<Option<Hold>, String>,
    act: Act,
}

impl Act {
    /// What those who look on are told of it.
    pub fn about(self, plan: &Plan) -> About {
        let doing = match self {
            Act::Hold => Doing::Hold,
            Act::Release => Doing::Release,
        };
        let stores = plan.store.iter().filter(|store| super::can(store)).map(|store: &Store| store.name.clone());
        About { doing, of: String::new(), method: None, job: None, stores: stores.collect() }
    }
}

impl Acted {
    /// Whether it was done, or had been.
    pub fn is_well(&self) -> bool {
        self.before.is_ok()
    }

    /// Whether the store is held from now on, as far as that is known.
    pub fn is_held(&self) -> Option<bool> {
        self.is_well().then_some(self.act == Act::Hold)
    }

    /// Whether somebody held or let go of it now: where nothing was held, nothing is released.
    fn is_changed(&self) -> bool {
        match self.act {
            Act::Hold => self.is_well(),
            Act::Release => matches!(self.before, Ok(Some(_))),
        }
    }

    /// In words, without the store.
    pub fn told(&self) -> String {
        match (self.act, &self.before) {
            (Act::Hold, Ok(None)) => "held".to_owned(),
            (Act::Hold, Ok(Some(first))) => {
                let first = first.described();
                format!("was held already, and that hold stays; yours is only in the journal: {first}")
            }
            (Act::Hold, Err(why)) => format!("not held: {why}"),
            (Act::Release, Ok(Some(hold))) => format!("released; it was {}", hold.described()),
            (Act::Release, Ok(None)) => "was not held".to_owned(),
            (Act::Release, Err(why)) => format!("not released: {why}"),
        }
    }
}

/// Does it. The reason of a release is that of the `hold` it is given.
pub async fn act(
    act: Act,
    plan: &Plan,
    hold: &Hold,
    (journal, telling): (&Journal, Telling),
    secrets: &Secrets,
) -> Result<Vec<Acted>, JournalError> {
    let record = async |kind: Kind, body: Value| {
        journal.record(Draft::new(kind, &plan.platform.name).with(body))?.await.map(drop)
    };
    let (asked, done) = match act {
        Act::Hold => HOLD,
        Act::Release => RELEASE,
    };
    record(asked, json!({ "why": hold.why })).await?;
    let before = match act {
        Act::Hold => put(plan, hold, secrets).await,
        Act::Release => release(plan, secrets).await,
    };
    let acted: Vec<Acted> = before.into_iter().map(|(store, before)| Acted { store, before, act }).collect();
    if acted.iter().any(Acted::is_changed) {
        let stores: Vec<_> = acted.iter().map(|one| json!({ "store": one.store, "told": one.told() })).collect();
        record(done, json!({ "why": hold.why, "stores": stores })).await?;
    }
    telling.ends(&outcome(&acted), None);
    Ok(acted)
}

/// What came of it in all stores.
fn outcome(acted: &[Acted]) -> Outcome {
    let told: Vec<String> = acted.iter().map(|one| format!("{}: {}", one.store, one.told())).collect();
    let told = told.join("; ");
    if acted.iter().all(Acted::is_well) { Outcome::done(told) } else { Outcome::failed(told) }
}
