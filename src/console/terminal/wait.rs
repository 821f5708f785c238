//! Waiting for whatever comes first: a key, a signal, news, room for more of the picture, or the time.

use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::signals::Signals;
use super::tty::Tty;

/// What came first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Woken {
    /// Keys can be read.
    pub keys: bool,
    /// The terminal hung up.
    pub gone: bool,
}

/// Waits so long at most; `wants_room` if there is more to be written.
pub fn wait(tty: &Tty, signals: &Signals, wants_room: bool, most: Duration) -> Woken {
    let interest = if wants_room { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
    let mut descriptors = [PollFd::new(tty, interest), PollFd::new(signals, PollFlags::IN)];
    let most = Timespec { tv_sec: most.as_secs().try_into().unwrap_or(i64::MAX), tv_nsec: most.subsec_nanos().into() };
    match poll(&mut descriptors, Some(&most)) {
        Ok(_) => {
            let found = descriptors[0].revents();
            let gone = found.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL);
            Woken { keys: found.contains(PollFlags::IN), gone }
        }
        Err(Errno::INTR | Errno::AGAIN) => Woken::default(),
        // Waiting is impossible: then there is no way to be a console.
        Err(_) => Woken { keys: false, gone: true },
    }
}
