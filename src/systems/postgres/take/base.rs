//! A whole server, file by file, as its archive and its manifest tell: the beginning of every way back to a moment.

use super::open;
use super::stream::output_of;
use crate::plan::types::Component;
use crate::reach::Reach;
use crate::systems::contact::Contact;
use crate::systems::postgres::base_tar;
use crate::systems::take::TakeError;
use crate::systems::tee::tee;
use crate::vault::{Account, Keeper, Piece, Sort, recipe};

/// Takes a base backup, with the log that it needs to be consistent.
pub async fn base<K: Keeper>(
    component: &Component,
    with: &Contact<'_>,
    at: &Reach,
    into: &mut K,
) -> Result<Account, TakeError> {
    let (snapshot, _, command) = open("pg_basebackup", component, with, at).await?;
    // To its output goes one archive only, which has the log in it when all of it was fetched at the end.
    let command = command.args(["--pgdata=-", "--format=tar", "--wal-method=fetch", "--checkpoint=fast"]);
    let command = command.arg("--label=lifeboat");
    let mut account = snapshot.account(std::collections::BTreeMap::new());
    let name = component.name.clone();
    let check = move |archive: &mut crate::systems::tee::Tap| {
        base_tar::read(archive).map_err(|why| TakeError::flawed(&name, why))
    };
    let (source, found) = tee(output_of(command, at).await?, check);
    let piece =
        Piece { sort: Sort::Base, format: "tar", is_packed: false, is_secret: false, restore: recipe::BASE.into() };
    let kept = into.keep(piece, source).await;
    kept.map_err(|error| TakeError::not_kept(component, "base backup", error))?;
    let found = found.await.map_err(|_| TakeError::ours("whoever read the base backup came to an unexpected end"))?;
    account.about.extend(found.about);
    account.counts.insert("files".to_owned(), found.files);
    account.counts.insert("bytes".to_owned(), found.bytes);
    Ok(account)
}
