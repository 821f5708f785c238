//! Holding back the rewrites of an append-only file while it is copied: a rewrite replaces the files under the hands of
//! whoever copies them.

use std::time::Duration;

use tokio::runtime::Handle;

use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::redis::info::Info;
use crate::systems::redis::session::{Questions, Session};
use crate::systems::take::TakeError;

const SETTING: &str = "auto-aof-rewrite-percentage";
/// How often is asked whether a rewrite has ended.
const EVERY: Duration = Duration::from_millis(200);
/// A rewrite that takes longer is not waited for.
const LONGEST: Duration = Duration::from_mins(30);

/// Rewrites are held back for as long as this lives. Only a process that is killed leaves the setting as it is now.
pub struct Held(Option<(Session, String)>);

impl Held {
    /// Holds them back, where the login may; and tells what the setting was before.
    pub async fn hold(component: &Component, mut session: Session) -> Held {
        let before = session.ask(&Questions::new().ask(&["CONFIG", "GET", SETTING])).await;
        let before = before.ok().and_then(|answers| answers.words(0).get(1).cloned());
        let Some(before) = before.filter(|percentage| percentage != "0") else { return Held(None) };
        let set = session.ask(&Questions::new().ask(&["CONFIG", "SET", SETTING, "0"])).await;
        if !set.is_ok_and(|answers| answers.value(0).is_ok()) {
            return Held(None);
        }
        tracing::info!(
            component = component.name,
            "automatic rewrites are held back; should this be killed, set them back: CONFIG SET {SETTING} {before}"
        );
        Held(Some((session, before)))
    }

    /// Whether they are.
    pub fn is_held(&self) -> bool {
        self.0.is_some()
    }

    /// Lets them go on.
    pub async fn release(mut self) -> Result<(), String> {
        match self.0.take() {
            Some(held) => set_back(held).await,
            None => Ok(()),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let (Some(held), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(set_back(held));
        }
    }
}

async fn set_back((mut session, before): (Session, String)) -> Result<(), String> {
    let set = session.ask(&Questions::new().ask(&["CONFIG", "SET", SETTING, &before])).await;
    let is_set = set.is_ok_and(|answers| answers.value(0).is_ok());
    let why = || format!("automatic rewrites are still held back; set them back: CONFIG SET {SETTING} {before}");
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
            let answers = session.ask(&Questions::new().ask(&["INFO", "persistence"])).await;
            let said = answers.ok().and_then(|answers| answers.text(0).ok()).unwrap_or_default();
            let info = Info::of(&said);
            let is = |name: &str| info.is(name, "1");
            if !is("aof_rewrite_in_progress") && !is("aof_rewrite_scheduled") {
                return;
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    tokio::select! {
        waited = tokio::time::timeout(LONGEST, waiting) => waited.map_err(|_| {
            TakeError::refused(component, "it has been rewriting its append-only file for half an hour", "look at its log")
        }),
        () = with.stop.cancelled() => Err(TakeError::CalledOff { component: component.name.clone() }),
    }
}
