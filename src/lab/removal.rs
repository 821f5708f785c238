//! Removing the files of a lab, and nothing that is not the lab's.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::record::Record;
use super::{LabError, Layout, files};

/// What a lab has in its folder. The record goes last but for the lock, so that a removal that is cut short can be
/// taken up again.
const OWN: [&str; 9] =
    ["sites", "kept", "state", "secrets", "plan.toml", "faults.json", "processes.json", "lab.json", "lock"];

/// What a lab has in its folder before it is written down what it is, and after that was removed.
const REMAINS: [&str; 2] = ["lab.json", "lock"];

/// The names in a folder; none if there is no such folder.
fn names(folder: &Path) -> Result<Vec<std::ffi::OsString>, LabError> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(LabError::file("list", folder))?.file_name())).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(LabError::file("list", folder)(error)),
    }
}

/// Whether `name` is one of `own`, or such a file half-written by a process that was killed.
fn is_one_of(own: &[&str], name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let whole = || {
        let (file, pid) = name.strip_suffix(".tmp")?.rsplit_once('.')?;
        pid.bytes().all(|digit| digit.is_ascii_digit()).then_some(file)
    };
    own.contains(&name) || whole().is_some_and(|file| own.contains(&file))
}

/// Whether a folder without a record holds nothing, or only what a lab has that was never written down.
pub(super) fn is_remains(layout: &Layout) -> Result<bool, LabError> {
    Ok(names(layout.root())?.iter().all(|name| is_one_of(&REMAINS, name)))
}

/// Refuses to make a lab among what is somebody else's.
pub(super) fn check_free(layout: &Layout) -> Result<(), LabError> {
    if layout.record().exists() || is_remains(layout)? {
        return Ok(());
    }
    Err(LabError::NotFree { folder: layout.root().to_owned() })
}

/// Removes what is the lab's from its folder, and the folder if nothing else is in it. Returns what else there is.
pub(super) fn remove(layout: &Layout) -> Result<Vec<String>, LabError> {
    let root = layout.root();
    let found = names(root)?;
    for own in OWN {
        for name in found.iter().filter(|name| is_one_of(&[own], name)) {
            remove_any(&root.join(name))?;
        }
    }
    match fs::remove_dir(root) {
        Ok(()) => Ok(Vec::new()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {
            Ok(names(root)?.iter().map(|name| name.to_string_lossy().into_owned()).collect())
        }
        Err(error) => Err(LabError::file("remove", root)(error)),
    }
}

/// Removes a file, a link or a whole folder.
fn remove_any(path: &Path) -> Result<(), LabError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::IsADirectory => files::remove_folder(path),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(LabError::file("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Where the sites lie outside the lab's folder, their place goes too; its name holds the lab's id.
pub(super) fn remove_sites(record: &Record, layout: &Layout) -> Result<(), LabError> {
    if record.sites == layout.sites() {
        return Ok(());
    }
    match place_outside(&record.id) {
        Some(place) if record.sites == place.join("sites") => files::remove_folder(&place),
        _ => Ok(()),
    }
}

/// Where labs keep their sites if the servers' account cannot reach the lab's own folder; a folder each.
const OUTSIDE: &str = "/var/lib/lifeboat-lab";

/// The place there of the lab `id`; none if that is no id, since it becomes part of a path that is removed.
pub(super) fn place_outside(id: &str) -> Option<PathBuf> {
    let is_plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    (id.len() == ID_LENGTH && id.bytes().all(is_plain)).then(|| Path::new(OUTSIDE).join(id))
}

/// How long the id of a lab is.
pub(super) const ID_LENGTH: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> (tempfile::TempDir, Layout) {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::at(&folder.path().join("lab"));
        for name in names {
            let path = layout.root().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        (folder, layout)
    }

    #[test]
    fn what_is_not_the_labs_stays_and_is_named() {
        let (_folder, layout) = folder(&["lab.json", "lab.json.77.tmp", "sites/primary/x", "lock", "thesis.tex"]);
        assert_eq!(remove(&layout).unwrap(), ["thesis.tex"]);
        assert_eq!(names(layout.root()).unwrap(), ["thesis.tex"]);
        let (_folder, layout) = folder(&["lab.json", "sites/primary/x", "state/journal/a", "kept/a"]);
        assert!(remove(&layout).unwrap().is_empty() && !layout.root().exists());
    }

    #[test]
    fn only_an_id_has_a_place_outside() {
        assert_eq!(place_outside("abc123def456"), Some("/var/lib/lifeboat-lab/abc123def456".into()));
        for id in ["", "..", "../../../etc", "abc123def45/", "ABC123DEF456", "abc123def4567"] {
            assert_eq!(place_outside(id), None, "{id}");
        }
    }

    #[test]
    fn sites_that_lie_anywhere_else_stay() {
        let (outer, layout) = folder(&["lab.json"]);
        let precious = outer.path().join("abc123def456/sites");
        fs::create_dir_all(&precious).unwrap();
        let record = serde_json::json!({
            "id": "abc123def456", "made": "2024-11-18T03:00:00Z", "scale": 1.0, "account": null, "sites": precious,
            "program": "", "network": { "addresses": {}, "ports": {} }, "done": []
        });
        remove_sites(&serde_json::from_value(record).unwrap(), &layout).unwrap();
        assert!(precious.exists());
    }

    #[test]
    fn a_link_is_removed_and_not_what_it_leads_to() {
        let (outer, layout) = folder(&["lab.json"]);
        let elsewhere = outer.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        fs::write(elsewhere.join("precious"), "x").unwrap();
        std::os::unix::fs::symlink(&elsewhere, layout.root().join("sites")).unwrap();
        assert!(remove(&layout).unwrap().is_empty());
        assert!(elsewhere.join("precious").exists());
    }

    #[test]
    fn only_what_an_up_leaves_that_was_killed_at_once_is_remains_of_a_lab() {
        for (names, is) in [
            (&["lock", "lab.json.4711.tmp"][..], true),
            (&["lock"], true),
            (&["lock", "notes"], false),
            (&["state/x"], false),
            (&["lab.json.old.tmp"], false),
        ] {
            let (_folder, layout) = folder(names);
            assert_eq!(is_remains(&layout).unwrap(), is, "{names:?}");
        }
    }
}
