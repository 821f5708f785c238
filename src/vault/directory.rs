//! A store that is a folder of this machine, as it lies there.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use rustix::io::Errno;

/// A file of a store.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Holding {
    /// Its name below the store, with its folders.
    pub key: String,
    /// How many bytes it has there.
    pub size: u64,
    /// When it was written there.
    pub written: DateTime<Utc>,
}

/// How deep folders are followed: deeper than any recovery point lies.
const DEEPEST: usize = 8;
/// More than this is no store of recovery points.
const MOST: usize = 2_000_000;

/// Every disk of its own has this folder, which is for root alone.
const FOUND_BY_FSCK: &str = "lost+found";

/// A file's time. One that no calendar has is as good as none.
fn moment(time: SystemTime) -> DateTime<Utc> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).ok().filter(|seconds| *seconds < END_OF_CALENDARS);
    let moment = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, since.subsec_nanos()));
    moment.unwrap_or(DateTime::UNIX_EPOCH)
}

/// The year 10,000.
const END_OF_CALENDARS: i64 = 253_402_300_800;

/// How the names begin of what is still being written.
pub(super) const TEMPORARY: &str = ".lifeboat-part-";

/// What Lifeboat keeps in a store beside recovery points: whose turn it is, and how runs of jobs ended.
pub use crate::journal::claim::OURS;

/// Whether nothing lies there: somebody throws away what is old while we look, or a link leads nowhere.
fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

/// Every file below a folder, in no order, but those that Lifeboat keeps beside. Links are not followed, and what is no
/// text is no name of ours.
pub fn list(store: &Path) -> io::Result<Vec<Holding>> {
    let mut found = Vec::new();
    each(store, |holding| found.push(holding))?;
    Ok(found)
}

/// The same, each as soon as it is found.
pub(super) fn each(store: &Path, mut tell: impl FnMut(Holding)) -> io::Result<()> {
    let mut count = 0;
    let mut folders = vec![(store.to_owned(), String::new(), 0)];
    while let Some((folder, above, depth)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if depth > 0 && is_gone(&error) => continue,
            Err(error) if depth > 0 => return Err(io::Error::new(error.kind(), format!("{above}: {error}"))),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with(TEMPORARY) || (depth == 0 && (name == OURS || name == FOUND_BY_FSCK)) {
                continue;
            }
            let key = if above.is_empty() { name } else { format!("{above}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() && depth < DEEPEST {
                folders.push((entry.path(), key, depth + 1));
                continue;
            }
            // What is listed is read, and copied elsewhere: a link could lead to whatever this user may read.
            if kind.is_symlink() {
                continue;
            }
            let about = match entry.metadata() {
                Err(error) if is_gone(&error) => continue,
                // A file that cannot be asked for is not one that is missing: recovery points would look half removed.
                about => about.map_err(|error| io::Error::new(error.kind(), format!("{key}: {error}")))?,
            };
            if about.is_file() {
                let written = about.modified().map_or(DateTime::UNIX_EPOCH, moment);
                count += 1;
                tell(Holding { key, size: about.len(), written });
            }
            if count > MOST {
                return Err(io::Error::other(format!("more than {MOST} files lie there: it is no store")));
            }
        }
    }
    Ok(())
}
