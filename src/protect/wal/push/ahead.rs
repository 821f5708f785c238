//! What was kept before the server asked for it: it asks for one segment after the other, and those that wait are kept
//! together. When their turn comes the answer is there already.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Pushed, ToStore};

/// What is remembered of them, a note each.
pub(super) struct Ahead {
    folder: PathBuf,
}

/// A note: of which file, and what became of it.
#[derive(Serialize, Deserialize)]
struct Kept {
    file: Print,
    stores: Vec<ToStore>,
    flaw: Option<String>,
}

/// What tells a file from another that has its name later: each write and each rename changes one of these.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Print {
    device: u64,
    number: u64,
    bytes: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

impl Print {
    /// Of the file at a path, as it is now.
    pub(super) fn of(path: &Path) -> Option<Print> {
        let about: Metadata = fs::metadata(path).ok()?;
        Some(Print {
            device: about.dev(),
            number: about.ino(),
            bytes: about.len(),
            written: (about.mtime(), about.mtime_nsec()),
            changed: (about.ctime(), about.ctime_nsec()),
        })
    }
}

impl Ahead {
    /// Kept in this folder.
    pub(super) fn in_folder(folder: PathBuf) -> Ahead {
        Ahead { folder }
    }

    /// What became of the file at this path, if it was kept already, and is the one that was; it is forgotten by that.
    pub(super) fn take(&self, name: &str, path: &Path) -> Option<Pushed> {
        let note = self.note(name);
        let said = fs::read(&note).ok()?;
        let _ = fs::remove_file(&note);
        let kept: Kept = serde_json::from_slice(&said).ok()?;
        let is_it = Print::of(path) == Some(kept.file);
        is_it.then(|| Pushed { name: name.to_owned(), stores: kept.stores, flaw: kept.flaw })
    }

    /// Remembers what became of a file that looked like this before it was read.
    pub(super) fn remember(&self, file: Print, pushed: &Pushed) {
        let kept = Kept { file, stores: pushed.stores.clone(), flaw: pushed.flaw.clone() };
        // What is forgotten is handed over once more, and lies there already then.
        let said = serde_json::to_vec(&kept);
        let _ =
            said.map(|said| fs::create_dir_all(&self.folder).and_then(|()| fs::write(self.note(&pushed.name), said)));
    }

    /// Whether it is remembered what became of a file; forgets what nobody will ask for any more.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.note(name).exists()
    }

    /// Forgets all but these: what was handed over otherwise, or is gone, nobody asks for.
    pub(super) fn forget_all_but(&self, waiting: &[String]) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_str().and_then(|name| name.strip_suffix(".kept"));
            if name.is_some_and(|name| !waiting.iter().any(|waits| waits == name)) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn note(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.kept"))
    }
}

/// What waits to be handed over beside the file at this path, in its order.
pub(super) fn waiting(path: &Path) -> Vec<String> {
    let entries = path.parent().map(|folder| fs::read_dir(folder.join("archive_status")));
    let entries = entries.into_iter().flatten().flatten().flatten();
    let name = |entry: fs::DirEntry| Some(entry.file_name().to_str()?.strip_suffix(".ready")?.to_owned());
    let mut names: Vec<String> = entries.filter_map(name).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_file_that_was_kept_is_answered_for() {
        let folder = tempfile::tempdir().unwrap();
        let ahead = Ahead::in_folder(folder.path().join("notes"));
        let path = folder.path().join("000000010000000000000001");
        let name = "000000010000000000000001";
        fs::write(&path, "a segment").unwrap();
        let stores = vec![ToStore { store: "local".to_owned(), outcome: Ok(crate::vault::log::Outcome::Written) }];
        let pushed = Pushed { name: name.to_owned(), stores, flaw: None };
        let remember = || ahead.remember(Print::of(&path).unwrap(), &pushed);
        remember();
        assert_eq!(ahead.take(name, &path).unwrap().stores.len(), 1);
        assert!(ahead.take(name, &path).is_none(), "it is asked for once");
        remember();
        fs::write(&path, "A segment").unwrap();
        assert!(ahead.take(name, &path).is_none(), "it was written to");
        remember();
        fs::rename(&path, folder.path().join("x")).unwrap();
        fs::write(&path, "A segment").unwrap();
        assert!(ahead.take(name, &path).is_none(), "another has its name");
        remember();
        ahead.forget_all_but(&["000000010000000000000002".to_owned()]);
        assert!(!ahead.knows(name));
    }

    #[test]
    fn what_waits_is_told_by_the_server_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let status = folder.path().join("archive_status");
        fs::create_dir(&status).unwrap();
        for name in
            ["000000010000000000000003.ready", "000000010000000000000002.ready", "000000010000000000000001.done"]
        {
            fs::write(status.join(name), "").unwrap();
        }
        let names = waiting(&folder.path().join("000000010000000000000002"));
        assert_eq!(names, ["000000010000000000000002", "000000010000000000000003"]);
        assert!(waiting(Path::new("nowhere/000000010000000000000002")).is_empty());
    }
}
