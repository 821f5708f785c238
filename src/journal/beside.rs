//! Names beside a file while it is being made, so that it appears whole or not at all; and names that last.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::host::ProcessMark;
use super::state::Access;
use super::trouble::DiskError;

const SUFFIX: &str = ".new";
/// What a process that was killed has left is in nobody's way. A draft lives for milliseconds.
const LEFT_BEHIND: Duration = Duration::from_hours(24);

/// Makes a draft under a name beside `path` that nothing else has, and tells that name.
pub(super) fn make<T>(path: &Path, make: impl Fn(&Path) -> io::Result<T>) -> io::Result<(PathBuf, T)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    static START: OnceLock<u64> = OnceLock::new();
    // In containers every process may have the number 1.
    let start = START.get_or_init(|| ProcessMark::here().started);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let draft = path.with_file_name(format!(".{name}.{}-{start}-{count}{SUFFIX}", std::process::id()));
        match make(&draft) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            answer => return answer.map(|file| (draft, file)),
        }
    }
}

/// Puts this content in a file's place, and makes its directory if need be. Readers find the old content or
/// the new; which of them outlives a crash is open.
pub(super) fn replace(path: &Path, access: Access, content: &[&[u8]]) -> io::Result<()> {
    if let Some(directory) = path.parent()
        && let Ok(()) = fs::create_dir(directory)
    {
        access.dress(directory)?;
    }
    let new = |draft: &Path| OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft);
    let (draft, mut file) = make(path, new)?;
    let written = content
        .iter()
        .try_for_each(|part| file.write_all(part))
        .and_then(|()| access.dress(&draft))
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        fs::remove_file(&draft)?;
    }
    written
}

/// Whether it is the name of a draft.
pub(super) fn is_draft(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(SUFFIX)
}

/// Removes drafts that were left behind long ago; best effort.
pub(super) fn sweep(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_draft = name.to_str().is_some_and(is_draft);
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if is_draft && age().is_some_and(|age| age > LEFT_BEHIND) {
            let path = entry.path();
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
        }
    }
}

/// Makes sure that a name just made or changed in the directory outlives a crash.
pub(super) fn sync_directory(path: &Path) -> Result<(), DiskError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(DiskError::new("sync", path))
}

/// As [`sync_directory`], for one that is not ours: where it may be passed through and not be read, its
/// owner has to see to that.
pub(super) fn sync_foreign_directory(path: &Path) -> Result<(), DiskError> {
    match sync_directory(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::FileTimes;
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_draft_that_was_left_behind_is_in_nobodys_way() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let create = |draft: &Path| OpenOptions::new().write(true).create_new(true).open(draft);
        let (first, _) = make(&path, create).unwrap();
        // The names that this process would use next, as another of its number has left them.
        let (before, count) = first.to_str().unwrap().strip_suffix(SUFFIX).unwrap().rsplit_once('-').unwrap();
        let count: u64 = count.parse().unwrap();
        (1..5).for_each(|next| drop(File::create(format!("{before}-{}{SUFFIX}", count + next))));
        let (second, _) = make(&path, create).unwrap();
        assert_ne!(first, second);
    }

    #[test]
    fn only_old_drafts_are_swept_away() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let old = FileTimes::new().set_modified(SystemTime::now() - 2 * LEFT_BEHIND);
        fs::create_dir(at(".journal.1-5-0.new")).unwrap();
        for name in [".young.1-5-1.new", ".old.1-5-2.new", "old.new", ".lock"] {
            File::create(at(name)).unwrap();
        }
        for name in [".journal.1-5-0.new", ".old.1-5-2.new", "old.new", ".lock"] {
            File::open(at(name)).unwrap().set_times(old).unwrap();
        }
        sweep(directory.path());
        let mut left: Vec<_> =
            fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".lock", ".young.1-5-1.new", "old.new"]);
    }
}
