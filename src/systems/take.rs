//! Taking a recovery point: every system hands over what it can be restored from, a file at a time, and tells what it
//! is.
//!
//! Bytes stream: nothing is held whole, and nothing is read twice to be checked.

mod error;

pub use error::TakeError;

use super::contact::Contact;
use super::probe::Subject;
use super::{certificate, command, files, monitoring, postgres, rabbitmq, redis};
use crate::plan::types::{Job, Kind, Method};
use crate::reach::Reach;
use crate::text::Redactor;
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
    // A program that the plan names knows better than we do.
    let taken = if job.run.is_empty() {
        match (component.kind, job.method) {
            (Kind::Postgres, Some(Method::Dump)) => postgres::take::dump(component, with, at, into).await,
            (Kind::Postgres, Some(Method::Sql)) => postgres::take::sql(component, with, at, into).await,
            (Kind::Postgres, Some(Method::Base)) => postgres::take::base(component, with, at, into).await,
            (Kind::Redis, Some(Method::Snapshot | Method::Stream)) => redis::take::snapshot(subject, with, into).await,
            (Kind::Redis, Some(Method::Aof)) => redis::take::append_only(component, with, into).await,
            (Kind::Rabbitmq, Some(Method::Definitions)) => rabbitmq::take::definitions(component, with, into).await,
            (Kind::Rabbitmq, Some(Method::Queues)) => rabbitmq::take::queues(component, with, into).await,
            (Kind::Files, Some(Method::Files)) => files::take::take(component, with, into).await,
            (Kind::Certificate, Some(Method::Files)) => certificate::take::take(component, with, into).await,
            (Kind::Elasticsearch, Some(Method::Export)) => monitoring::take::take(component, with, into).await,
            (_, method) => Err(TakeError::not_offered(component, method)),
        }
    } else {
        command::take(component, job, with, at, into).await
    };
    let redactor = with.secrets.redactor();
    taken.map(|account| redacted(account, redactor)).map_err(|error| error.redacted(redactor))
}

/// What is told goes into manifests and reports: no server may have put our password into it.
fn redacted(mut account: Account, redactor: &Redactor) -> Account {
    let told =
        account.about.values_mut().chain(&mut account.left_out).chain(&mut account.lacks).chain([&mut account.system]);
    for text in told {
        *text = redactor.redact(text).into_owned();
    }
    account
}
