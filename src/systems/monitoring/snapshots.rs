//! Snapshots that Elasticsearch keeps for us in its own repository: looked at and deleted by the name that we gave them.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use super::take::search::Search;
use crate::plan::types::Component;
use crate::systems::artefact::Look;
use crate::systems::contact::Contact;
use crate::systems::deposit::NotRemoved;
use crate::systems::http::Page;
use crate::systems::take::TakeError;
use crate::systems::trouble::ContactError;
use crate::text::{Shape, untrusted};
use crate::vault::{Account, Deposit};

/// How its name begins, and nobody else's.
pub const OURS: &str = "lifeboat-";
/// How long it may take to say what it has.
const ASKING: Duration = Duration::from_secs(30);
/// How long a deletion may take, or a look into the files of every shard.
const WORKING: Duration = Duration::from_mins(10);
/// A deletion that overtakes the end of a snapshot does not find it, though it is there.
const TRIES: usize = 2;

const NO_SNAPSHOT: &str = "snapshot_missing_exception";
const NO_REPOSITORY: &str = "repository_missing_exception";

/// A cluster that was let in to.
pub struct Snapshots(Search);

/// What a repository says of a snapshot.
enum Found {
    There(Value),
    /// It is not there, or nobody can read it.
    Gone(String),
}

impl Snapshots {
    /// Gets in.
    pub async fn open(component: &Component, with: &Contact<'_>) -> Result<Snapshots, TakeError> {
        Search::open(component, with).await.map(Snapshots)
    }

    /// The same where that was done already.
    pub fn of(search: &Search) -> Snapshots {
        Snapshots(search.clone())
    }

    /// Whether it is there, in the cluster that it was taken of.
    pub async fn has(&self, deposit: &Deposit, cluster: Option<&str>) -> Result<bool, TakeError> {
        Ok(matches!(self.find_in(deposit, cluster).await?, Found::There(_)))
    }

    /// Whether it is what it was when it was taken.
    pub async fn look(&self, deposit: &Deposit, told: &Account, is_deep: bool) -> Look {
        let found = match self.find_in(deposit, told.identity.as_deref()).await {
            Ok(Found::There(snapshot)) => judged(&snapshot, deposit, told),
            Ok(Found::Gone(why)) => Look::Flawed(why),
            Err(error) => Look::NotLooked(error.to_string()),
        };
        let looked = match found {
            Look::Whole(_) if is_deep => self.shards(deposit).await.unwrap_or(found),
            found => found,
        };
        shortened(looked)
    }

    /// Deletes it, and looks whether it is gone.
    pub async fn remove(&self, deposit: &Deposit) -> Result<(), NotRemoved> {
        let not = |why: &dyn ToString, is_whole| NotRemoved { why: why.to_string(), is_whole };
        let path = path(deposit).map_err(|why| not(&why, true))?;
        for _ in 0..TRIES {
            let page = self.0.answer((Method::DELETE, &path), None, WORKING).await.map_err(|why| not(&why, false))?;
            let is_missing = is_missing(&page);
            if !page.status.is_success() && !is_missing {
                // What stands between us and it says nothing of what it did.
                let is_whole = page.status.is_client_error() || !causes(&page).is_empty();
                let fault = self.0.fault(&page);
                return Err(match page.status.as_u16() {
                    403 => not(&format!("{fault}; to delete takes the cluster privilege `manage`"), true),
                    _ => not(&fault, is_whole),
                });
            }
            match self.find(deposit).await {
                Ok(Found::Gone(_)) => return Ok(()),
                Ok(Found::There(_)) if is_missing => {}
                Ok(Found::There(_)) => return Err(not(&"it says that it is deleted, and lists it still", false)),
                Err(error) => return Err(not(&format!("whether it is gone by now is not known: {error}"), false)),
            }
        }
        Err(not(&"it is not found when it is to be deleted, and listed all the same", true))
    }

    /// What the repository says. That a cluster does not have what another one made says nothing about it.
    async fn find_in(&self, deposit: &Deposit, cluster: Option<&str>) -> Result<Found, TakeError> {
        let found = self.find(deposit).await?;
        match (&found, cluster, self.0.cluster()) {
            (Found::Gone(_), Some(then), Some(now)) if then != now => Err(TakeError::refused(
                &self.0.component,
                format!("it is another cluster than it was taken of, and does not know the snapshot {deposit}"),
                "register the repository there, or give the component the address of the cluster that it was taken of",
            )),
            _ => Ok(found),
        }
    }

    async fn find(&self, deposit: &Deposit) -> Result<Found, TakeError> {
        let component = &self.0.component;
        let path = path(deposit).map_err(|why| TakeError::refused(component, why, "look at its manifest"))?;
        let page = self.0.answer((Method::GET, &path), None, ASKING).await?;
        if page.status.is_success() {
            return self.listed(&page, deposit);
        }
        let causes = causes(&page);
        if is_missing(&page) {
            return Ok(Found::Gone(format!("its snapshot {deposit} is gone")));
        }
        // It is listed, and the file that describes it is not there.
        if page.status.is_server_error() && causes.iter().any(|cause| cause == NO_SNAPSHOT) {
            return Ok(Found::Gone(format!("its snapshot {deposit} cannot be read: {}", page.says())));
        }
        if causes.first().is_some_and(|cause| cause == NO_REPOSITORY) {
            let why = format!("it knows no such repository as of the snapshot {deposit}");
            return Err(TakeError::refused(component, why, "register the repository again"));
        }
        Err(self.0.fault(&page))
    }

    fn listed(&self, page: &Page, deposit: &Deposit) -> Result<Found, TakeError> {
        let strange = |why: String| TakeError::from(ContactError::strange(&self.0.component, why));
        let answer: Value = page.json().map_err(strange)?;
        let snapshots = answer.get("snapshots").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let text = |snapshot: &Value, name: &str| snapshot.get(name).and_then(Value::as_str).map(str::to_owned);
        let named = snapshots.iter().find(|snapshot| text(snapshot, "snapshot").as_ref() == Some(&deposit.name));
        let Some(snapshot) = named else {
            return Err(strange("its answer does not tell of the snapshot that it was asked for".to_owned()));
        };
        match (text(snapshot, "uuid"), &deposit.id) {
            (Some(there), Some(ours)) if there != *ours => {
                Ok(Found::Gone(format!("its snapshot {deposit} is gone: another one has its name")))
            }
            _ => Ok(Found::There(snapshot.clone())),
        }
    }

    /// What the files of its shards say; nothing where they are as they should be.
    async fn shards(&self, deposit: &Deposit) -> Option<Look> {
        let [first, repository, name] = path(deposit).ok()?;
        let page = match self.0.answer((Method::GET, &[first, repository, name, "_status"]), None, WORKING).await {
            Ok(page) => page,
            Err(error) => return Some(Look::NotLooked(error.to_string())),
        };
        if !page.status.is_success() {
            let is_missing = causes(&page).iter().any(|cause| cause == NO_SNAPSHOT);
            let flawed = || Look::Flawed(format!("files of its snapshot {deposit} are missing: {}", page.says()));
            return Some(if is_missing { flawed() } else { Look::NotLooked(self.0.fault(&page).to_string()) });
        }
        let answer = page.json::<Value>().unwrap_or_default();
        let count = |name: &str| answer.pointer(&format!("/snapshots/0/shards_stats/{name}")).and_then(Value::as_u64);
        match (count("done"), count("failed"), count("total")) {
            (Some(done), Some(0), Some(total)) if done == total => None,
            (Some(done), Some(_), Some(total)) => {
                Some(Look::Flawed(format!("of its snapshot {deposit} {done} of {total} shards are whole")))
            }
            _ => Some(Look::NotLooked(format!("nothing is told of the shards of its snapshot {deposit}"))),
        }
    }
}

/// What a snapshot comes to that is there.
fn judged(snapshot: &Value, deposit: &Deposit, told: &Account) -> Look {
    let failed = snapshot.pointer("/shards/failed").and_then(Value::as_u64);
    match snapshot.get("state").and_then(Value::as_str) {
        Some("SUCCESS") => {}
        Some(state @ ("IN_PROGRESS" | "STARTED")) => {
            return Look::NotLooked(format!("its snapshot {deposit} is {state}"));
        }
        Some(state) => return Look::Flawed(format!("its snapshot {deposit} is {state}: {}", reason(snapshot))),
        None => return Look::NotLooked(format!("nothing is told of the state of its snapshot {deposit}")),
    }
    let indexes = snapshot.get("indices").and_then(Value::as_array).map(|indexes| indexes.len() as u64);
    let shards = snapshot.pointer("/shards/successful").and_then(Value::as_u64);
    let (Some(indexes), Some(shards), Some(failed)) = (indexes, shards, failed) else {
        return Look::NotLooked(format!("nothing is told of the indexes and shards of its snapshot {deposit}"));
    };
    if failed > 0 {
        return Look::Flawed(format!("of its snapshot {deposit} {failed} shards failed: {}", reason(snapshot)));
    }
    let then = |name: &str, now: u64| told.counts.get(name).copied().unwrap_or(now);
    let (indexes_then, shards_then) = (then("indexes", indexes), then("shards", shards));
    if (indexes, shards) != (indexes_then, shards_then) {
        let (now, then) = (parts(indexes, shards), parts(indexes_then, shards_then));
        return Look::Flawed(format!("its snapshot {deposit} has {now}, and had {then}"));
    }
    Look::Whole(format!("its snapshot {deposit} is there, with {}", parts(indexes, shards)))
}

fn parts(indexes: u64, shards: u64) -> String {
    let (more_indexes, more_shards) = (if indexes == 1 { "" } else { "es" }, if shards == 1 { "" } else { "s" });
    format!("{indexes} index{more_indexes} and {shards} shard{more_shards}")
}

/// Why a snapshot is not whole, in its own words.
pub fn reason(snapshot: &Value) -> &str {
    let reason = snapshot.pointer("/failures/0/reason").or_else(|| snapshot.get("reason"));
    reason.and_then(Value::as_str).unwrap_or("no reason is given")
}

/// Its path, where that leads to exactly one snapshot, and to one of a name that we give.
pub fn path(deposit: &Deposit) -> Result<[&str; 3], String> {
    let Deposit { repository, name, .. } = deposit;
    // Steps that are not taken, and characters that are left out of an address, would lead elsewhere.
    let is_many = matches!(repository.as_str(), "" | "." | ".." | "_all") || repository.contains(['*', ',']);
    if is_many || repository.contains(char::is_control) {
        return Err(format!("{} is no name of one repository", untrusted(repository, Shape::line(120))));
    }
    let is_of_name = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase() || byte == b'-';
    match name.strip_prefix(OURS) {
        Some(rest) if !rest.is_empty() && rest.bytes().all(is_of_name) => Ok(["_snapshot", repository, name]),
        _ => Err(format!("{} is no name that we give a snapshot", untrusted(name, Shape::line(120)))),
    }
}

/// Whether Elasticsearch itself says that it has no such snapshot: not every page that is not found comes from it.
fn is_missing(page: &Page) -> bool {
    page.status.as_u16() == 404 && causes(page).first().is_some_and(|cause| cause == NO_SNAPSHOT)
}

/// What Elasticsearch calls what went wrong, the outermost first; empty where somebody else answered.
pub fn causes(page: &Page) -> Vec<String> {
    let answer = page.json::<Value>().unwrap_or_default();
    let mut causes = Vec::new();
    let mut fault = answer.get("error");
    while let Some(inner) = fault {
        causes.extend(inner.get("type").and_then(Value::as_str).map(str::to_owned));
        fault = inner.get("caused_by");
    }
    causes
}

fn shortened(look: Look) -> Look {
    let line = |text: String| untrusted(text, Shape::line(400));
    match look {
        Look::Whole(told) => Look::Whole(line(told)),
        Look::Flawed(why) => Look::Flawed(line(why)),
        Look::NotLooked(why) => Look::NotLooked(line(why)),
    }
}
