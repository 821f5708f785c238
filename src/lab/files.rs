//! Writing files and folders of the lab: durable, private, and owned by whom they are for.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, chown};
use std::path::Path;

use super::LabError;
use super::account::Account;

/// Makes `path` and its parents; `mode` and owner are those of the last one.
pub(super) fn make_folder(path: &Path, mode: u32, owner: Option<&Account>) -> Result<(), LabError> {
    let failed = |source| LabError::File { what: "make the folder", path: path.to_owned(), source };
    DirBuilder::new().recursive(true).mode(mode).create(path).map_err(failed)?;
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).map_err(failed)?;
    give(path, owner)
}

/// Gives `path` to the account of the servers, if they have one of their own.
pub(super) fn give(path: &Path, owner: Option<&Account>) -> Result<(), LabError> {
    let Some(account) = owner else { return Ok(()) };
    chown(path, Some(account.uid), Some(account.gid)).map_err(LabError::file("change the owner of", path))
}

/// Puts `bytes` at `path` so that a reader, or a power cut, finds the old or the new content whole.
pub(super) fn replace(path: &Path, bytes: &[u8], mode: u32, owner: Option<&Account>) -> Result<(), LabError> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = Path::new(&name);
    let failed = || LabError::file("write", path);
    let _ = fs::remove_file(beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(beside).map_err(failed())?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed());
    let done = written.and_then(|()| give(beside, owner)).and_then(|()| fs::rename(beside, path).map_err(failed()));
    if done.is_err() {
        let _ = fs::remove_file(beside);
    }
    done?;
    sync_folder(path.parent().unwrap_or(Path::new("/")))
}

/// Makes the names in a folder survive a power cut.
pub(super) fn sync_folder(path: &Path) -> Result<(), LabError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(LabError::file("sync", path))
}

/// Reads a JSON file of the lab; none if it is not there.
pub(super) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, LabError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|why| LabError::Damaged { path: path.to_owned(), why: why.to_string() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LabError::File { what: "read", path: path.to_owned(), source }),
    }
}

/// Reads the options of something that the lab serves itself.
pub fn read_options<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, LabError> {
    read_json(path)?.ok_or_else(|| LabError::Damaged { path: path.to_owned(), why: "it is not there".to_owned() })
}

/// Writes a JSON file of the lab, as [`replace`] does.
pub(super) fn write_json<T: serde::Serialize>(
    path: &Path,
    value: &T,
    mode: u32,
    owner: Option<&Account>,
) -> Result<(), LabError> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|why| LabError::Damaged { path: path.to_owned(), why: why.to_string() })?;
    bytes.push(b'\n');
    replace(path, &bytes, mode, owner)
}

/// A password nobody has to type: letters and digits, safe in every configuration file.
pub(super) fn random_text(length: usize) -> Result<String, LabError> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789kz";
    let source = Path::new("/dev/urandom");
    let mut bytes = vec![0; length];
    File::open(source).and_then(|mut file| file.read_exact(&mut bytes)).map_err(LabError::file("read", source))?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 63)])).collect())
}

/// Removes a folder and all in it; it is no error if it is not there.
pub(super) fn remove_folder(path: &Path) -> Result<(), LabError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(LabError::File { what: "remove", path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_leaves_nothing_beside_and_keeps_the_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lab.json");
        replace(&path, b"one", 0o600, None).unwrap();
        replace(&path, b"two", 0o600, None).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn random_texts_differ_and_are_plain() {
        let (one, two) = (random_text(44).unwrap(), random_text(44).unwrap());
        assert_ne!(one, two);
        assert!(one.chars().all(|letter| letter.is_ascii_alphanumeric()));
    }
}
