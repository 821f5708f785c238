//! Finding the programs that the lab runs.

use std::path::{Path, PathBuf};

use super::packages::Missing;

/// Every program of the lab, found.
#[derive(Clone, Debug, Default)]
pub(super) struct Programs {
    pub(super) setsid: PathBuf,
    pub(super) git: PathBuf,
    pub(super) initdb: PathBuf,
    pub(super) postgres: PathBuf,
    pub(super) pg_basebackup: PathBuf,
    pub(super) redis_server: PathBuf,
    pub(super) redis_sentinel: PathBuf,
    pub(super) epmd: PathBuf,
    pub(super) rabbitmq_server: PathBuf,
    pub(super) knotd: PathBuf,
    pub(super) kdig: PathBuf,
    pub(super) haproxy: PathBuf,
    pub(super) unbound: PathBuf,
    pub(super) prometheus: PathBuf,
    pub(super) alertmanager: PathBuf,
}

/// Folders to look in: the search path, and where Debian puts servers that are not on it.
pub(super) fn usual_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = versions("/usr/lib/postgresql");
    folders.extend(["/usr/lib/rabbitmq/bin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"].map(PathBuf::from));
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path).filter(|folder| folder.is_absolute()));
    folders
}

// The newest version of PostgreSQL first.
fn versions(base: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(base).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, folder)| folder).collect()
}

impl Programs {
    /// Finds all of them, or names every one that is missing with the package it comes from.
    pub(super) fn find(folders: &[PathBuf]) -> Result<Programs, Vec<Missing>> {
        let mut missing = Vec::new();
        let mut find = |program: &str, package: &'static str| {
            let path = folders.iter().map(|folder| folder.join(program)).find(|path| is_program(path));
            path.unwrap_or_else(|| {
                missing.push(Missing { program: program.to_owned(), package });
                PathBuf::new()
            })
        };
        let programs = Programs {
            setsid: find("setsid", "util-linux"),
            git: find("git", "git"),
            initdb: find("initdb", "postgresql"),
            postgres: find("postgres", "postgresql"),
            pg_basebackup: find("pg_basebackup", "postgresql"),
            redis_server: find("redis-server", "redis-server"),
            redis_sentinel: find("redis-sentinel", "redis-sentinel"),
            epmd: find("epmd", "erlang-base"),
            rabbitmq_server: find("rabbitmq-server", "rabbitmq-server"),
            knotd: find("knotd", "knot"),
            kdig: find("kdig", "knot-dnsutils"),
            haproxy: find("haproxy", "haproxy"),
            unbound: find("unbound", "unbound"),
            prometheus: find("prometheus", "prometheus"),
            alertmanager: find("prometheus-alertmanager", "prometheus-alertmanager"),
        };
        if missing.is_empty() { Ok(programs) } else { Err(missing) }
    }
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_machine_lacks_everything_and_each_package_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Programs::find(&[folder.path().to_owned()]).unwrap_err();
        assert_eq!(missing.len(), 15);
        assert!(missing.iter().any(|one| one.to_string() == "knotd (package knot)"));
    }

    #[test]
    fn a_file_that_cannot_be_run_is_no_program() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("knotd"), "").unwrap();
        assert!(!is_program(&folder.path().join("knotd")));
        assert!(!is_program(folder.path()));
    }
}
