//! What systems keep themselves of recovery points, in repositories of their own: asked whether it is still there and
//! whole, and deleted by the exact name that we gave it.

use std::fmt;
use std::time::Duration;

use tokio::time::timeout;

use super::artefact::Look;
use super::contact::Contact;
use super::monitoring::Snapshots;
use super::take::TakeError;
use crate::plan::types::{Component, Kind};
use crate::text::{Redactor, Shape, untrusted};
use crate::vault::{Account, Deposit};

/// How long somebody waits for the end of a backup that is not kept.
const GIVING_UP: Duration = Duration::from_mins(1);

/// A component that was let in to, for what it keeps itself.
pub struct Deposits {
    snapshots: Snapshots,
    redactor: Redactor,
}

/// Why something is not known to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRemoved {
    /// Why, a sentence.
    pub why: String,
    /// Whether it is certain that nothing of it was deleted.
    pub is_whole: bool,
}

impl fmt::Display for NotRemoved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// What a system may still keep of a recovery point that no store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// What.
    pub deposit: Deposit,
    /// Why it is not known to be deleted.
    pub why: String,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "and its snapshot {} may be there still: {}", self.deposit, self.why)
    }
}

impl Left {
    /// Waits until something is deleted that nobody has a note of; tells where that may have failed.
    pub async fn after(
        deposit: &Deposit,
        deletion: impl Future<Output = Result<(), impl fmt::Display>>,
    ) -> Option<Left> {
        let why = match timeout(GIVING_UP, deletion).await {
            Ok(Ok(())) => return None,
            Ok(Err(why)) => why.to_string(),
            Err(_) => format!("its deletion took longer than {} s", GIVING_UP.as_secs()),
        };
        Some(Left { deposit: deposit.clone(), why })
    }

    /// What to do about it.
    pub fn next_step(&self) -> String {
        let line = |name: &str| untrusted(name, Shape::line(120));
        let Deposit { repository, name, .. } = &self.deposit;
        let path = format!("_snapshot/{}/{}", line(repository), line(name));
        format!("nothing here remembers that snapshot: `curl -X DELETE \"$ELASTICSEARCH/{path}\"` deletes it")
    }
}

impl Deposits {
    /// Gets in, as whoever takes recovery points of the component.
    pub async fn open(component: &Component, with: &Contact<'_>) -> Result<Deposits, TakeError> {
        let redactor = with.secrets.redactor().clone();
        let component = component.as_backup();
        let opened = match component.kind {
            Kind::Elasticsearch => Snapshots::open(&component, with).await,
            _ => Err(TakeError::refused(
                &component,
                "nothing of this kind keeps recovery points itself",
                "look whether the plan's component is still what the recovery point was taken of",
            )),
        };
        match opened {
            Ok(snapshots) => Ok(Deposits { snapshots, redactor }),
            Err(error) => Err(error.redacted(&redactor)),
        }
    }

    /// Whether it is there; an error where that is not known. The `identity` is that of the system it was taken of.
    pub async fn has(&self, deposit: &Deposit, identity: Option<&str>) -> Result<bool, TakeError> {
        self.snapshots.has(deposit, identity).await.map_err(|error| error.redacted(&self.redactor))
    }

    /// Whether one could restore from it, by what the system says of it now and what it told when it was taken.
    /// `is_deep` has it read of every part.
    pub async fn look(&self, deposit: &Deposit, told: &Account, is_deep: bool) -> Look {
        let redacted = |text: String| self.redactor.redact(&text).into_owned();
        match self.snapshots.look(deposit, told, is_deep).await {
            Look::Whole(told) => Look::Whole(redacted(told)),
            Look::Flawed(why) => Look::Flawed(redacted(why)),
            Look::NotLooked(why) => Look::NotLooked(redacted(why)),
        }
    }

    /// Deletes it for good. That nothing needs it any more is for the caller to know.
    pub async fn remove(&self, deposit: &Deposit) -> Result<(), NotRemoved> {
        let removed = self.snapshots.remove(deposit).await;
        removed.map_err(|not| NotRemoved { why: self.redactor.redact(&not.why).into_owned(), ..not })
    }
}
