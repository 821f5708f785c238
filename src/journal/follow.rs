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
    /// Where what is read goes to, if its end is to be noticed.
    outlet: Option<OwnedFd>,
    outlet_gone: bool,
}

impl Follower {
    /// Goes on where the reader stands.
    pub fn new(reader: Reader) -> Follower {
        let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok();
        Follower { reader, inotify, outlet: None, outlet_gone: false }
    }

    /// As [`Follower::new`], never asking the kernel to tell: what a disk without inotify gets.
    pub fn polling(reader: Reader) -> Follower {
        Follower { reader, inotify: None, outlet: None, outlet_gone: false }
    }

    /// Waits no longer once nobody is left behind this pipe or terminal.
    #[must_use]
    pub fn into_outlet(self, outlet: OwnedFd) -> Follower {
        Follower { outlet: Some(outlet), ..self }
    }

    /// Whether whoever read the outlet is gone.
    pub fn outlet_is_gone(&self) -> bool {
        self.outlet_gone
    }

    /// How far it has come, and what it found damaged.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Hands over what is new, waiting for it at most `patience`; how many events there were. Something that
    /// is found damaged, or withdrawn, ends the waiting too.
    pub fn next(&mut self, patience: Duration, mut apply: impl FnMut(&Event<'_>)) -> Result<u64, JournalError> {
        let start = Instant::now();
        let found = self.findings();
        loop {
            // Watching begins before reading, so that nothing is written unseen between the two.
            let watched = self.watch();
            let count = self.reader.each(&mut apply)?;
            let left = patience.saturating_sub(start.elapsed());
            if count > 0 || left.is_zero() || self.outlet_gone || self.findings() != found {
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
        let flags = WatchFlags::CREATE | WatchFlags::MODIFY | WatchFlags::MOVED_TO | WatchFlags::DELETE;
        let watch = |path: &Path| inotify::add_watch(inotify, path, flags);
        // Watching a directory again changes nothing. One that cannot be watched is still looked at.
        let journal = self.reader.journal();
        let _ = watch(journal);
        let watched = self.reader.chains().map(|chain| watch(&journal.join(chain.as_str())));
        watched.count()
    }

    fn findings(&self) -> (usize, u64) {
        (self.reader.damage().count(), self.reader.withdrawn())
    }

    fn wait(&mut self, left: Duration) {
        let look_every = if self.inotify.is_some() { LOOK_EVERY } else { LOOK_EVERY_ALONE };
        let timeout = Timespec::try_from(left.min(look_every)).ok();
        // A hang-up is told without being asked for.
        let outlet = self.outlet.iter().map(|outlet| PollFd::new(outlet, PollFlags::empty()));
        let told = self.inotify.iter().map(|inotify| PollFd::new(inotify, PollFlags::IN));
        let mut watched: Vec<PollFd<'_>> = outlet.chain(told).collect();
        let _ = poll(&mut watched, timeout.as_ref());
        let gone = watched.iter().any(|fd| fd.revents().intersects(PollFlags::ERR | PollFlags::HUP));
        drop(watched);
        self.outlet_gone |= gone;
        let Some(inotify) = &self.inotify else { return };
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut told = inotify::Reader::new(inotify, &mut buffer);
        while told.next().is_ok() {}
    }
}
