//! Why a state directory cannot be used, and the way out of each.

use std::path::PathBuf;

use super::trouble::DiskError;
use crate::text::{Exit, Explain};

/// Why a state directory cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StateError {
    /// The plan's group does not exist here.
    #[error("the plan's group {0:?} does not exist on this host")]
    NoGroup(String),
    /// We are not in the plan's group.
    #[error("the state is shared under the group {group}, and this process is not in it")]
    Outsider {
        /// The plan's group.
        group: String,
    },
    /// Something else has the name.
    #[error("{} is not a directory", .0.display())]
    NoDirectory(PathBuf),
    /// A symbolic link to nothing.
    #[error("{} is a symbolic link that leads nowhere", .0.display())]
    LeadsNowhere(PathBuf),
    /// Anybody could replace what is in it.
    #[error("{} can be written by everybody: what it says could not be trusted", .0.display())]
    OpenToAll(PathBuf),
    /// A private directory of another user.
    #[error("{} belongs to {owner}", path.display())]
    SomeoneElses {
        /// The directory.
        path: PathBuf,
        /// Whose it is.
        owner: String,
    },
    /// It was made for one user, or for another group.
    #[error("{} is not shared with the group {group} that the plan names", path.display())]
    NotShared {
        /// The directory.
        path: PathBuf,
        /// The plan's group.
        group: String,
    },
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl Explain for StateError {
    fn next_step(&self) -> String {
        match self {
            StateError::NoGroup(group) => {
                format!("Create it (`groupadd --system {group}`), or change `group` in the plan's [platform].")
            }
            StateError::Outsider { group } => format!(
                "Join it (`usermod -aG {group} NAME` as root, then log in again), or use a state of your own with \
                 --state DIR."
            ),
            StateError::NoDirectory(path) => {
                format!("Move {} out of the way, or name a directory with --state DIR.", path.display())
            }
            StateError::LeadsNowhere(path) => format!(
                "See where it leads (`readlink {}`) and whether a disk is not mounted, or name a directory with --state DIR.",
                path.display()
            ),
            StateError::OpenToAll(path) => format!(
                "Name a directory inside it (--state {}/lifeboat), or close it: `chmod o-w {}`.",
                path.display(),
                path.display()
            ),
            StateError::SomeoneElses { owner, .. } => format!(
                "Run as {owner} (`sudo -u {owner} lifeboat …`), name another directory with --state DIR, or share the \
                 state by naming a `group` in the plan's [platform]."
            ),
            StateError::NotShared { path, group } => {
                let path = path.display();
                format!(
                    "Share it, as its owner or root: `chgrp -R {group} {path} && chmod -R g+rwX {path} && find {path} \
                     -type d -exec chmod g+s {{}} +`."
                )
            }
            StateError::Disk(error) => error.next_step(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            StateError::Disk(_) => Exit::Failed,
            _ => Exit::Usage,
        }
    }
}
