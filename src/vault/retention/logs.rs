//! What of a log no base needs any more: whatever is before the oldest one that lies in any store, good or not.

use crate::plan::Plan;
use crate::plan::types::{Job, Method, Store, Task};
use crate::vault::Catalogue;
use crate::vault::log::{Log, Lsn, told_beside};
use crate::vault::window::oldest_base;

use super::survey::by_is_about;

/// The files of a log in one store that nothing needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needless {
    /// The store.
    pub store: String,
    /// Whose log it is.
    pub component: String,
    /// Where the oldest base begins.
    pub before: Lsn,
    /// The files, and how many bytes each has; the oldest first.
    pub files: Vec<(String, u64)>,
}

/// What of the logs in the chosen stores nothing needs; of a job, what it is about.
pub(super) fn needless(
    plan: &Plan,
    catalogue: &Catalogue,
    chosen: impl Fn(&Store) -> bool,
    by: Option<&Job>,
) -> Vec<Needless> {
    let of_log = |log: &Log| {
        let component = log.component.as_deref()?;
        let is_kept = |job: &Job| job.task == Task::Backup && job.of.as_deref() == Some(component);
        // A log that nothing of the plan keeps is somebody else's.
        plan.job.iter().find(|job| job.keeps_log() && is_kept(job))?;
        let is_about = by.is_none_or(|by| by_is_about(plan, by, component, Some(Method::Wal)));
        let is_chosen = plan.store.iter().any(|store| store.name == log.store && chosen(store));
        let before = oldest_base(catalogue, component).filter(|_| is_about && is_chosen)?;
        let files = log.files_before(before);
        let (store, component) = (log.store.clone(), component.to_owned());
        (!files.is_empty()).then_some(Needless { store, component, before, files })
    };
    catalogue.logs.iter().filter_map(of_log).collect()
}

impl Needless {
    /// How many bytes they have.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }

    /// What it is called where several things are agreed to: another base makes it another thing.
    pub fn name(&self) -> String {
        format!("the log of {} before {}", self.component, self.before)
    }

    /// Everything that lies there of a file: itself, and what is noted about it.
    pub fn keys_of(key: &str) -> Vec<String> {
        let note = told_beside(key);
        [Some(key.to_owned()), note].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_of_a_sealed_segment_goes_with_it() {
        let key = "postgres/wal/000000010000000000000001.zst";
        assert_eq!(Needless::keys_of(key), [key]);
        let keys = Needless::keys_of(&format!("{key}.age"));
        assert_eq!(keys, [format!("{key}.age"), ".lifeboat/wal/postgres/000000010000000000000001.json".to_owned()]);
    }
}
