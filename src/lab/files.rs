//! Writing files and folders of the lab: durable, private, owned by whom they are for, and never through a link
//! that somebody else has laid.

use std::fs::{self, DirBuilder, File};
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Uid, fchmod, fchown, mkdirat, openat, renameat, unlinkat};

use super::account::Account;
use super::{LabError, beneath};

/// Makes `path` and its parents; `mode` and owner are those of the last one.
pub(super) fn make_folder(path: &Path, mode: u32, owner: Option<&Account>) -> Result<(), LabError> {
    let make = || {
        if let Some(parent) = path.parent().filter(|parent| !parent.exists()) {
            DirBuilder::new().recursive(true).mode(mode).create(parent)?;
        }
        let place = beneath::Place::of(path)?;
        match mkdirat(&place.folder, &place.name, Mode::from_raw_mode(mode)) {
            Err(rustix::io::Errno::EXIST) | Ok(()) => {}
            Err(error) => return Err(error.into()),
        }
        let folder = place.open(OFlags::RDONLY | OFlags::DIRECTORY, 0)?;
        fchmod(&folder, Mode::from_raw_mode(mode))?;
        give(folder.as_fd(), owner)
    };
    make().map_err(LabError::file("make the folder", path))
}

/// Gives an open file or folder to the account of the servers, if they have one of their own.
fn give(file: BorrowedFd<'_>, owner: Option<&Account>) -> std::io::Result<()> {
    let Some(account) = owner else { return Ok(()) };
    Ok(fchown(file, Some(Uid::from_raw(account.uid)), Some(Gid::from_raw(account.gid)))?)
}

/// Opens a file to append to it, made for and given to `owner` if it is not there.
pub(super) fn open_log(path: &Path, owner: Option<&Account>) -> Result<File, LabError> {
    let opened = || {
        let file = beneath::open(path, OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE, 0o600)?;
        if !file.metadata()?.is_file() {
            return Err(std::io::Error::other("it is not a file"));
        }
        give(file.as_fd(), owner)?;
        Ok(file)
    };
    opened().map_err(LabError::file("open", path))
}

/// Puts `bytes` at `path` so that a reader, or a power cut, finds the old or the new content whole.
pub(super) fn replace(path: &Path, bytes: &[u8], mode: u32, owner: Option<&Account>) -> Result<(), LabError> {
    let replaced = || {
        let place = beneath::Place::of(path)?;
        let mut beside = place.name.clone();
        beside.push(format!(".{}.tmp", std::process::id()));
        let _ = unlinkat(&place.folder, &beside, AtFlags::empty());
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mut file = File::from(openat(&place.folder, &beside, flags, Mode::from_raw_mode(mode))?);
        let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| give(file.as_fd(), owner));
        let done = written.and_then(|()| Ok(renameat(&place.folder, &beside, &place.folder, &place.name)?));
        if done.is_err() {
            let _ = unlinkat(&place.folder, &beside, AtFlags::empty());
        }
        done.and_then(|()| place.sync())
    };
    replaced().map_err(LabError::file("write", path))
}

/// Reads a JSON file of one of the lab's servers; none if it is not there.
pub(super) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, LabError> {
    parse(path, beneath::read(path))
}

/// Reads a record of the lab, which only its owner can have written; none if it is not there.
pub(super) fn read_record<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, LabError> {
    parse(path, beneath::read_own(path))
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, read: std::io::Result<Vec<u8>>) -> Result<Option<T>, LabError> {
    match read {
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

    /// What the servers' account has laid in its folder leads nowhere, even for root.
    #[test]
    fn no_link_is_followed_in_a_folder_of_the_servers_account() {
        if !rustix::process::geteuid().is_root() {
            println!("skipped: only root could be led astray");
            return;
        }
        let account = Account { name: "nobody".to_owned(), uid: 65_534, gid: 65_534 };
        let outer = tempfile::tempdir().unwrap();
        let (secret, private) = (outer.path().join("secret"), outer.path().join("private"));
        let theirs = outer.path().join("theirs");
        fs::write(&secret, "secret").unwrap();
        fs::create_dir(&private).unwrap();
        make_folder(&theirs, 0o700, Some(&account)).unwrap();
        std::os::unix::fs::symlink(&secret, theirs.join("server.log")).unwrap();
        std::os::unix::fs::symlink(&private, theirs.join("data")).unwrap();

        open_log(&theirs.join("server.log"), Some(&account)).unwrap_err();
        make_folder(&theirs.join("data"), 0o777, Some(&account)).unwrap_err();
        replace(&theirs.join("data/x"), b"x", 0o600, Some(&account)).unwrap_err();
        assert!(beneath::read(&theirs.join("server.log")).is_err());
        for path in [&secret, &private] {
            let found = fs::metadata(path).unwrap();
            let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o022;
            assert_eq!((std::os::unix::fs::MetadataExt::uid(&found), mode), (0, 0), "{path:?}");
        }
        assert_eq!(fs::read_dir(&private).unwrap().count(), 0);

        // A link in its place is replaced, and what is ours is reached through links of our own.
        replace(&theirs.join("server.log"), b"x", 0o600, Some(&account)).unwrap();
        assert_eq!(fs::read(&secret).unwrap(), b"secret");
        std::os::unix::fs::symlink(&private, outer.path().join("ours")).unwrap();
        replace(&outer.path().join("ours/x"), b"x", 0o600, None).unwrap();
        assert_eq!(fs::read(private.join("x")).unwrap(), b"x");
    }

    /// Whoever can lay something in the place of a record does not decide what we do, nor keep us waiting.
    #[test]
    fn a_record_is_a_file_of_our_own() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("real"), "7").unwrap();
        std::os::unix::fs::symlink(at("real"), at("link")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
            .unwrap();
        assert_eq!(read_record::<u32>(&at("real")).unwrap(), Some(7));
        assert_eq!(read_record::<u32>(&at("none")).unwrap(), None);
        assert!(read_record::<u32>(&at("link")).is_err());
        let (sender, receiver) = std::sync::mpsc::channel();
        let pipe = at("pipe");
        std::thread::spawn(move || {
            let said = (read_record::<u32>(&pipe).is_err(), read_json::<u32>(&pipe).is_err());
            let _ = sender.send(said);
        });
        assert_eq!(receiver.recv_timeout(std::time::Duration::from_secs(5)), Ok((true, true)));
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(at("real"), Some(65_534), None).unwrap();
            assert!(read_record::<u32>(&at("real")).is_err());
        }
    }

    #[test]
    fn random_texts_differ_and_are_plain() {
        let (one, two) = (random_text(44).unwrap(), random_text(44).unwrap());
        assert_ne!(one, two);
        assert!(one.chars().all(|letter| letter.is_ascii_alphanumeric()));
    }
}
