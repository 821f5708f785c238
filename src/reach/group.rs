//! A process of this machine in a session of its own, without a terminal that could ask anything, and
//! whose whole group can be ended.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::time::Instant;

use super::error::ReachError;
use super::outcome::{Ending, FarEnd, ProcessId};
use crate::text::Redactor;

const POLL: Duration = Duration::from_millis(20);
/// How long a killed process may take to go; longer means that it sleeps uninterruptibly.
const AFTER_KILL: Duration = Duration::from_secs(3);

/// A child and everything in its process group.
pub(super) struct Group {
    child: Child,
    pid: Option<Pid>,
    over: bool,
}

/// The three ends of a new child.
pub(super) struct Ends {
    pub(super) stdin: Option<ChildStdin>,
    pub(super) stdout: ChildStdout,
    pub(super) stderr: ChildStderr,
}

/// Starts `argv` in a new session, all three streams piped; `configure` sets its environment.
pub(super) fn spawn(
    argv: &[OsString],
    reads: bool,
    redactor: &Redactor,
    configure: impl FnOnce(&mut tokio::process::Command),
) -> Result<(Group, Ends), ReachError> {
    let mut command = tokio::process::Command::new(program("setsid", None)?);
    command.arg(program(&argv[0], None)?).args(&argv[1..]);
    for (name, value) in std::env::vars_os() {
        // A secret that reached us in our environment is not for everything we start.
        if matches!(redactor.redact_bytes(value.as_bytes()), Cow::Owned(_)) {
            command.env_remove(name);
        }
    }
    configure(&mut command);
    command.stdin(if reads { Stdio::piped() } else { Stdio::null() }).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    let failed = |source| ReachError::Spawn { program: argv[0].to_string_lossy().into_owned(), source };
    let mut child = command.spawn().map_err(failed)?;
    let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let group = Group { child, pid, over: false };
    let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
        return Err(failed(std::io::Error::other("its output is not connected")));
    };
    Ok((group, Ends { stdin, stdout, stderr }))
}

/// The full path of a program, so that a missing one is told before anything is started.
pub(super) fn program(name: impl AsRef<OsStr>, path: Option<&OsStr>) -> Result<PathBuf, ReachError> {
    let name = Path::new(name.as_ref());
    let runs = |file: &Path| file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0);
    if name.components().count() > 1 && runs(name) {
        return Ok(name.to_owned());
    }
    let path = path.map_or_else(|| std::env::var_os("PATH").unwrap_or_default(), OsStr::to_owned);
    std::env::split_paths(&path)
        .filter(|_| name.components().count() == 1)
        .map(|folder| folder.join(name))
        .find(|file| runs(file))
        .ok_or_else(|| ReachError::NoProgram { program: name.to_string_lossy().into_owned() })
}

impl Group {
    /// The process itself: its number, and its start time while it can still be read.
    pub(super) fn id(&self) -> ProcessId {
        let pid = self.pid.map_or(0, |pid| u32::try_from(pid.as_raw_nonzero().get()).unwrap_or(0));
        ProcessId { pid, started: started(pid).unwrap_or(0) }
    }

    /// Waits for the process itself; what it left behind in the background goes on.
    pub(super) async fn wait(&mut self) -> std::io::Result<Ending> {
        use std::os::unix::process::ExitStatusExt;
        let status = self.child.wait().await?;
        self.over = true;
        Ok(match (status.code(), status.signal()) {
            (Some(code), _) => Ending::Exited(code),
            (None, Some(signal)) => Ending::Signalled(signal),
            (None, None) => Ending::Lost,
        })
    }

    /// Ends the whole group: asks, waits so long, and kills.
    pub(super) async fn end(&mut self, grace: Duration) -> FarEnd {
        if !grace.is_zero() {
            self.signal(Signal::TERM);
            if self.gone_within(grace).await {
                return FarEnd::Gone;
            }
        }
        self.signal(Signal::KILL);
        if self.gone_within(AFTER_KILL).await {
            return FarEnd::Gone;
        }
        FarEnd::Unknown(
            "it does not go even when it is killed; it became another user, or hangs in a disk or network file system"
                .into(),
        )
    }

    async fn gone_within(&mut self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        loop {
            if !self.over && matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                self.over = true;
            }
            if self.over && !self.has_members() {
                return true;
            }
            if Instant::now() >= until {
                return false;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    fn has_members(&self) -> bool {
        // A refusal means that they are there, but are somebody else's.
        self.pid.is_some_and(|pid| rustix::process::test_kill_process_group(pid) != Err(Errno::SRCH))
    }

    fn signal(&self, signal: Signal) {
        let Some(pid) = self.pid else { return };
        // A number stays taken while a group bears it, so that this can reach no stranger. Before the
        // child has its own session there is no such group yet, only the child.
        if rustix::process::kill_process_group(pid, signal).is_err() && !self.over {
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.over {
            self.signal(Signal::KILL);
        }
    }
}

fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_or_named() {
        assert!(program("sh", None).unwrap().is_absolute());
        assert!(program("/bin/sh", None).is_ok());
        for missing in ["no-such-program-anywhere", "/bin/no-such-program", "/etc/passwd", "/etc"] {
            assert!(program(missing, None).unwrap_err().to_string().contains(missing));
        }
    }

    #[test]
    fn the_start_time_is_read() {
        assert!(started(std::process::id()).unwrap() > 0);
    }
}
