//! Takes a recovery point and gives it to its stores, wherever that is done. What a system keeps itself of one that no
//! store has is deleted there again: nobody would ever look for it.

use super::BackupError;
use crate::plan::types::{Component, Job};
use crate::reach::Reach;
use crate::systems::take::take;
use crate::systems::{Contact, Deposits, Left, Subject};
use crate::vault::{Delivered, Deposit, Origin, Taking};

/// Takes it with commands at a place, and tells which stores have it.
pub(super) async fn deliver(
    subject: Subject<'_>,
    (job, at): (&Job, &Reach),
    origin: Origin,
    mut taking: Taking<'_>,
    with: &Contact<'_>,
) -> Result<Delivered, BackupError> {
    let component = subject.component;
    let account = take(subject, job, with, at, &mut taking).await?;
    let deposit = account.deposit.clone();
    match taking.finish(origin, account).await {
        Ok(delivered) => Ok(delivered),
        Err(error) => {
            let left = match &deposit {
                Some(deposit) => given_up(component, deposit, with).await,
                None => None,
            };
            Err(BackupError::Keep { component: component.name.clone(), error, left: left.map(Box::new) })
        }
    }
}

/// Deletes what no store has a note of; tells where that may have failed.
async fn given_up(component: &Component, deposit: &Deposit, with: &Contact<'_>) -> Option<Left> {
    let removed = async {
        let deposits = Deposits::open(component, with).await.map_err(|error| error.to_string())?;
        deposits.remove(deposit).await.map_err(|not| not.why)
    };
    Left::after(deposit, removed).await
}
