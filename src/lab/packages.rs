//! Installing what the lab runs, from the distribution's own packages and without starting their services.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::LabError;
use crate::text::{Shape, untrusted};

/// A program that is not installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub program: String,
    /// The Debian package that has it.
    pub package: &'static str,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (package {})", self.program, self.package)
    }
}

fn packages(missing: &[Missing]) -> Vec<&'static str> {
    let mut names: Vec<&str> = missing.iter().map(|one| one.package).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The one command that installs what is missing.
pub fn install_command(missing: &[Missing]) -> String {
    let names = packages(missing).join(" ");
    let root = rustix::process::geteuid().is_root();
    let sudo = if root { "" } else { "sudo " };
    let itself = if root { "lifeboat lab --install` installs them without starting any service" } else { "" };
    let command = format!("{sudo}apt-get install --no-install-recommends {names}");
    if itself.is_empty() { format!("Install them: {command}") } else { format!("`{itself}; by hand: {command}") }
}

const POLICY: &str = "/usr/sbin/policy-rc.d";
const OURS: &str = "#!/bin/sh\n# Written by `lifeboat lab --install`, which removes it when it is done.\nexit 101\n";
const CLUSTER: &str = "/etc/postgresql-common/createcluster.d/lifeboat-lab.conf";

/// Keeps packages from starting services and from creating a database cluster, until it is dropped.
struct Quiet {
    policy: PathBuf,
    kept: PathBuf,
    cluster: PathBuf,
}

impl Quiet {
    fn under(root: &Path) -> io::Result<Quiet> {
        let at = |path: &str| root.join(path.trim_start_matches('/'));
        let quiet = Quiet { policy: at(POLICY), kept: at(&format!("{POLICY}.kept-by-lifeboat")), cluster: at(CLUSTER) };
        for file in [&quiet.policy, &quiet.cluster] {
            fs::create_dir_all(file.parent().unwrap_or(root))?;
        }
        // What an earlier, killed run left behind is not the administrator's.
        let theirs = fs::read_to_string(&quiet.policy).is_ok_and(|text| text != OURS);
        if theirs {
            fs::rename(&quiet.policy, &quiet.kept)?;
        }
        fs::write(&quiet.policy, OURS)?;
        fs::set_permissions(&quiet.policy, PermissionsExt::from_mode(0o755))?;
        fs::write(&quiet.cluster, "create_main_cluster = false\n")?;
        Ok(quiet)
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.cluster);
        if self.kept.exists() {
            let _ = fs::rename(&self.kept, &self.policy);
        } else {
            let _ = fs::remove_file(&self.policy);
        }
    }
}

/// Installs the packages of what is missing; needs root.
pub(super) async fn install(missing: &[Missing], log: &Path, say: &(dyn Fn(String) + Sync)) -> Result<(), LabError> {
    install_under(Path::new("/"), "apt-get", missing, log, say).await
}

/// Between the two commands it can be given up, within one it cannot: whoever is told to stop waits for its end, since
/// packages that are being set up without `Quiet` would start their services.
async fn install_under(
    root: &Path,
    apt_get: &str,
    missing: &[Missing],
    log: &Path,
    say: &(dyn Fn(String) + Sync),
) -> Result<(), LabError> {
    let names = packages(missing);
    let _quiet = Quiet::under(root).map_err(LabError::file("keep services from starting with", POLICY))?;
    say("fetching the package lists".to_owned());
    tokio::task::block_in_place(|| apt(apt_get, &["update", "-q"], log))?;
    tokio::task::yield_now().await;
    say(format!("installing {}; this is not stopped half-way", names.join(" ")));
    let mut arguments = vec!["install", "-q", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold"];
    arguments.extend(&names);
    tokio::task::block_in_place(|| apt(apt_get, &arguments, log))
}

fn apt(program: &str, arguments: &[&str], log: &Path) -> Result<(), LabError> {
    let failed = || LabError::file("write", log);
    let file = fs::OpenOptions::new().create(true).append(true).open(log).map_err(failed())?;
    let again = file.try_clone().map_err(failed())?;
    let refused = |why: String| LabError::Install { why };
    let mut command = Command::new(program);
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").env("DEBCONF_NONINTERACTIVE_SEEN", "true");
    // In a group of its own, so that the Ctrl-C meant for us does not reach it.
    command.stdin(Stdio::null()).stdout(file).stderr(again).process_group(0);
    let status = command.status().map_err(|error| refused(format!("apt-get: {error}")))?;
    if status.success() {
        return Ok(());
    }
    let text = fs::read_to_string(log).unwrap_or_default();
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("E: ")).collect();
    let last = errors.last().copied().unwrap_or("see its log");
    let last = untrusted(last, Shape::line(200));
    let what = arguments.first().copied().unwrap_or_default();
    Err(refused(format!("apt-get {what} ({status}): {last}; all of it in {}", log.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_named_once() {
        let of = |program: &str, package| Missing { program: program.to_owned(), package };
        let missing = [of("postgres", "postgresql"), of("initdb", "postgresql"), of("knotd", "knot")];
        assert!(install_command(&missing).ends_with("apt-get install --no-install-recommends knot postgresql"));
    }

    #[test]
    fn the_policy_of_the_administrator_comes_back() {
        let root = tempfile::tempdir().unwrap();
        let policy = root.path().join("usr/sbin/policy-rc.d");
        fs::create_dir_all(policy.parent().unwrap()).unwrap();
        fs::write(&policy, "#!/bin/sh\nexit 0\n").unwrap();
        let quiet = Quiet::under(root.path()).unwrap();
        assert_eq!(fs::read_to_string(&policy).unwrap(), OURS);
        drop(quiet);
        assert_eq!(fs::read_to_string(&policy).unwrap(), "#!/bin/sh\nexit 0\n");
        assert!(!root.path().join(CLUSTER.trim_start_matches('/')).exists());
    }

    /// A stand-in for apt-get that takes a while and says, at its end, whether services were kept from starting.
    #[tokio::test(flavor = "multi_thread")]
    async fn services_are_kept_from_starting_until_the_installation_has_ended_though_nobody_waits_for_it() {
        let root = tempfile::tempdir().unwrap();
        let (policy, told) = (root.path().join("usr/sbin/policy-rc.d"), root.path().join("told"));
        let script = root.path().join("apt-get");
        let text = format!(
            "#!/bin/sh\n[ \"$1\" = install ] || exit 0\nsleep 1\n\
             [ -x '{}' ] && echo quiet $(ps -o pgid= -p $$) > '{}'\n",
            policy.display(),
            told.display()
        );
        fs::write(&script, text).unwrap();
        fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
        let missing = [Missing { program: "knotd".to_owned(), package: "knot" }];
        let (log, apt_get) = (root.path().join("log"), script.display().to_string());
        let install = install_under(root.path(), &apt_get, &missing, &log, &|_| {});
        let _ = tokio::time::timeout(std::time::Duration::from_millis(200), install).await;
        let told = fs::read_to_string(told).unwrap_or_default();
        let group = told.trim().strip_prefix("quiet ").expect("services could have started");
        let ours = rustix::process::getpgrp().as_raw_nonzero().to_string();
        assert_ne!(group.trim(), ours, "a Ctrl-C at the terminal would reach it");
        assert!(!policy.exists());
    }

    #[test]
    fn what_a_killed_run_left_is_removed_by_the_next() {
        let root = tempfile::tempdir().unwrap();
        std::mem::forget(Quiet::under(root.path()).unwrap());
        drop(Quiet::under(root.path()).unwrap());
        assert!(!root.path().join("usr/sbin/policy-rc.d").exists());
    }

    #[test]
    fn what_a_killed_run_kept_is_not_lost_by_the_next() {
        let root = tempfile::tempdir().unwrap();
        let policy = root.path().join("usr/sbin/policy-rc.d");
        fs::create_dir_all(policy.parent().unwrap()).unwrap();
        fs::write(&policy, "theirs").unwrap();
        std::mem::forget(Quiet::under(root.path()).unwrap());
        drop(Quiet::under(root.path()).unwrap());
        assert_eq!(fs::read_to_string(&policy).unwrap(), "theirs");
    }
}
