//! Holding back the rewrites of an append-only file while it is copied: a rewrite replaces the files under the hands of
//! whoever copies them.

use std::time::Duration;

use tokio::runtime::Handle;

use super::server::Server;
use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::redis::info::Info;
use crate::systems::redis::session::{Questions, Session, is_forbidden};
use crate::systems::redis::trouble;
use crate::systems::take::TakeError;

const SETTING: &str = "auto-aof-rewrite-percentage";
/// Held back, the setting is this and what it was before. No file grows by so many per cent; and whoever finds it so,
/// from whatever host, knows that it is ours and what to set back. Another server's memory keeps no better note: it is
/// lost exactly when the setting is.
const HELD: u32 = 2_000_000_000;
/// What the setting can be at most.
const LARGEST: u32 = i32::MAX.unsigned_abs();
/// How often is asked whether a rewrite has ended.
const EVERY: Duration = Duration::from_millis(200);
/// A rewrite that takes longer is not waited for.
const LONGEST: Duration = Duration::from_mins(30);

/// Rewrites are held back for as long as this lives. Whoever comes after a process that was killed sets them back.
pub struct Held {
    back: Option<(Session, u32)>,
    /// Whether an earlier one was killed, and they were still held back.
    pub was_left: bool,
}

/// What the setting was before it was held back, where it is.
fn before(percentage: u32) -> Option<u32> {
    percentage.checked_sub(HELD)
}

/// What the setting is; nothing where the login may not ask.
async fn percentage(session: &mut Session) -> Option<u32> {
    let answers = session.ask(&Questions::new().ask(&["CONFIG", "GET", SETTING])).await;
    answers.ok()?.words(0).get(1)?.parse().ok()
}

/// What the setting has to be set back to, where it is still held back.
pub async fn left(component: &Component, with: &Contact<'_>) -> Result<Option<u32>, TakeError> {
    let mut session = Server::open(component, with).await?.session;
    Ok(percentage(&mut session).await.and_then(before))
}

/// The words that set it back.
pub fn setting_back(to: u32) -> String {
    format!("CONFIG SET {SETTING} {to}")
}

impl Held {
    /// Holds them back, where the login may; and tells what the setting was before.
    pub async fn hold(component: &Component, mut session: Session) -> Held {
        let found = percentage(&mut session).await;
        let left = found.and_then(before);
        let was_left = left.is_some();
        let wanted = left.or(found).filter(|percentage| *percentage > 0 && *percentage <= LARGEST - HELD);
        let Some(to) = wanted else { return Held { back: None, was_left } };
        let held = (HELD + to).to_string();
        let set = session.ask(&Questions::new().ask(&["CONFIG", "SET", SETTING, &held])).await;
        if !set.is_ok_and(|answers| answers.value(0).is_ok()) {
            return Held { back: None, was_left };
        }
        tracing::info!(
            component = component.name,
            "automatic rewrites are held back; should this be killed, the next backup sets them back, or: {}",
            setting_back(to)
        );
        Held { back: Some((session, to)), was_left }
    }

    /// Whether they are.
    pub fn is_held(&self) -> bool {
        self.back.is_some()
    }

    /// Lets them go on.
    pub async fn release(mut self) -> Result<(), String> {
        match self.back.take() {
            Some(held) => set_back(held).await,
            None => Ok(()),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let (Some(held), Ok(runtime)) = (self.back.take(), Handle::try_current()) {
            runtime.spawn(set_back(held));
        }
    }
}

async fn set_back((mut session, to): (Session, u32)) -> Result<(), String> {
    let set = session.ask(&Questions::new().ask(&["CONFIG", "SET", SETTING, &to.to_string()])).await;
    let is_set = set.is_ok_and(|answers| answers.value(0).is_ok());
    let why = || format!("automatic rewrites are still held back; set them back: {}", setting_back(to));
    if is_set {
        return Ok(());
    }
    // Told here too: whoever failed before has something else to tell.
    tracing::warn!("{}", why());
    Err(why())
}

/// Waits until no rewrite is under way.
pub async fn wait(component: &Component, session: &mut Session, with: &Contact<'_>) -> Result<(), TakeError> {
    let waiting = async {
        loop {
            if !is_under_way(component, session).await? {
                return Ok(());
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    tokio::select! {
        waited = tokio::time::timeout(LONGEST, waiting) => waited.unwrap_or_else(|_| {
            let why = "it has been rewriting its append-only file for half an hour";
            Err(TakeError::refused(component, why, "look at its log"))
        }),
        () = with.stop.cancelled() => Err(TakeError::CalledOff { component: component.name.clone() }),
    }
}

/// A server that does not say is not taken for one that rewrites nothing.
async fn is_under_way(component: &Component, session: &mut Session) -> Result<bool, TakeError> {
    let answers = session.ask(&Questions::new().ask(&["INFO", "persistence"])).await;
    let answers = answers.map_err(|error| trouble::asking(component, &error, session).into_error(component))?;
    let said = answers.text(0).map_err(|error| {
        if is_forbidden(error) {
            let why = "whether it is rewriting its append-only file cannot be known: the login may not ask INFO";
            return TakeError::refused(component, why, "give the login the right: ACL SETUSER NAME +info");
        }
        trouble::asking(component, error, session).into_error(component).into()
    })?;
    let info = Info::of(&said);
    Ok(info.is("aof_rewrite_in_progress", "1") || info.is("aof_rewrite_scheduled", "1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_was_before_is_in_what_it_is() {
        assert_eq!((before(HELD + 100), before(100), before(0)), (Some(100), None, None));
        assert_eq!(before(LARGEST), Some(147_483_647), "the largest that a server takes");
    }
}
