//! What is under way, looked at once a second on a thread of its own: a disk that hangs must not hold up the screen.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::protect::operation::{Looker, Seen};

/// How often it is looked.
const BEAT: Duration = Duration::from_secs(1);

/// Follows what is under way in a state folder until nobody listens any more; nothing ever where there is none.
pub fn follow(state: Option<PathBuf>) -> watch::Receiver<Arc<[Seen]>> {
    let (sender, receiver) = watch::channel(Arc::from([]));
    let Some(state) = state else { return receiver };
    let work = move || {
        let mut looker = Looker::at(&state);
        while !sender.is_closed() {
            if let Some(seen) = looker.look() {
                sender.send_replace(seen.into());
            }
            std::thread::sleep(BEAT);
        }
    };
    // Without a thread the screen goes without.
    drop(std::thread::Builder::new().name("operations".to_owned()).spawn(work));
    receiver
}
