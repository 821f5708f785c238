//! The log files: one a day, bounded in size and number, as private as the state folder.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::text::Clock;

/// A day with more than this gets a further file.
const LARGEST: u64 = 8 << 20;
/// So many files are kept; the oldest go first.
const KEPT: usize = 14;
/// Setgid and writable for the group: a folder that several users share.
const SHARED: u32 = 0o2020;

/// Writes to the file of the day (in UTC), and goes on to the next when the day or the file ends.
/// Several processes may write at once: each record is one write at the end of the file.
pub struct DailyFile {
    folder: PathBuf,
    shared: bool,
    clock: Arc<dyn Clock>,
    day: String,
    file: File,
}

impl DailyFile {
    /// Opens the file of the day in `folder`, which is made if it is missing.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> io::Result<DailyFile> {
        let shared = make(folder)?;
        let day = today(clock.as_ref());
        let file = open(folder, &day, shared)?;
        clear(folder);
        Ok(DailyFile { folder: folder.to_owned(), shared, clock, day, file })
    }

    fn turn(&mut self) -> io::Result<()> {
        let day = today(self.clock.as_ref());
        if day != self.day || self.file.metadata()?.size() >= LARGEST {
            self.file = open(&self.folder, &day, self.shared)?;
            self.day = day;
            clear(&self.folder);
        }
        Ok(())
    }
}

impl Write for DailyFile {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        self.turn()?;
        self.file.write(record)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn today(clock: &dyn Clock) -> String {
    clock.now().format("%Y-%m-%d").to_string()
}

/// Makes the folder as its parent is, shared or private, and says which.
fn make(folder: &Path) -> io::Result<bool> {
    let state = fs::metadata(folder.parent().unwrap_or(folder))?;
    let shared = state.mode() & SHARED == SHARED;
    // Above all root: its files would lock the owner out of the owner's own log.
    if !shared && state.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the state belongs to another user"));
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        // The group comes with the parent's setgid bit; the umask must not take its rights away.
        Ok(()) if shared => fs::set_permissions(folder, Permissions::from_mode(0o2770))?,
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    Ok(shared)
}

/// The day's last file, or the one after it when that is full. Links are not followed and pipes not waited
/// for: in a shared folder somebody else may have put one there.
fn open(folder: &Path, day: &str, shared: bool) -> io::Result<File> {
    let careful = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let careful = i32::try_from(careful.bits()).unwrap_or(0);
    for number in 1_u32.. {
        let path = match number {
            1 => folder.join(format!("lifeboat-{day}.log")),
            _ => folder.join(format!("lifeboat-{day}.{number}.log")),
        };
        let create = || OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path);
        let file = match create() {
            Ok(file) if shared => {
                file.set_permissions(Permissions::from_mode(0o660))?;
                file
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                OpenOptions::new().append(true).custom_flags(careful).open(&path)?
            }
            made => made?,
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("something that is no file lies in its place"));
        }
        if metadata.size() < LARGEST {
            return Ok(file);
        }
    }
    Err(io::ErrorKind::QuotaExceeded.into())
}

/// Removes the oldest files. Their names are in the order of time but for the number, so that the
/// time of writing decides. What cannot be removed stays: a log is no reason to fail.
fn clear(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut files: Vec<_> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("lifeboat-") && name.ends_with(".log")
        })
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    let excess = files.len().saturating_sub(KEPT);
    files.drain(..excess).for_each(|(_, path)| drop(fs::remove_file(path)));
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use chrono::{DateTime, Utc};

    use super::*;

    struct Hands(Mutex<DateTime<Utc>>);

    impl Hands {
        fn new() -> Arc<Hands> {
            Arc::new(Hands(Mutex::new("2024-11-18T23:59:00Z".parse().unwrap())))
        }

        fn turn(&self, length: Duration) {
            *self.0.lock().unwrap() += length;
        }
    }

    impl Clock for Hands {
        fn now(&self) -> DateTime<Utc> {
            *self.0.lock().unwrap()
        }

        fn since_boot(&self) -> Duration {
            Duration::ZERO
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn a_new_day_gets_a_new_file() {
        let state = tempfile::tempdir().unwrap();
        let (folder, hands) = (state.path().join("log"), Hands::new());
        let mut log = DailyFile::open(&folder, hands.clone()).unwrap();
        log.write_all(b"before midnight\n").unwrap();
        hands.turn(Duration::from_mins(2));
        log.write_all(b"after midnight\n").unwrap();
        assert_eq!(names(&folder), ["lifeboat-2024-11-18.log", "lifeboat-2024-11-19.log"]);
        assert_eq!(fs::read_to_string(folder.join("lifeboat-2024-11-19.log")).unwrap(), "after midnight\n");
    }

    #[test]
    fn a_chatty_day_is_split_and_a_second_process_goes_on_where_the_first_is() {
        let state = tempfile::tempdir().unwrap();
        let (folder, hands) = (state.path().join("log"), Hands::new());
        let mut log = DailyFile::open(&folder, hands.clone()).unwrap();
        log.write_all(&vec![b'x'; usize::try_from(LARGEST).unwrap()]).unwrap();
        log.write_all(b"more\n").unwrap();
        let mut second = DailyFile::open(&folder, hands).unwrap();
        second.write_all(b"and more\n").unwrap();
        assert_eq!(names(&folder), ["lifeboat-2024-11-18.2.log", "lifeboat-2024-11-18.log"]);
        assert_eq!(fs::read_to_string(folder.join("lifeboat-2024-11-18.2.log")).unwrap(), "more\nand more\n");
    }

    #[test]
    fn only_the_newest_are_kept_and_other_files_are_left_alone() {
        let state = tempfile::tempdir().unwrap();
        let (folder, hands) = (state.path().join("log"), Hands::new());
        let mut log = DailyFile::open(&folder, hands.clone()).unwrap();
        fs::write(folder.join("notes.log"), "mine").unwrap();
        for _ in 0..2 * KEPT {
            hands.turn(Duration::from_hours(24));
            log.write_all(b"a line\n").unwrap();
        }
        let names = names(&folder);
        assert_eq!(names.len(), KEPT + 1, "{names:?}");
        assert!(names.contains(&"notes.log".to_owned()));
        assert!(names.contains(&"lifeboat-2024-12-16.log".to_owned()), "{names:?}");
    }

    #[test]
    fn it_is_as_private_as_the_state() {
        for (state_mode, folder_mode, file_mode) in [(0o700, 0o700, 0o600), (0o2770, 0o2770, 0o660)] {
            let state = tempfile::tempdir().unwrap();
            fs::set_permissions(state.path(), Permissions::from_mode(state_mode)).unwrap();
            let folder = state.path().join("log");
            DailyFile::open(&folder, Hands::new()).unwrap();
            assert_eq!(mode(&folder), folder_mode);
            assert_eq!(mode(&folder.join("lifeboat-2024-11-18.log")), file_mode);
        }
    }

    #[test]
    fn nothing_is_put_into_the_private_state_of_another_user() {
        let state = tempfile::tempdir().unwrap();
        if std::os::unix::fs::chown(state.path(), Some(65_534), None).is_err() {
            println!("skipped: only root can give a folder away");
            return;
        }
        let refused = DailyFile::open(&state.path().join("log"), Hands::new()).err().unwrap();
        assert!(refused.to_string().contains("another user"), "{refused}");
        assert!(names(state.path()).is_empty());
    }

    #[test]
    fn a_planted_link_is_not_followed() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("log");
        fs::create_dir(&folder).unwrap();
        std::os::unix::fs::symlink("/dev/null", folder.join("lifeboat-2024-11-18.log")).unwrap();
        assert!(DailyFile::open(&folder, Hands::new()).is_err());
    }
}
