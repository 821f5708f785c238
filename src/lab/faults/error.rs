//! Why a fault could not be applied or undone.

/// Why a fault could not be applied or undone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no such fault.
    #[error("there is no fault {name:?}{}", nearest.as_ref().map(|name| format!("; did you mean {name}?")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        name: String,
        /// What was perhaps meant.
        nearest: Option<String>,
    },
    /// The fault cannot act on this.
    #[error("{fault} cannot act on {target:?}: it takes {takes}")]
    Target {
        /// The fault.
        fault: String,
        /// What was asked for.
        target: String,
        /// What it takes.
        takes: String,
    },
    /// What it would act on is not certainly the lab's own.
    #[error("{server} was left alone: {why}")]
    NotOurs {
        /// The server.
        server: String,
        /// What does not fit.
        why: String,
    },
    /// The server that it acts on has no process.
    #[error("{server} is stopped")]
    Stopped {
        /// The server.
        server: String,
    },
    /// The fault is in force already.
    #[error("{named} is in force already")]
    InForce {
        /// The fault and what it acts on.
        named: String,
        /// The command that undoes it.
        undo: String,
    },
    /// There is nothing to undo.
    #[error("{0} is not in force")]
    NotInForce(String),
    /// Only a restore heals it.
    #[error("{0} cannot be undone: what it destroyed is gone")]
    NoUndo(String),
    /// Some could not be undone.
    #[error("{}{}", list_of_undone(undone), failed.join("; "))]
    NotAll {
        /// Those that were.
        undone: Vec<String>,
        /// Why each of the others was not.
        failed: Vec<String>,
    },
    /// The server refused, or there is nothing to break.
    #[error("{fault} failed: {why}")]
    Failed {
        /// The fault.
        fault: String,
        /// Why.
        why: String,
    },
}

fn list_of_undone(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("undone: {}; not undone: ", names.join(", ")) }
}

impl FaultError {
    /// What to do about it.
    pub(in crate::lab) fn next_step(&self) -> String {
        match self {
            FaultError::Unknown { .. } | FaultError::Target { .. } => "`lifeboat lab fault` lists them all.",
            FaultError::NotOurs { .. } | FaultError::Stopped { .. } => {
                "Look at `lifeboat lab status`; `lifeboat lab up` brings back what is missing."
            }
            FaultError::InForce { undo, .. } => return format!("Undo it first: `{undo}`."),
            FaultError::NotInForce(_) => "`lifeboat lab status` shows which are.",
            FaultError::NoUndo(_) => {
                "Recover it from a backup, or make the lab anew: `lifeboat lab down --delete`, then `lifeboat lab up`."
            }
            FaultError::NotAll { .. } => "`lifeboat lab status` shows what is still in force.",
            FaultError::Failed { .. } => "Look at `lifeboat lab status`.",
        }
        .to_owned()
    }
}
