//! Whom to ask for a snapshot: a replica that is up to date, where there is one, else the server itself.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;

use super::standing::Standing;
use crate::plan::types::{Component, Kind};
use crate::systems::contact::{Contact, time_for};
use crate::systems::probe::Subject;
use crate::systems::redis::login::Address;
use crate::systems::redis::session::{Questions, Session};
use crate::systems::take::TakeError;
use crate::systems::trouble::ContactError;

/// A replica further behind than this is not up to date.
const BEHIND: u64 = 1024 * 1024;

/// A server that was asked who it is.
pub struct Server<'a> {
    /// It in the plan.
    pub component: &'a Component,
    /// The connection to it.
    pub session: Session,
    /// What it said.
    pub standing: Standing,
    /// Its clock.
    pub clock: TheirClock,
}

/// How far a clock is ahead of ours.
#[derive(Clone, Copy, Debug)]
pub struct TheirClock(TimeDelta);

impl TheirClock {
    /// An instant of it, by our clock.
    pub fn ours(self, seconds: i64) -> Option<DateTime<Utc>> {
        Some(DateTime::from_timestamp(seconds, 0)? - self.0)
    }
}

impl<'a> Server<'a> {
    /// Gets in, and asks.
    pub async fn open(component: &'a Component, with: &Contact<'_>) -> Result<Server<'a>, TakeError> {
        let opening = async {
            let address = Address::of(component)?;
            let opened = address.open(component, with).await;
            let mut session = opened.map_err(|failure| failure.into_error(component))?;
            let standing = Standing::ask(component, &mut session).await?;
            let asked = session.ask(&Questions::new().ask(&["TIME"])).await.ok();
            let theirs = asked.and_then(|answers| answers.time(0));
            let ahead = theirs.map_or(TimeDelta::zero(), |theirs| theirs - with.clock.now());
            Ok(Server { component, session, standing, clock: TheirClock(ahead) })
        };
        let within = time_for(component);
        let late = |_| Err(ContactError::silent(component, within.into()).into());
        tokio::time::timeout(within, opening).await.unwrap_or_else(late)
    }

    /// Whether it holds what `primary` holds, or nearly.
    fn replicates(&self, primary: &Server<'_>) -> bool {
        let (own, its) = (&self.standing, &primary.standing);
        own.follows_well
            && own.history.is_some()
            && own.history == its.history
            && its.offset.saturating_sub(own.offset) <= BEHIND
    }
}

/// The replicas of a server that can be asked in its place, those first that the plan names as such.
pub async fn replicas<'a>(subject: Subject<'a>, primary: &Server<'_>, with: &Contact<'_>) -> Vec<Server<'a>> {
    let Subject { component, plan } = subject;
    // What follows another itself was chosen with intent.
    if primary.standing.is_replica {
        return Vec::new();
    }
    let is_named =
        |other: &Component| component.redis.as_ref().is_some_and(|settings| settings.replicas.contains(&other.name));
    let is_other = |other: &&Component| {
        let is_sentinel = other.redis.as_ref().is_some_and(|settings| settings.sentinel == Some(true));
        other.kind == Kind::Redis && other.name != component.name && !is_sentinel
    };
    let mut others: Vec<&Component> = plan.component.iter().filter(is_other).collect();
    others.sort_by_key(|other| !is_named(other));
    let opened = join_all(others.into_iter().map(|other| Server::open(other, with))).await;
    opened.into_iter().flatten().filter(|server| server.replicates(primary)).collect()
}
