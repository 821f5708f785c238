//! What git knows of the files that were taken: the commit they were at, and what it does not know of them.

use std::path::Path;

use crate::plan::Place;
use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::files::git::{Git, ask, state};
use crate::systems::take::TakeError;
use crate::systems::trouble::shown;
use crate::text::{Shape, untrusted};
use crate::vault::Account;

/// Tells it.
pub async fn tell(
    component: &Component,
    path: &Path,
    place: &Place,
    with: &Contact<'_>,
    account: &mut Account,
) -> Result<(), TakeError> {
    let (commit, changed) = match state(path, place, with).await? {
        Git::Kept { commit, changed } => (commit, changed),
        Git::None => {
            account.left_out.push("the plan says that git keeps them, and it does not".to_owned());
            return Ok(());
        }
        Git::Silent(why) => {
            let why = untrusted(why, Shape::line(200));
            account.left_out.push(format!("git does not say what it knows of them: {why}"));
            return Ok(());
        }
    };
    account.left_out.push(format!("the history that git keeps of {}: it is in its own repository", component.name));
    let about = &mut account.about;
    about.extend(commit.map(|commit| ("git_commit".to_owned(), commit)));
    about.insert("git_uncommitted".to_owned(), if changed { "yes" } else { "no" }.to_owned());
    for (name, question) in
        [("git_branch", ["rev-parse", "--abbrev-ref", "HEAD"]), ("git_remote", ["remote", "get-url", "origin"])]
    {
        if let Some(answer) = ask(&question, path, place, with).await? {
            about.insert(name.to_owned(), shown(&untrusted(answer, Shape::line(200))));
        }
    }
    Ok(())
}
