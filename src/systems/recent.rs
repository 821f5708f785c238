//! Where the newest recovery points of a component lie, as far as that is a folder of this machine.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::plan::types::{Job, Method, Plan, Store, StoreKind, Task};

/// How many files are looked at.
const MOST: usize = 20_000;
/// How deep folders are followed.
const DEEPEST: usize = 8;

/// Folders of this machine, and why the others cannot be looked at.
pub struct Folders {
    /// The folders.
    pub here: Vec<PathBuf>,
    /// Why there is none, where there is none.
    pub why: String,
}

/// The folders that backups of a component go to, by any of these methods; by all of them where none is named.
pub fn folders(plan: &Plan, component: &str, methods: &[Method]) -> Folders {
    let is_of = |job: &&Job| {
        job.task == Task::Backup
            && job.of.as_deref() == Some(component)
            && (methods.is_empty() || job.method.is_some_and(|method| methods.contains(&method)))
    };
    let mut names: Vec<&str> =
        plan.job.iter().filter(is_of).flat_map(|job| job.to.iter().map(String::as_str)).collect();
    names.sort_unstable();
    names.dedup();
    let stores: Vec<&Store> = plan.store.iter().filter(|store| names.contains(&store.name.as_str())).collect();
    let is_here = |store: &&&Store| store.kind == StoreKind::Directory && store.is_here();
    let here: Vec<PathBuf> = stores.iter().filter(is_here).filter_map(|store| store.path.clone()).collect();
    let why = match (names.is_empty(), here.is_empty()) {
        (true, _) => "the plan names no backup of it".to_owned(),
        (false, true) => format!("its backups lie in {}, which is no folder of this machine", names.join(" and ")),
        _ => String::new(),
    };
    Folders { here, why }
}

/// The folders of a store that a job's recovery points lie in, and how their names end; any name where none is given.
fn layout(job: &Job) -> (&'static [&'static str], &'static [&'static str]) {
    match job.method {
        Some(Method::Dump) => (&["postgres/daily"], &[".dump", ".dump.gz", ".dump.zst"]),
        Some(Method::Sql) => (&["postgres/daily"], &[".sql", ".sql.gz", ".sql.zst"]),
        Some(Method::Base) => (&["postgres/base", "postgres/basebackup"], &[]),
        Some(Method::Wal | Method::Incremental) => (&["postgres/wal", "wal"], &[]),
        Some(Method::Snapshot | Method::Stream) => (&["redis/hourly", "redis/daily"], &[".rdb", ".rdb.gz", ".rdb.zst"]),
        Some(Method::Aof) => (&["redis/hourly", "redis/daily", "redis/aof"], &[".aof", ".aof.gz", ".tar.gz"]),
        Some(Method::Definitions | Method::Queues) => (&["rabbitmq/daily"], &[".json", ".json.gz"]),
        Some(Method::Messages) => (&["rabbitmq/messages"], &[]),
        Some(Method::Files) => (&["config"], &[]),
        Some(Method::Log | Method::Export) | None => (&[], &[]),
    }
}

/// When the newest recovery point of a job was written in a store that is a folder of this machine, if there is one.
/// Nothing can be said of a job whose recovery points have no place in the layout.
pub fn newest_of(job: &Job, store: &Path) -> Option<Option<SystemTime>> {
    let (folders, endings) = layout(job);
    let is_one = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending))
    };
    let found = folders.iter().filter_map(|folder| newest(&store.join(folder), &is_one)).map(|(_, written)| written);
    (!folders.is_empty()).then(|| found.max())
}

/// The newest file below a folder whose name is one of those looked for, and when it was written.
pub fn newest(folder: &Path, is_one: &dyn Fn(&Path) -> bool) -> Option<(PathBuf, SystemTime)> {
    let mut newest: Option<(PathBuf, SystemTime)> = None;
    let (mut folders, mut seen) = (vec![(folder.to_owned(), 0)], 0);
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            seen += 1;
            if seen > MOST {
                return newest;
            }
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_dir() && depth < DEEPEST {
                folders.push((entry.path(), depth + 1));
            } else if meta.is_file() && is_one(&entry.path()) {
                let Ok(written) = meta.modified() else { continue };
                if newest.as_ref().is_none_or(|(_, best)| written > *best) {
                    newest = Some((entry.path(), written));
                }
            }
        }
    }
    newest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(method: &str) -> Job {
        let text = format!("name = 'j'\ndo = 'backup'\nof = 'db'\nmethod = '{method}'\ncron = '0 1 * * *'");
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn fresh_log_does_not_make_an_old_dump_new() {
        let store = tempfile::tempdir().unwrap();
        let write = |name: &str, days: u64| {
            let path = store.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let file = std::fs::File::create(&path).unwrap();
            let written = SystemTime::now() - std::time::Duration::from_hours(24 * days);
            file.set_modified(written).unwrap();
            written
        };
        let dump = write("postgres/daily/backup_20241108_020000.dump.gz", 10);
        write("postgres/daily/backup_20241118_020000.sql.gz", 1);
        let wal = write("postgres/wal/000000010000000000000007", 0);
        assert_eq!(newest_of(&job("dump"), store.path()), Some(Some(dump)));
        assert_eq!(newest_of(&job("wal"), store.path()), Some(Some(wal)));
        assert_eq!(newest_of(&job("base"), store.path()), Some(None), "there is none");
        assert_eq!(newest_of(&job("export"), store.path()), None, "it has no place of its own");
    }
}
