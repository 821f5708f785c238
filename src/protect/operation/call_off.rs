//! Calling an operation off: its process is asked to end, and clears away what it began.

use rustix::process::{Pid, Signal, geteuid, kill_process};

use super::Operation;
use crate::journal::host::{self, Alive};
use crate::text::{Exit, Explain};

/// Why it was not called off.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCalledOff {
    /// It runs on another host.
    #[error("it runs on {0}, and not here")]
    Elsewhere(String),
    /// It belongs to somebody else.
    #[error("it is {owner}'s process {pid}, which this user may not end")]
    SomeoneElses {
        /// Whose it is.
        owner: String,
        /// Which.
        pid: u32,
    },
    /// It has ended.
    #[error("it has ended already")]
    Ended,
    /// The machine says no.
    #[error("process {0} could not be asked to end: {1}")]
    Refused(u32, String),
}

impl Explain for NotCalledOff {
    fn next_step(&self) -> String {
        match self {
            NotCalledOff::Elsewhere(host) => format!("Call it off on {host}."),
            NotCalledOff::SomeoneElses { owner, pid } => {
                let also = if owner == "root" { "" } else { " or root" };
                format!("Only {owner}{also} can: kill -TERM {pid}")
            }
            NotCalledOff::Ended => "There is nothing left to do.".to_owned(),
            NotCalledOff::Refused(pid, _) => format!("Try `kill -TERM {pid}` in a shell."),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Refused
    }
}

/// Whether this user could call it off, as far as can be told before.
pub(super) fn may_end(operation: &Operation) -> Result<(), NotCalledOff> {
    let by = &operation.by;
    if by.chain != host::chain() || by.boot_id != host::boot_id() {
        return Err(NotCalledOff::Elsewhere(by.host.clone()));
    }
    let me = geteuid();
    if me.is_root() || me.as_raw() == by.actor.uid {
        return Ok(());
    }
    Err(NotCalledOff::SomeoneElses { owner: operation.actor(), pid: by.process.pid })
}

/// Asks its process to end. What has its number by now, and is not it, is left alone.
pub fn call_off(operation: &Operation) -> Result<(), NotCalledOff> {
    may_end(operation)?;
    match operation.by.process.alive() {
        Alive::Yes => {}
        Alive::No => return Err(NotCalledOff::Ended),
        Alive::Unknowable => return Err(NotCalledOff::Elsewhere(operation.by.host.clone())),
    }
    let number = operation.by.process.pid;
    let pid = i32::try_from(number).ok().and_then(Pid::from_raw).ok_or(NotCalledOff::Ended)?;
    kill_process(pid, Signal::TERM).map_err(|error| NotCalledOff::Refused(number, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::operation::{About, Doing, Operations};
    use crate::text::Redactor;

    fn operation() -> Operation {
        let about = About { doing: Doing::Backup, of: "db".to_owned(), method: None, job: None, stores: Vec::new() };
        Operations::untold(&Redactor::new()).begin(about).now()
    }

    fn started(pid: u32) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit_once(')').unwrap().1.split_ascii_whitespace().nth(19).unwrap().parse().unwrap()
    }

    #[test]
    fn a_process_is_asked_to_end_and_one_that_has_its_number_is_left_alone() {
        use std::os::unix::process::ExitStatusExt;

        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let mut it = operation();
        it.by.process.pid = child.id();
        let began = started(child.id());
        it.by.process.started = began + 1;
        assert_eq!(call_off(&it), Err(NotCalledOff::Ended), "it began at another time");
        it.by.process.started = began;
        assert_eq!(call_off(&it), Ok(()));
        assert_eq!(child.wait().unwrap().signal(), Some(15));
        assert_eq!(call_off(&it), Err(NotCalledOff::Ended));
    }

    #[test]
    fn what_runs_elsewhere_is_called_off_there() {
        let mut it = operation();
        it.by.boot_id = "another".to_owned();
        "bastion-2".clone_into(&mut it.by.host);
        let error = call_off(&it).unwrap_err();
        assert_eq!(error.next_step(), "Call it off on bastion-2.");
    }
}
