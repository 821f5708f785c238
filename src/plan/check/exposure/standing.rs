//! Which protections can be restored by themselves, and the best of them.

use super::{Exposure, Exposures, MOST_HOPS, Useless};
use crate::plan::types::{Data, Job, Method, Task};

impl Exposures<'_> {
    /// The least that the protections of `data` can lose at worst: what is left when one may choose
    /// among those that count.
    pub fn best(&self, data: &Data) -> Option<Exposure> {
        let counted = data.protected_by.iter().filter(|name| self.counts(data, name));
        let exposures = counted.filter_map(|name| self.of(data, name).ok());
        exposures.min_by_key(|exposure| (exposure.worst, !exposure.is_known))
    }

    /// Whether `data` can be restored from the job named `name` by itself. Definitions alone bring no
    /// messages back, so they do not count beside a job that keeps messages.
    pub fn counts(&self, data: &Data, name: &str) -> bool {
        let method = |name: &str| self.by_name.get(name).and_then(|job| self.plan.job[*job].method);
        let keeps_messages = || data.protected_by.iter().any(|name| method(name) == Some(Method::Messages));
        let only_definitions = matches!(method(name), Some(Method::Definitions | Method::Queues));
        !(only_definitions && keeps_messages()) && self.stands_alone(name, data.counts_in.as_deref()).is_ok()
    }

    /// Whether what the job keeps can be restored: WAL and increments need a base backup, in the same
    /// store where only the copy in `store` counts.
    pub fn stands_alone(&self, name: &str, store: Option<&str>) -> Result<(), Useless> {
        let job = self.by_name.get(name).map(|job| &self.plan.job[*job]).ok_or(Useless::TakesNothing)?;
        if !needs_base(job) {
            return Ok(());
        }
        let bases = self.bases_of(job);
        if bases.is_empty() {
            return Err(Useless::NoBase);
        }
        let is_dump = |base: &usize| matches!(self.plan.job[*base].method, Some(Method::Dump | Method::Sql));
        if bases.iter().all(is_dump) {
            return Err(Useless::BaseIsDump);
        }
        let arrives = |base: &usize| store.is_none_or(|store| self.reaches(*base, store, 1));
        if bases.iter().any(arrives) { Ok(()) } else { Err(Useless::BaseElsewhere) }
    }

    /// The base backups that what `job` keeps is put on: the one it names, else those of its component.
    pub fn bases_of(&self, job: &Job) -> Vec<usize> {
        let named = job.base.as_deref().and_then(|base| self.by_name.get(base));
        let of_component = || job.of.as_deref().and_then(|of| self.bases.get(of)).cloned().unwrap_or_default();
        named.map_or_else(of_component, |base| vec![*base])
    }

    /// Whether copies of a job come to a store, by itself or by uploads.
    fn reaches(&self, job: usize, store: &str, hops: usize) -> bool {
        self.plan.job[job].to.iter().any(|to| to == store)
            || (hops < MOST_HOPS
                && self.uploads_of(&self.plan.job[job].name).any(|upload| self.reaches(upload, store, hops + 1)))
    }
}

/// WAL and increments are nothing without the base they follow.
pub fn needs_base(job: &Job) -> bool {
    job.task == Task::SwitchWal || matches!(job.method, Some(Method::Wal | Method::Incremental))
}
