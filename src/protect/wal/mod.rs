//! The log of a database, kept as it is written: what its server hands over goes into every store, and comes back to a
//! server that is being restored.
//!
//! Writes no event for a segment: there may be thousands a day, and the stores tell what they have.

mod bring;
mod cluster;
mod fetch;
mod push;

use crate::plan::types::{Component, Job, Method, Store, Task};
use crate::plan::{Plan, leaves};
use crate::text::{Exit, Explain};
use crate::vault::Folders;

pub use bring::{Brought, bring, bring_missing, of_job};
pub use fetch::{Fetched, NotFetched, fetch};
pub use push::{NotPushed, Pushed, ToStore, kept_before, push};

/// Whose log it is, and where the plan keeps it.
pub struct LogOf<'p> {
    /// The database.
    pub component: &'p Component,
    /// Its folder in the stores.
    folder: String,
    /// Where its server hands it over to.
    stores: Vec<&'p Store>,
    /// Where it is taken on to besides.
    further: Vec<&'p Store>,
}

/// Why nobody knows whose log it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLog {
    /// The plan keeps none.
    #[error("the plan keeps no log{}", of.as_ref().map(|of| format!(" of {of}")).unwrap_or_default())]
    None {
        /// The component that was named.
        of: Option<String>,
    },
    /// It keeps several.
    #[error("the plan keeps the logs of several: {0}")]
    Several(String),
    /// It is kept nowhere.
    #[error("the plan keeps the log of {0} in no store")]
    NoStore(String),
}

impl Explain for NoLog {
    fn next_step(&self) -> String {
        match self {
            NoLog::None { .. } => {
                "Add a [[job]] with do = \"backup\", method = \"wal\", continuous = true, `of` and `to`.".to_owned()
            }
            NoLog::Several(_) => "Say which one with --of.".to_owned(),
            NoLog::NoStore(_) => "Name stores in `to` of its job.".to_owned(),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl<'p> LogOf<'p> {
    /// That of the database of this name; of the only one, where none is named.
    pub fn of(plan: &'p Plan, name: Option<&str>) -> Result<LogOf<'p>, NoLog> {
        let is_one = |job: &&Job| job.task == Task::Backup && job.method == Some(Method::Wal);
        let jobs: Vec<&Job> = plan.job.iter().filter(is_one).collect();
        let has_one = |component: &&Component| {
            let is_named = name.is_none_or(|name| name == component.name);
            is_named && jobs.iter().any(|job| job.of.as_ref() == Some(&component.name))
        };
        let components: Vec<&Component> = plan.component.iter().filter(has_one).collect();
        let component = match components.as_slice() {
            [] => return Err(NoLog::None { of: name.map(str::to_owned) }),
            [component] => *component,
            several => {
                let names: Vec<&str> = several.iter().map(|component| component.name.as_str()).collect();
                return Err(NoLog::Several(names.join(", ")));
            }
        };
        let is_to = |store: &&Store| {
            let mut of_it = jobs.iter().filter(|job| job.of.as_ref() == Some(&component.name));
            of_it.any(|job| job.to.contains(&store.name))
        };
        let stores: Vec<&Store> = plan.store.iter().filter(is_to).collect();
        if stores.is_empty() {
            return Err(NoLog::NoStore(component.name.clone()));
        }
        let folder = Folders::of(plan).of_component(&component.name).to_owned();
        let takes_on = |job: &&Job| job.task == Task::Upload && leaves(plan, job, &component.name, Some(Method::Wal));
        let is_further = |store: &&Store| {
            let is_target = || plan.job.iter().filter(takes_on).any(|job| job.to.contains(&store.name));
            !stores.iter().any(|known| known.name == store.name) && is_target()
        };
        let further = plan.store.iter().filter(is_further).collect();
        Ok(LogOf { component, folder, stores, further })
    }

    /// Every store that it should lie in.
    fn everywhere(&self) -> impl Iterator<Item = &'p Store> {
        self.stores.iter().chain(&self.further).copied()
    }
}
