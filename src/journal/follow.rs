//! Live following: told by the kernel where it can, and looking from time to time where it cannot.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};

use super::read::Reader;
use super::{Event, JournalError};

/// Other hosts' writes to a network disk are not told; nothing waits longer than this.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Without inotify looking is all there is.
const LOOK_EVERY_ALONE: Duration = Duration::from_millis(100);

/// Hands over events as they are written.
pub struct Follower {
    reader: Reader,
    inotify: Option<OwnedFd>,
}

impl Follower {
    /// Goes on where the reader stands.
    pub fn new(reader: Reader) -> Follower {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok();
        Follower { reader, inotify }
    }

    /// As [`Follower::new`], never asking the kernel to tell: what a disk without inotify gets.
    pub fn polling(reader: Reader) -> Follower {
        Follower { reader, inotify: None }
    }

    /// How far it has come, and what it found damaged.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Hands over what is new, waiting for it at most `patience`; how many events there were.
    pub fn next(&mut self, patience: Duration, mut apply: impl FnMut(&Event<'_>)) -> Result<u64, JournalError> {
        let start = Instant::now();
        loop {
            // Watching begins before reading, so that nothing is written unseen between the two.
            let watched = self.watch();
            let count = self.reader.each(&mut apply)?;
            let left = patience.saturating_sub(start.elapsed());
            if count > 0 || left.is_zero() {
                return Ok(count);
            }
            if self.reader.chains().count() == watched {
                self.wait(left);
            }
        }
    }

    /// How many chains are watched now.
    fn watch(&self) -> usize {
        let Some(inotify) = &self.inotify else { return self.reader.chains().count() };
        let flags = WatchFlags::CREATE | WatchFlags::MODIFY | WatchFlags::MOVED_TO;
        let watch = |path: &Path| inotify::add_watch(inotify, path, flags);
        // Watching a directory again changes nothing. One that cannot be watched is still looked at.
        let journal = self.reader.journal();
        let _ = watch(journal);
        let watched = self.reader.chains().map(|chain| watch(&journal.join(chain.as_str())));
        watched.count()
    }

    fn wait(&self, left: Duration) {
        let Some(inotify) = &self.inotify else {
            std::thread::sleep(left.min(LOOK_EVERY_ALONE));
            return;
        };
        let timeout = Timespec::try_from(left.min(LOOK_EVERY)).ok();
        let _ = poll(&mut [PollFd::new(inotify, PollFlags::IN)], timeout.as_ref());
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut told = inotify::Reader::new(inotify, &mut buffer);
        while told.next().is_ok() {}
    }
}
