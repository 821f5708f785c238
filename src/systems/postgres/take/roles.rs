//! The roles of a server and their settings: no dump of a database has them, and none can be restored without.

use super::program::Programs;
use super::snapshot::Snapshot;
use crate::plan::types::Component;
use crate::reach::{Command, Ending, Reach};
use crate::systems::contact::Contact;
use crate::systems::take::TakeError;
use crate::systems::tee::of_bytes;
use crate::vault::{Keeper, Piece, Sort, recipe};

/// Many thousands of roles fit.
const LARGEST: usize = 16 << 20;
const COMPLETE: &str = "-- PostgreSQL database cluster dump complete";
/// What is not there where the login may not see it.
const NO_PASSWORDS: &str = "passwords of roles, which this login may not read: set them anew after a restore";

/// Keeps the roles of a server; tells what of them could not be had.
pub async fn keep<K: Keeper>(
    component: &Component,
    snapshot: &Snapshot,
    programs: &Programs,
    with: &Contact<'_>,
    at: &Reach,
    into: &mut K,
) -> Result<Vec<String>, TakeError> {
    let command = || async {
        let command = programs.run("pg_dumpall", component, snapshot.server(), with).await?;
        let database = crate::systems::postgres::login::Address::of(component)?.database().to_owned();
        Ok::<Command, TakeError>(command.arg("--globals-only").arg(format!("--database={database}")).keep(LARGEST))
    };
    let mut left_out = Vec::new();
    let mut output = at.run(command().await?).await?;
    if matches!(output.ending, Ending::Exited(code) if code != 0) {
        // Who may not read passwords can still have everything else.
        output = at.run(command().await?.arg("--no-role-passwords")).await?;
        left_out.push(NO_PASSWORDS.to_owned());
    }
    let output = output.ok()?;
    let text = output.stdout.whole().unwrap_or_default().into_owned();
    if memchr::memmem::find(&text, COMPLETE.as_bytes()).is_none() {
        return Err(TakeError::flawed(&component.name, "the list of its roles is not complete"));
    }
    let piece = Piece {
        sort: Sort::Roles,
        format: "roles.sql",
        is_packed: true,
        is_secret: false,
        restore: recipe::ROLES.into(),
    };
    let kept = into.keep(piece, of_bytes(text)).await;
    kept.map_err(|error| TakeError::not_kept(component, "roles", error))?;
    Ok(left_out)
}
