//! One change of a lab at a time.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, OFlags, flock};

use super::{LabError, Layout, beneath};

/// How long a child that its holder had just made may keep the lock until it becomes another program.
const LEFT_BEHIND: Duration = Duration::from_secs(2);

/// Held while the lab is being changed; the kernel frees it however its holder ends.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock for `verb`, or says who has it.
    pub(super) fn take(layout: &Layout, verb: &str) -> Result<Lock, LabError> {
        let path = layout.lock();
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW;
        let opened = beneath::open(&path, flags, 0o600).and_then(|file| beneath::check_own(&file).map(|()| file));
        let mut file = opened.map_err(LabError::file("lock", &path))?;
        let begun = Instant::now();
        while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let holder = holder(&mut file);
            // One of ours may have let go of it already, and its child not yet.
            let is_kept = lives(&holder) && !holder.ends_with(&format!("(pid {})", std::process::id()));
            if is_kept || begun.elapsed() > LEFT_BEHIND {
                let holder = if holder.is_empty() { "another process".to_owned() } else { holder };
                return Err(LabError::Busy { lab: layout.root().to_owned(), holder });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let words = format!("`lifeboat lab {verb}` (pid {})", std::process::id());
        // Only so that others can be told; on a full disk a lab must still be ended.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(words.as_bytes()));
        Ok(Lock { _file: file })
    }
}

fn holder(file: &mut File) -> String {
    let mut words = Vec::new();
    let _ = file.rewind().and_then(|()| Read::by_ref(file).take(200).read_to_end(&mut words));
    String::from_utf8_lossy(&words).into_owned()
}

/// Whether the process that is named as the holder is still there.
fn lives(holder: &str) -> bool {
    let pid = holder.rsplit_once("(pid ").and_then(|(_, rest)| rest.strip_suffix(')'));
    pid.is_some_and(|pid| pid.bytes().all(|byte| byte.is_ascii_digit()) && Path::new("/proc").join(pid).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_is_first_and_may_go_once_that_one_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::at(folder.path());
        let first = Lock::take(&layout, "up").unwrap();
        let message = Lock::take(&layout, "down").err().unwrap().to_string();
        assert!(message.contains(&format!("`lifeboat lab up` (pid {})", std::process::id())), "{message}");
        drop(first);
        assert!(Lock::take(&layout, "down").is_ok());
    }

    #[test]
    fn what_a_killed_holder_left_for_a_moment_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::at(folder.path());
        let first = Lock::take(&layout, "up").unwrap();
        std::fs::write(layout.lock(), "`lifeboat lab up` (pid 4194305)").unwrap();
        let left = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            drop(first);
        });
        assert!(Lock::take(&layout, "down").is_ok());
        left.join().unwrap();
    }

    #[test]
    fn a_link_in_its_place_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::at(&folder.path().join("lab"));
        std::fs::create_dir(layout.root()).unwrap();
        let precious = folder.path().join("precious");
        std::fs::write(&precious, "precious").unwrap();
        std::os::unix::fs::symlink(&precious, layout.lock()).unwrap();
        assert!(Lock::take(&layout, "up").is_err());
        assert_eq!(std::fs::read(&precious).unwrap(), b"precious");
    }
}
