//! Taking the data of Elasticsearch: a snapshot into its own repository, or an export of its documents.

mod export;
mod raw;
pub(super) mod search;
mod snapshot;

use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::take::TakeError;
use crate::vault::{Account, Keeper};
use search::Search;

/// Takes it as the plan's settings say.
pub async fn take<K: Keeper>(component: &Component, with: &Contact<'_>, into: &mut K) -> Result<Account, TakeError> {
    let settings = component.elasticsearch.clone().unwrap_or_default();
    let search = Search::open(component, with).await?;
    match &settings.snapshot_repository {
        Some(repository) => snapshot::take(&search, repository, &settings.indexes, with, into).await,
        None if settings.indexes.is_empty() => Err(TakeError::plan(
            component,
            "the plan names neither a repository for snapshots nor indexes to export",
            "write `snapshot_repository` or `indexes` in the component's [component.elasticsearch]",
        )),
        None => export::take(&search, &settings.indexes, with, into).await,
    }
}
