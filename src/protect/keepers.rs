//! The systems of a plan that keep recovery points themselves, each let in to once. They are asked from here.

use tokio::sync::OnceCell;

use crate::plan::Plan;
use crate::plan::types::{Component, Job, Task};
use crate::systems::{Contact, Deposits};
use crate::text::{Explain, Shape, untrusted};

/// Those of a plan.
pub struct Keepers<'p> {
    plan: &'p Plan,
    all: Vec<(&'p Component, OnceCell<Result<Deposits, String>>)>,
}

impl<'p> Keepers<'p> {
    /// Nobody is asked yet.
    pub fn of(plan: &'p Plan) -> Keepers<'p> {
        Keepers { plan, all: plan.component.iter().map(|component| (component, OnceCell::new())).collect() }
    }

    /// One of them, or why it cannot be asked; that is found out once for all that it keeps.
    pub async fn get(&self, component: &str, with: &Contact<'_>) -> Result<&Deposits, String> {
        let found = self.all.iter().find(|(known, _)| known.name == component);
        let (component, cell) = found.ok_or_else(|| format!("the plan has no component {component} to ask"))?;
        let open = async || {
            let opened = Deposits::open(component, with).await;
            opened.map_err(|error| format!("{error}; {}{}", error.next_step(), self.elsewhere(component)))
        };
        cell.get_or_init(open).await.as_ref().map_err(Clone::clone)
    }

    /// That its address may be meant for somewhere else than here, where that is so.
    fn elsewhere(&self, component: &Component) -> String {
        let of = |job: &&Job| job.task == Task::Backup && job.of.as_ref() == Some(&component.name);
        let mut places = self.plan.job.iter().filter(of).filter_map(|job| job.at.as_ref().filter(|at| !at.is_here()));
        places.next().map_or_else(String::new, |at| {
            let at = untrusted(at.to_string(), Shape::line(120));
            format!(" (it was asked from here; the plan has its recovery points taken at {at})")
        })
    }
}
