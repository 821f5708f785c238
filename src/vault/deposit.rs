//! What a system keeps itself of a recovery point, in a repository of its own: the files in the stores only speak of
//! it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::piece::Account;
use crate::text::{Shape, untrusted};

/// Where a system keeps it, and what it is called there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposit {
    /// The repository, as its system calls it.
    pub repository: String,
    /// Its name there.
    pub name: String,
    /// What tells it from another that has its name later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl fmt::Display for Deposit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |text: &str| untrusted(text, Shape::line(120));
        write!(f, "{} in the repository {}", line(&self.name), line(&self.repository))
    }
}

impl Account {
    /// What the system keeps itself, where it keeps something. Older manifests tell it only for people, which is good
    /// enough where nothing in it can have been changed for them.
    pub fn kept_by_system(&self) -> Option<Deposit> {
        let is_plain = |text: &&String| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let told = |name: &str| self.about.get(name).filter(is_plain).cloned();
        let for_people = || {
            let name = told("snapshot").filter(|name| name.starts_with("lifeboat-"))?;
            Some(Deposit { repository: told("repository")?, name, id: None })
        };
        self.deposit.clone().or_else(for_people)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_manifests_are_believed_only_where_nothing_was_changed_for_people() {
        let told = |repository: &str, snapshot: &str| {
            let about = [("repository", repository), ("snapshot", snapshot)];
            let about = about.map(|(name, told)| (name.to_owned(), told.to_owned())).into();
            Account { about, ..Account::default() }.kept_by_system()
        };
        let plain = told("nightly", "lifeboat-20241118-020000").unwrap();
        assert_eq!((plain.repository.as_str(), plain.name.as_str()), ("nightly", "lifeboat-20241118-020000"));
        assert_eq!(plain.to_string(), "lifeboat-20241118-020000 in the repository nightly");
        for (repository, snapshot) in
            [("[***]", "lifeboat-1"), ("nightly", "someone-elses"), ("n\\u{1b}", "lifeboat-1")]
        {
            assert_eq!(told(repository, snapshot), None);
        }
    }
}
