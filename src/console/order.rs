//! What somebody asks for: looked at in a preview, confirmed, and only then handed to a worker.

use std::ffi::OsString;
use std::sync::Arc;

use super::Action;
use crate::plan::types::Method;

/// Something that is to be done outside the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Take a recovery point.
    BackUp {
        /// Of this component.
        component: String,
        /// How.
        method: Option<Method>,
    },
    /// Read recovery points to their end.
    Verify {
        /// Only this one; else all that are new.
        point: Option<Arc<str>>,
        /// Also what was read before.
        is_deep: bool,
    },
    /// Hold everything, for this reason.
    Hold {
        /// Why.
        why: String,
    },
    /// End the hold, for this reason.
    Release {
        /// Why.
        why: String,
    },
    /// Call off the operation of this name.
    CallOff {
        /// Which.
        id: String,
    },
}

impl Order {
    /// What it is called where one chooses among several.
    pub fn title(&self) -> String {
        match self {
            Order::BackUp { component, method: Some(method) } => format!("{component} by {}", method.word()),
            Order::BackUp { component, method: None } => component.clone(),
            Order::Verify { point: Some(point), .. } => point.to_string(),
            Order::Verify { point: None, .. } => "everything that is new".to_owned(),
            Order::Hold { .. } => "hold everything".to_owned(),
            Order::Release { .. } => "end the hold".to_owned(),
            Order::CallOff { id } => id.clone(),
        }
    }

    /// The action that asks for it.
    pub fn action(&self) -> Action {
        match self {
            Order::BackUp { .. } => Action::BackUp,
            Order::Verify { .. } => Action::Verify,
            Order::Hold { .. } | Order::Release { .. } => Action::Hold,
            Order::CallOff { .. } => Action::CallOff,
        }
    }

    /// Whether a reason is asked for.
    pub fn wants_reason(&self) -> bool {
        matches!(self, Order::Hold { .. } | Order::Release { .. })
    }

    /// The same with a reason.
    #[must_use]
    pub fn because(self, why: &str) -> Order {
        match self {
            Order::Hold { .. } => Order::Hold { why: why.to_owned() },
            Order::Release { .. } => Order::Release { why: why.to_owned() },
            other => other,
        }
    }

    /// What the worker is called with; nothing where none is needed.
    pub fn words(&self) -> Option<Vec<OsString>> {
        let words: Vec<String> = match self {
            Order::BackUp { component, method } => {
                let method = method.map(|method| format!("--method={}", method.word()));
                ["backup".to_owned(), component.clone()].into_iter().chain(method).collect()
            }
            Order::Verify { point, is_deep } => {
                let deep = is_deep.then(|| "--deep".to_owned());
                ["verify".to_owned()].into_iter().chain(point.as_ref().map(ToString::to_string)).chain(deep).collect()
            }
            Order::Hold { why } => vec!["hold".to_owned(), format!("--why={why}")],
            Order::Release { why } => vec!["hold".to_owned(), "--release".to_owned(), format!("--why={why}")],
            Order::CallOff { .. } => return None,
        };
        Some(words.into_iter().map(OsString::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_called_with_what_was_shown() {
        let words = |order: Order| {
            order.words().map(|words| words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>())
        };
        let back_up = Order::BackUp { component: "db".to_owned(), method: Some(Method::Base) };
        assert_eq!(words(back_up).unwrap(), ["backup", "db", "--method=base"]);
        let verify = Order::Verify { point: Some("db/backup_1".into()), is_deep: true };
        assert_eq!(words(verify).unwrap(), ["verify", "db/backup_1", "--deep"]);
        // A reason that begins like an option is one word with its own.
        let release = Order::Release { why: String::new() }.because("--yes; rm -rf /");
        assert_eq!(words(release).unwrap(), ["hold", "--release", "--why=--yes; rm -rf /"]);
        assert_eq!(words(Order::CallOff { id: "x".to_owned() }), None);
    }
}
