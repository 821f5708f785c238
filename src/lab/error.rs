//! Why the lab could not do what was asked.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::{FaultError, Missing, ServerId};
use crate::text::{Exit, Explain, Size};

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
    /// A copy of a lab's folder.
    #[error("{lab} is a copy of the lab in {of}, and its servers are that one's", lab = lab.display(), of = of.display())]
    Copied {
        /// The copy.
        lab: PathBuf,
        /// Where the lab is.
        of: PathBuf,
    },
    /// A lab whose folder was moved.
    #[error("the lab in {lab} was made in {from}, and works only there", lab = lab.display(), from = from.display())]
    Moved {
        /// Where it is.
        lab: PathBuf,
        /// Where it was made.
        from: PathBuf,
    },
    /// A lab with other servers than those that this version knows.
    #[error("the lab in {lab} was made by {} version of Lifeboat, with other servers", if *is_newer { "a newer" } else { "an older" }, lab = lab.display())]
    OtherVersion {
        /// The lab's folder.
        lab: PathBuf,
        /// Whether by one that is newer than this.
        is_newer: bool,
    },
    /// None of its servers runs.
    #[error("the lab in {lab} is down", lab = lab.display())]
    Down {
        /// The lab's folder.
        lab: PathBuf,
    },
    /// A name that a server could not live with.
    #[error("the folder's name {folder:?} {why}")]
    FolderName {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Too little room for a lab.
    #[error("there is too little room for a lab in {place}: {free} are free, and it needs {needed}", place = place.display(), free = free.approx(), needed = needed.approx())]
    NoRoom {
        /// Where its data would lie.
        place: PathBuf,
        /// How much is free there.
        free: Size,
        /// How much it needs.
        needed: Size,
    },
    /// The port that a server of the lab always had is used by someone else.
    #[error("{server} cannot have its address {address} back: it is used by {}", holder.as_deref().unwrap_or("another process"))]
    PortTaken {
        /// Whose port it was.
        server: String,
        /// The address.
        address: SocketAddr,
        /// Who listens there now, if we may see that.
        holder: Option<String>,
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

    /// Whether there was no room left, whoever found that out.
    pub(super) fn is_full_disk(&self) -> bool {
        let says = |text: &str| text.contains("No space left on device");
        match self {
            LabError::File { source, .. } => source.kind() == io::ErrorKind::StorageFull,
            LabError::Server { why, log, .. } => says(why) || says(log),
            LabError::Program { why, .. } | LabError::Make { why, .. } => says(why),
            _ => false,
        }
    }
}

impl Explain for LabError {
    fn next_step(&self) -> String {
        if self.is_full_disk() {
            return "Free some space: a lab needs about 1 GB.".to_owned();
        }
        match self {
            LabError::Busy { .. } => "Wait until it is done, or use another folder: `lifeboat --state DIR lab up`.",
            LabError::NoLab { .. } => {
                "Make one with `lifeboat lab up`, or name the folder that holds it: `lifeboat --state DIR lab status`."
            }
            LabError::NotFree { .. } => {
                "Make the lab elsewhere: `lifeboat --state DIR lab up`. It takes a folder DIR/lab that is new or empty."
            }
            LabError::NotYours { .. } => "Make one of your own: `lifeboat --state DIR lab up`.",
            LabError::Copied { .. } => "Remove this copy; a second lab is made with `lifeboat --state DIR lab up`.",
            LabError::Moved { .. } => {
                "Move it back there, or end it with `lifeboat lab down --delete` and make a new one with `lifeboat lab up`."
            }
            LabError::OtherVersion { is_newer: true, .. } => "Use the version that made it, also to end it.",
            LabError::OtherVersion { .. } => {
                "Make it anew: `lifeboat lab down --delete`, then `lifeboat lab up`; or use the version that made it."
            }
            LabError::Down { .. } => "Bring it up with `lifeboat lab up`.",
            LabError::FolderName { .. } => "Make the lab in a folder with a plain name: `lifeboat --state DIR lab up`.",
            LabError::NoRoom { .. } => "Free some space there, or make it elsewhere: `lifeboat --state DIR lab up`.",
            LabError::PortTaken { .. } => {
                "End what listens there, or make the lab anew on other ports: `lifeboat lab down --delete`, then \
                 `lifeboat lab up`."
            }
            LabError::NoAddresses => "End a lab that is not needed any more: `lifeboat --state DIR lab down`.",
            LabError::Missing { missing } => return super::install_command(missing),
            LabError::Install { .. } => "Mend what apt-get complains about and try again.",
            LabError::File { .. } => "Look at the owner and the permissions of that path.",
            LabError::Damaged { .. } => "Make the lab anew: `lifeboat lab down --delete`, then `lifeboat lab up`.",
            LabError::NoAccount(_) => "Create one: adduser --system --group lifeboat-lab.",
            LabError::Fault(error) => return error.next_step(),
            LabError::Server { .. } | LabError::Program { .. } | LabError::Make { .. } => {
                "Try `lifeboat lab up` again: it goes on where it stopped. If it stays, make the lab anew: `lifeboat \
                 lab down --delete`, then `lifeboat lab up`."
            }
        }
        .to_owned()
    }

    fn exit(&self) -> Exit {
        match self {
            LabError::NoLab { .. }
            | LabError::Missing { .. }
            | LabError::FolderName { .. }
            | LabError::Fault(FaultError::Unknown { .. } | FaultError::Target { .. }) => Exit::Usage,
            LabError::NotFree { .. }
            | LabError::NotYours { .. }
            | LabError::Copied { .. }
            | LabError::Moved { .. }
            | LabError::OtherVersion { .. }
            | LabError::Down { .. }
            | LabError::NoRoom { .. }
            | LabError::Fault(FaultError::NotOurs { .. } | FaultError::Stopped { .. } | FaultError::InForce { .. }) => {
                Exit::Refused
            }
            _ => Exit::Failed,
        }
    }
}
