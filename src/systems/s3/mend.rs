//! What the owner of an account types for the keys of a component.

use crate::plan::types::Component;
use crate::systems::mend::{Next, word};

/// Makes new keys beside the present ones.
pub fn give_keys(component: &Component) -> Next {
    of_user(component, |user| format!("aws iam create-access-key --user-name {user}"))
}

/// Lets the keys see everything, and change nothing.
pub fn grant(component: &Component) -> Next {
    let policy = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    of_user(component, |user| format!("aws iam attach-user-policy --user-name {user} --policy-arn {policy}"))
}

/// Without a name in the plan nobody here knows whose keys they are.
fn of_user(component: &Component, command: impl Fn(&str) -> String) -> Next {
    match component.user.as_deref() {
        Some(user) => Next::Mend(command(&word(user))),
        None => Next::look("aws sts get-caller-identity"),
    }
}
