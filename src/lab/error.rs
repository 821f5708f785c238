//! Why the lab could not do what was asked.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::{FaultError, Missing, ServerId};
use crate::text::{Exit, Explain};

/// Why the lab could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// Another process changes the same lab.
    #[error("the lab in {lab} is being changed by {holder}", lab = lab.display())]
    Busy {
        /// The lab's folder.
        lab: PathBuf,
        /// Who holds it, and what for.
        holder: String,
    },
    /// There is no lab here.
    #[error("there is no lab in {lab}", lab = lab.display())]
    NoLab {
        /// Where it was looked for.
        lab: PathBuf,
    },
    /// A folder that is not a lab's, and not empty.
    #[error("{folder} is no lab, and holds something", folder = folder.display())]
    NotFree {
        /// The folder.
        folder: PathBuf,
    },
    /// A lab of somebody else.
    #[error("the lab in {lab} belongs to uid {owner}", lab = lab.display())]
    NotYours {
        /// The lab's folder.
        lab: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// The port that a server of the lab always had is used by someone else.
    #[error("{server} cannot have its address {address} back: it is used by {holder}")]
    PortTaken {
        /// Whose port it was.
        server: String,
        /// The address.
        address: SocketAddr,
        /// Who listens there now.
        holder: String,
    },
    /// No range of loopback addresses is free.
    #[error("no free range of loopback addresses was found for the lab")]
    NoAddresses,
    /// Programs that the lab runs are not installed.
    #[error("the lab needs programs that are not installed: {}", missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Missing {
        /// Which, and where they come from.
        missing: Vec<Missing>,
    },
    /// Missing packages could not be installed.
    #[error("installing packages for the lab failed: {why}")]
    Install {
        /// What went wrong.
        why: String,
    },
    /// A file or folder of the lab could not be used.
    #[error("cannot {what} {path}: {source}", path = path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A file of the lab does not hold what it should.
    #[error("{path} is damaged: {why}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// As root, no account was found that the servers could run as.
    #[error("servers must not run as root, and none of the accounts {0} exists")]
    NoAccount(String),
    /// A server did not come up, or did not do what it was asked.
    #[error("{server}: {why}{}", tail(log))]
    Server {
        /// Which.
        server: ServerId,
        /// What it failed at.
        why: String,
        /// The last lines of its log, made safe.
        log: String,
    },
    /// A program that the lab ran to its end failed.
    #[error("{program} failed: {why}")]
    Program {
        /// Which program.
        program: String,
        /// Its exit and its last words, made safe.
        why: String,
    },
    /// A fault could not be applied or undone.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// Something that the lab makes by itself could not be made.
    #[error("cannot make {what}: {why}")]
    Make {
        /// What.
        what: &'static str,
        /// Why not.
        why: String,
    },
}

fn tail(log: &str) -> String {
    if log.is_empty() { String::new() } else { format!("; the last lines of its log:\n{log}") }
}

impl LabError {
    /// For `map_err` after an operation on `path`.
    pub(super) fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> LabError {
        let path = path.into();
        move |source| LabError::File { what, path, source }
    }
}

impl Explain for LabError {
    fn next_step(&self) -> String {
        match self {
            LabError::Busy { .. } => "Wait until it is done, or use another folder: --state DIR.".to_owned(),
            LabError::NoLab { .. } => {
                "Make one with `lifeboat lab up`, or name the folder that holds it: --state DIR.".to_owned()
            }
            LabError::NotFree { .. } => {
                "Make the lab elsewhere: lifeboat --state DIR lab up. It takes a folder DIR/lab that is new or empty.".to_owned()
            }
            LabError::NotYours { .. } => "Make one of your own: lifeboat --state DIR lab up.".to_owned(),
            LabError::PortTaken { .. } => "End what listens there, or make the lab anew on other ports: lifeboat lab \
                 down --delete, then lifeboat lab up."
                .to_owned(),
            LabError::NoAddresses => "End a lab that is not needed any more: lifeboat --state DIR lab down.".to_owned(),
            LabError::Missing { missing } => super::install_command(missing),
            LabError::Install { .. } => "Mend what apt-get complains about and try again.".to_owned(),
            LabError::File { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "Free some space: a lab needs about 1 GB.".to_owned()
            }
            LabError::File { .. } => "Look at the owner and the permissions of that path.".to_owned(),
            LabError::Damaged { .. } => "Make the lab anew: lifeboat lab down --delete, then lifeboat lab up.".to_owned(),
            LabError::NoAccount(_) => "Create one: adduser --system --group lifeboat-lab.".to_owned(),
            LabError::Fault(error) => match error {
                FaultError::Unknown { .. } | FaultError::Target { .. } => "`lifeboat lab fault` lists them all.",
                FaultError::NotOurs { .. } => "Look at `lifeboat lab status`; `lifeboat lab up` brings back what is missing.",
                FaultError::InForce(_) => "Undo it first: lifeboat lab fault NAME --undo.",
                FaultError::NotInForce(_) => "`lifeboat lab status` shows which are.",
                FaultError::NoUndo(_) => "Recover it from a backup, or make the lab anew: lifeboat lab down --delete.",
                FaultError::NotAll { .. } => "`lifeboat lab status` shows what is still in force.",
                FaultError::Failed { .. } => "Look at `lifeboat lab status`.",
            }
            .to_owned(),
            LabError::Server { .. } | LabError::Program { .. } | LabError::Make { .. } => {
                "Try `lifeboat lab up` again: it goes on where it stopped. If it stays, make the lab anew: lifeboat lab \
                 down --delete."
                    .to_owned()
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            LabError::NoLab { .. }
            | LabError::Missing { .. }
            | LabError::Fault(FaultError::Unknown { .. } | FaultError::Target { .. }) => Exit::Usage,
            LabError::NotFree { .. } | LabError::NotYours { .. } | LabError::Fault(FaultError::NotOurs { .. }) => {
                Exit::Refused
            }
            _ => Exit::Failed,
        }
    }
}
