//! Which recovery points count for a category of data: what its jobs take, and where that must lie.

use std::collections::BTreeSet;

use crate::plan::types::{Component, Data, Job, Method, Store, StoreKind, Task};
use crate::plan::{Plan, taken_on};
use crate::vault::Point;

/// What protects a category of data, as far as the vault can see it.
#[derive(Debug, Default)]
pub(in crate::protect) struct Ways<'p> {
    /// Recovery points of these components, taken so; in any way where none is named.
    taken: Vec<(&'p str, Option<Method>)>,
    /// The components whose log counts.
    pub logs: BTreeSet<&'p str>,
    /// The stores that copies count in.
    pub stores: Vec<&'p str>,
    /// Jobs whose work leaves nothing in the vault by which its age could be told.
    pub unseeable: Vec<&'p str>,
}

impl<'p> Ways<'p> {
    /// Those of a category of data.
    pub fn of(plan: &'p Plan, data: &'p Data) -> Ways<'p> {
        let mut ways = Ways::default();
        for name in &data.protected_by {
            let Some(job) = plan.job.iter().find(|job| job.name == *name) else { continue };
            for taken in taken_on(plan, job) {
                if taken.name == job.name || is_of(taken, data) {
                    ways.add(data, taken);
                }
            }
        }
        // Definitions bring back queues, and none of what was in them.
        let is_of_messages = |job: &&Job| job.method == Some(Method::Messages);
        let mut protect = plan.job.iter().filter(|job| data.protected_by.contains(&job.name));
        if protect.any(|job| is_of_messages(&job)) {
            ways.taken.retain(|(_, method)| !matches!(method, Some(Method::Definitions | Method::Queues)));
        }
        // What is taken further counts where it arrives as well.
        let mut known: BTreeSet<&str> = data.protected_by.iter().map(String::as_str).collect();
        while let Some(upload) = plan.job.iter().find(|job| takes_on(job, &known)) {
            known.insert(&upload.name);
            ways.add_stores(upload);
        }
        if let Some(only) = &data.counts_in {
            ways.stores.retain(|store| store == only);
        }
        ways
    }

    fn add(&mut self, data: &'p Data, job: &'p Job) {
        match (job.task, job.method) {
            (Task::Backup, Some(Method::Wal)) => {
                self.logs.extend(job.of.as_deref().or(data.component.as_deref()));
                self.add_stores(job);
            }
            (Task::Backup, method) if job.takes_points() => {
                self.taken.extend(job.of.as_deref().or(data.component.as_deref()).map(|of| (of, method)));
                self.add_stores(job);
            }
            (Task::Upload, _) => self.add_stores(job),
            // A segment that is closed sooner is seen as a segment; the others protect nothing by themselves.
            (Task::SwitchWal | Task::RewriteAof | Task::Verify | Task::Prove | Task::Expire | Task::Drill, _) => {}
            _ => self.unseeable.push(&job.name),
        }
    }

    fn add_stores(&mut self, job: &'p Job) {
        let new: Vec<&str> = job.to.iter().map(String::as_str).filter(|name| !self.stores.contains(name)).collect();
        self.stores.extend(new);
    }

    /// Whether a recovery point is one of what its jobs take.
    pub fn take(&self, point: &Point) -> bool {
        let method = point.method();
        let is_like = |wanted: Option<Method>| wanted.is_none_or(|wanted| method.is_some_and(|it| it.is_like(wanted)));
        // A script leaves several sorts under one name.
        let holds =
            |wanted: Option<Method>| wanted == Some(Method::Sql) && point.sorts.contains(&crate::vault::Sort::Sql);
        let is_one = |(of, wanted): &(&str, Option<Method>)| {
            point.component.as_deref() == Some(of) && (is_like(*wanted) || holds(*wanted))
        };
        self.taken.iter().any(is_one)
    }
}

/// Whether what an upload takes on is of this data, as far as the plan tells.
fn is_of(taken: &Job, data: &Data) -> bool {
    data.component.is_none() || taken.of.is_none() || taken.of == data.component
}

fn takes_on(job: &Job, known: &BTreeSet<&str>) -> bool {
    job.task == Task::Upload
        && !known.contains(job.name.as_str())
        && job.takes.iter().any(|taken| known.contains(taken.as_str()))
}

/// Whether a store outlives the site of a component.
pub(super) fn is_off_site(store: &Store, of: Option<&Component>) -> bool {
    match (&store.site, of.and_then(|component| component.site.as_ref())) {
        (Some(there), Some(here)) => there != here,
        _ => matches!(store.kind, StoreKind::S3 | StoreKind::Archive),
    }
}
