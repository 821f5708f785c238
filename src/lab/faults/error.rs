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
    /// The fault is in force already.
    #[error("{0} is in force already")]
    InForce(String),
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
