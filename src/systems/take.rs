//! Taking a recovery point: every system hands over what it can be restored from, a file at a time, and tells what it
//! is.
//!
//! Bytes stream: nothing is held whole, and nothing is read twice to be checked.

mod error;

pub use error::TakeError;

use super::contact::Contact;
use super::postgres;
use super::probe::Subject;
use crate::plan::types::{Job, Kind, Method};
use crate::reach::Reach;
use crate::vault::{Account, Keeper};

/// Takes what a job of the plan wants taken of a component, and hands it to whoever keeps it. Commands run `at` the
/// job's place. What one of several files told wrong, or did not keep, makes all of it fail.
pub async fn take<K: Keeper>(
    subject: Subject<'_>,
    job: &Job,
    with: &Contact<'_>,
    at: &Reach,
    into: &mut K,
) -> Result<Account, TakeError> {
    let component = subject.component;
    let taken = match (component.kind, job.method) {
        (Kind::Postgres, Some(Method::Dump)) => postgres::take::dump(component, with, at, into).await,
        (Kind::Postgres, Some(Method::Sql)) => postgres::take::sql(component, with, at, into).await,
        (Kind::Postgres, Some(Method::Base)) => postgres::take::base(component, with, at, into).await,
        (_, method) => Err(TakeError::not_offered(component, method)),
    };
    taken.map_err(|error| error.redacted(with.secrets.redactor()))
}
