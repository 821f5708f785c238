//! Starting programs: servers that outlive us and our terminal, and helpers that do not.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::account::Account;
use super::context::Lab;
use super::procfs::{self, Born, LAB_TAG, SERVER_TAG};
use super::{LabError, ServerId, beneath, files};
use crate::text::{Shape, untrusted};

/// The name that helpers carry in place of a server's.
const HELPER: &str = "helper";
/// The name that helpers of a fault carry, which outlive the one who starts them.
pub(super) const FAULT: &str = "fault";
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program to start, completely: nothing is taken over from our own environment.
#[derive(Clone, Debug)]
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(&'static str, OsString)>,
    /// Where it works; also its home.
    pub(super) folder: PathBuf,
    /// The program that it turns into, where it is a script that gives way to another.
    pub(super) becomes: Option<&'static str>,
}

impl Launch {
    pub(super) fn new(program: impl Into<PathBuf>, folder: impl Into<PathBuf>) -> Launch {
        let folder = folder.into();
        Launch { program: program.into(), arguments: Vec::new(), environment: Vec::new(), folder, becomes: None }
    }

    pub(super) fn arg(mut self, argument: impl Into<OsString>) -> Launch {
        self.arguments.push(argument.into());
        self
    }

    pub(super) fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Launch {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    pub(super) fn becomes(mut self, program: &'static str) -> Launch {
        self.becomes = Some(program);
        self
    }

    pub(super) fn env(mut self, name: &'static str, value: impl Into<OsString>) -> Launch {
        self.environment.push((name, value.into()));
        self
    }

    fn command(&self, program: &Path, lab: &str, name: &str, account: Option<&Account>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", PATH).env("LANG", "C.UTF-8").env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        command.env("HOME", &self.folder).envs(self.environment.iter().cloned());
        command.env(LAB_TAG, lab).env(SERVER_TAG, name).current_dir(&self.folder).stdin(Stdio::null());
        if let Some(account) = account {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }
}

/// Starts a server in a session of its own, its output in a file, and writes down which process it is.
pub(super) fn start(lab: &Lab, server: ServerId, launch: &Launch) -> Result<Born, LabError> {
    let refused = |why: String| LabError::Server { server, why, log: String::new() };
    let path = lab.layout.log(server);
    let log = files::open_log(&path, lab.record.account.as_ref())?;
    let again = log.try_clone().map_err(LabError::file("open", &path))?;

    lab.processes.intend(server, launch)?;
    // setsid becomes the program itself, so the number stays.
    let setsid = lab.programs.setsid.as_path();
    let mut command = launch.command(setsid, &lab.record.id, &server.to_string(), lab.record.account.as_ref());
    command.arg(&launch.program).args(&launch.arguments).stdout(log).stderr(again);
    let child =
        command.spawn().map_err(|error| refused(format!("cannot start {}: {error}", launch.program.display())))?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
    let born = pid.and_then(procfs::born).ok_or_else(|| refused("it ended at once".to_owned()))?;
    lab.processes.record(server, born.clone())?;
    Ok(born)
}

/// Starts a helper of a fault, which lives until the fault is undone.
pub(super) fn start_helper(lab: &Lab, fault: &str, launch: &Launch) -> Result<Born, LabError> {
    let refused = |why: String| LabError::Program { program: format!("the helper of {fault}"), why };
    let mut command = launch.command(&lab.programs.setsid, &lab.record.id, FAULT, lab.record.account.as_ref());
    command.arg(&launch.program).args(&launch.arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().map_err(|error| refused(error.to_string()))?;
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
    pid.and_then(procfs::born).ok_or_else(|| refused("it ended at once".to_owned()))
}

/// Runs a helper to its end and returns what it printed; it is ended if we are dropped or time is up.
pub(super) async fn run(lab: &Lab, launch: &Launch, deadline: Duration) -> Result<String, LabError> {
    run_as(lab, launch, deadline, lab.record.account.as_ref()).await
}

/// The same without giving up our own rights, for what the servers' account may not do.
pub(super) async fn run_as_we_are(lab: &Lab, launch: &Launch, deadline: Duration) -> Result<String, LabError> {
    run_as(lab, launch, deadline, None).await
}

async fn run_as(lab: &Lab, launch: &Launch, deadline: Duration, account: Option<&Account>) -> Result<String, LabError> {
    let program = launch.program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let refused = |why: String| LabError::Program { program: program.clone(), why };
    let mut command = launch.command(&launch.program, &lab.record.id, HELPER, account);
    command.args(&launch.arguments).process_group(0).kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = tokio::time::timeout(deadline, command.output())
        .await
        .map_err(|_| refused(format!("it did not end within {} s", deadline.as_secs())))?
        .map_err(|error| refused(error.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(refused(format!("{}: {}", output.status, last_lines(&String::from_utf8_lossy(&said), 6))))
}

/// The last lines of what a server wrote, safe to show.
pub(super) fn log_tail(lab: &Lab, server: ServerId) -> String {
    let bytes = beneath::read(&lab.layout.log(server)).unwrap_or_default();
    let tail = &bytes[bytes.len().saturating_sub(4096)..];
    last_lines(&String::from_utf8_lossy(tail), 8)
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let safe = |line: &&str| untrusted(line, Shape::line(200));
    lines[lines.len().saturating_sub(count)..].iter().map(safe).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_a_log_is_short_and_tame() {
        let log: Vec<String> = (0..50).map(|line| format!("line {line} \u{1b}[31mred")).collect();
        let log = log.join("\n");
        let tail = last_lines(&log, 3);
        assert_eq!(tail.lines().count(), 3);
        assert!(tail.starts_with("line 47"));
        assert!(!tail.contains('\u{1b}'));
    }
}
