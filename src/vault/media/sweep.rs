//! What somebody who is gone was writing into a folder: removed by whoever writes there next.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::fs::{FlockOperation, OFlags, flock};

use crate::journal::host;
use crate::reach::s3::random::unheard_of;
use crate::vault::directory::TEMPORARY;

/// Its owner needs a moment to lock what it has just made.
const JUST_MADE: Duration = Duration::from_secs(5);
/// Not every mount shares locks between hosts: what another writes is left alone for as long as no write takes.
const OF_OTHERS: Duration = Duration::from_hours(24);
/// How deep recovery points lie below the folder of their component.
const DEEPEST: usize = 6;

/// A name for what is being written, which nobody else has. It tells whose it is.
pub fn temporary() -> io::Result<String> {
    Ok(format!("{}{}", ours(), unheard_of().map_err(io::Error::other)?))
}

/// How the names begin of what is written from this host.
fn ours() -> &'static str {
    static OURS: OnceLock<String> = OnceLock::new();
    OURS.get_or_init(|| format!("{TEMPORARY}{}-", host::chain()))
}

/// Sweeps one folder.
pub fn one(folder: &Path) {
    walk(folder, 0);
}

/// Sweeps a folder and those below.
pub fn below(folder: &Path) {
    walk(folder, DEEPEST);
}

fn walk(folder: &Path, deeper: usize) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_folder = || entry.file_type().is_ok_and(|kind| kind.is_dir());
        match name.to_str() {
            Some(name) if name.starts_with(TEMPORARY) => part(&entry.path(), name),
            _ if deeper > 0 && is_folder() => walk(&entry.path(), deeper - 1),
            _ => {}
        }
    }
}

fn part(path: &Path, name: &str) {
    let alone = if name.starts_with(ours()) { JUST_MADE } else { OF_OTHERS };
    // Whoever puts a pipe there does not hold us up.
    if !path.symlink_metadata().is_ok_and(|about| about.is_file()) {
        return;
    }
    // NFS gives the lock of a writer only for what is open for writing.
    let careful = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).unwrap_or(0);
    let open = |writes| OpenOptions::new().read(true).write(writes).custom_flags(careful).open(path);
    let opened = open(true).or_else(|_| open(false));
    if let Ok(file) = opened
        && is_older(&file, alone)
        && flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
    {
        let _ = fs::remove_file(path);
    }
}

fn is_older(file: &File, than: Duration) -> bool {
    let written = file.metadata().and_then(|about| about.modified());
    written.is_ok_and(|written| written.elapsed().is_ok_and(|age| age > than))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::super::folder::Folder;
    use super::*;

    fn left(path: &Path, age: Duration) -> File {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = File::create(path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        file
    }

    #[test]
    fn what_an_earlier_run_left_in_a_folder_of_its_own_is_found() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::at(root.path());
        let old = root.path().join("postgres/2024/10/daily/backup_1").join(temporary().unwrap());
        let monthly = root.path().join("postgres/monthly/2024-10-backup-full").join(temporary().unwrap());
        let of_another = root.path().join("redis/daily").join(temporary().unwrap());
        for path in [&old, &monthly, &of_another] {
            left(path, Duration::from_mins(1));
        }
        let whole = old.with_file_name("backup_1.dump");
        left(&whole, Duration::from_hours(1));
        folder.put_new("postgres/2024/11/daily/backup_2/backup_2.dump", b"x").unwrap();
        assert!(!old.exists() && !monthly.exists() && whole.exists());
        assert!(of_another.exists(), "whoever writes there next removes it");
        folder.put_new("redis/daily/snapshot_2.rdb", b"x").unwrap();
        assert!(!of_another.exists());
    }

    #[test]
    fn what_is_being_written_stays_and_what_another_host_writes_for_a_day() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let (minute, long) = (Duration::from_mins(1), Duration::from_hours(25));
        let locked = at(&temporary().unwrap());
        let writer = left(&locked, long);
        flock(&writer, FlockOperation::NonBlockingLockExclusive).unwrap();
        let names = [".lifeboat-part-other-1-aa", ".lifeboat-part-0badc0de"].map(at);
        for path in &names {
            left(path, minute);
        }
        let (gone, just_made) = (at(".lifeboat-part-other-1-bb"), at(&temporary().unwrap()));
        left(&gone, long);
        left(&just_made, Duration::ZERO);
        one(root.path());
        assert!(locked.exists() && just_made.exists() && names.iter().all(|path| path.exists()));
        assert!(!gone.exists());
        drop(writer);
        one(root.path());
        assert!(!locked.exists());
    }
}
