//! What is known here of uploads under way: whoever comes after a process that was killed goes on with them, or gives
//! them up. Only those that were begun with this state folder: those of others are theirs.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::reach::s3::{Bucket, Spool, Ticket, Upload};
use crate::text::{Span, hex};

/// What nobody has gone on with for so long is given up.
pub const GIVEN_UP_AFTER: Span = Span::from_days(7);

/// No ticket is nearly as long.
const LONGEST: u64 = 64 * 1024;

/// The tickets of a state folder.
#[derive(Clone, Debug)]
pub struct Tickets {
    folder: PathBuf,
}

/// The ticket of an upload, held by one at a time: it is locked as long as this lives.
#[derive(Debug)]
pub struct Slip {
    file: File,
    path: PathBuf,
}

/// What is kept of an upload.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Where the bucket is, and what its keys begin with.
    place: String,
    begun: DateTime<Utc>,
    ticket: Ticket,
}

impl Tickets {
    /// Those of this state folder.
    pub fn in_state(state: &Path) -> Tickets {
        Tickets { folder: state.join("uploads") }
    }

    /// The ticket of an object, if there is one and nobody else is at it.
    pub(super) fn find(&self, bucket: &Bucket, key: &str) -> Option<Slip> {
        Slip::lock(self.path(bucket, key), false).ok()
    }

    /// A ticket for an object. What cannot be kept is no reason not to write.
    pub(super) fn make(&self, bucket: &Bucket, key: &str) -> Option<Slip> {
        fs::create_dir_all(&self.folder).ok()?;
        Slip::lock(self.path(bucket, key), true).ok()
    }

    /// A file without a name beside the tickets, for so many bytes of what is under way.
    pub(super) fn spool(&self, size: u64) -> io::Result<Spool> {
        fs::create_dir_all(&self.folder)?;
        Spool::make(&self.folder, size)
    }

    fn path(&self, bucket: &Bucket, key: &str) -> PathBuf {
        let digest = Sha256::digest(format!("{} {key}", bucket.address()));
        self.folder.join(format!("{}.json", hex(&digest)))
    }

    /// Gives up what was begun in this bucket, and that nobody has gone on with for long; tells how many those are.
    pub(super) async fn sweep(&self, bucket: &Bucket, now: DateTime<Utc>) -> usize {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let slips = entries.filter_map(|entry| Slip::lock(entry.path(), false).ok());
        let mut given_up = 0;
        for mut slip in slips {
            if slip.is_empty() {
                slip.end();
                continue;
            }
            let Some(kept) = slip.read().filter(|kept| kept.place == bucket.address()) else { continue };
            let is_old = now - kept.begun > TimeDelta::from_std(GIVEN_UP_AFTER.approx()).unwrap_or(TimeDelta::MAX);
            if is_old && Upload::resume(bucket, kept.ticket).abandon().await.is_ok() {
                slip.end();
                given_up += 1;
            }
        }
        given_up
    }
}

impl Slip {
    fn lock(path: PathBuf, makes: bool) -> io::Result<Slip> {
        let file = OpenOptions::new().read(true).write(true).create(makes).truncate(false).mode(0o660).open(&path)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        // Whoever had it may have ended it between.
        if fs::metadata(&path)?.ino() != file.metadata()?.ino() {
            return Err(io::Error::other("it has just ended"));
        }
        Ok(Slip { file, path })
    }

    /// Whether nothing was begun with it.
    fn is_empty(&self) -> bool {
        self.file.metadata().is_ok_and(|about| about.len() == 0)
    }

    fn read(&mut self) -> Option<Kept> {
        let mut text = Vec::new();
        self.file.rewind().ok()?;
        (&self.file).take(LONGEST).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// The upload that was begun with it.
    pub fn ticket(&mut self, bucket: &Bucket) -> Option<Ticket> {
        self.read().filter(|kept| kept.place == bucket.address()).map(|kept| kept.ticket)
    }

    /// Keeps what is needed to go on with an upload.
    pub fn keep(&mut self, bucket: &Bucket, ticket: &Ticket, begun: DateTime<Utc>) -> io::Result<()> {
        let kept = Kept { place: bucket.address(), begun, ticket: ticket.clone() };
        self.file.rewind()?;
        self.file.set_len(0)?;
        self.file.write_all(&serde_json::to_vec(&kept)?)?;
        self.file.sync_all()
    }

    /// There is nothing to go on with any more.
    pub fn end(self) {
        let _ = fs::remove_file(&self.path);
    }
}
