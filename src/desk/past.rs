//! Reading the journal for the desk, on a thread of its own: a disk that hangs must not hold up the screen.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::entry::{Entry, Recent};
use crate::journal::{Folded, Follower, JournalError, Place};
use crate::text::{Shape, untrusted};

/// How long one look at the journal waits for news; it is then also seen whether anybody still wants them.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is known of the journal.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    pub(super) events: u64,
    pub(super) newest: Arc<[Entry]>,
    pub(super) trouble: Option<String>,
}

/// Follows the journal of a state folder until nobody listens any more.
pub(super) fn follow(state: PathBuf) -> watch::Receiver<Past> {
    let (sender, receiver) = watch::channel(Past::default());
    let work = move || {
        while !sender.is_closed() {
            let told = read(&state, &sender);
            if let Err(error) = told {
                let trouble = Some(untrusted(error, Shape::line(300)));
                sender.send_modify(|past| past.trouble = trouble);
            }
            std::thread::sleep(PATIENCE);
        }
    };
    // Without a thread the screen goes without the past.
    drop(std::thread::Builder::new().name("journal".to_owned()).spawn(work));
    receiver
}

/// Hands on what is there and what comes, until nobody listens, something is withdrawn or reading fails.
fn read(state: &std::path::Path, sender: &watch::Sender<Past>) -> Result<(), String> {
    let place = Place::of(state).map_err(|error| error.to_string())?;
    if !place.exists {
        sender.send_if_modified(|past| past.trouble.take().is_some());
        return Ok(());
    }
    let said = |error: JournalError| error.to_string();
    let Folded { mut value, reader, .. } = Folded::<Recent>::open(&place.path).map_err(said)?;
    let mut follower = Follower::new(reader);
    let withdrawn = follower.reader().withdrawn();
    tell(sender, &value, &follower);
    while !sender.is_closed() && follower.reader().withdrawn() == withdrawn {
        let before = follower.reader().damage().count();
        let count = follower.next(PATIENCE, |event| crate::journal::Fold::apply(&mut value, event)).map_err(said)?;
        if count > 0 || follower.reader().damage().count() != before {
            tell(sender, &value, &follower);
        }
    }
    Ok(())
}

fn tell(sender: &watch::Sender<Past>, recent: &Recent, follower: &Follower) {
    let damaged = follower.reader().damage().next();
    let trouble = damaged.map(|damage| untrusted(damage.to_string(), Shape::line(300)));
    sender.send_replace(Past { events: recent.events, newest: recent.kept().into(), trouble });
}
