//! Faults of the store: filled up, or a file in it cut or damaged.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::OFlags;

use super::{Deed, Undo, kept, objects, trees};
use crate::lab::context::Lab;
use crate::lab::launch::{self, Launch};
use crate::lab::{LabError, Site, beneath, files};

/// How much is left of the small file system that is put over a store, before it is filled.
const ROOM: u64 = 4 * 1024 * 1024;
const DEADLINE: Duration = Duration::from_secs(30);
/// What the small file system is called among all mounts.
const SOURCE: &str = "lifeboat-lab";
/// What it is filled with.
const BALLAST: &str = "ballast";

/// Puts a small file system over the store, with what was in it, and fills the rest; who is not root can fill
/// the object store only.
pub(super) async fn fill(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let (site, is_object_store) = match deed.target.as_str() {
        "primary" => (Site::Primary, false),
        "dr" => (Site::Dr, false),
        "primary/s3" => (Site::Primary, true),
        "dr/s3" => (Site::Dr, true),
        _ => return Err(deed.bad_target()),
    };
    if is_object_store || !rustix::process::geteuid().is_root() {
        return objects::fill(deed, site);
    }
    let store = deed.lab.layout.backups(site);
    let path = store.canonicalize().map_err(LabError::file("find", &store))?;
    let room = tree_size(&path) + ROOM;
    let options = match &deed.lab.record.account {
        Some(account) => format!("size={room},mode=0750,uid={},gid={}", account.uid, account.gid),
        None => format!("size={room},mode=0750"),
    };
    deed.remember(format!("filled the store of {site}"), Some(Undo::Unmount(path.clone())))?;
    let aside = aside(&path);
    files::make_folder(&aside, 0o711, None)?;
    let (here, there) = (path.to_string_lossy(), aside.to_string_lossy());
    as_root(deed.lab, "mount", &["-t", "tmpfs", "-o", &options, SOURCE, &there]).await?;
    trees::carry(&path, &aside)?;
    fill_up(&aside.join(BALLAST))?;
    // Full from the first moment on, and in one place only.
    as_root(deed.lab, "mount", &["--bind", &there, &here]).await?;
    as_root(deed.lab, "umount", &["--lazy", &there]).await?;
    fs::remove_dir(&aside).map_err(LabError::file("remove", &aside))
}

/// Where the small file system is while it does not lie over the store; beside it, where only we may make names.
fn aside(path: &Path) -> PathBuf {
    path.with_file_name("store-aside")
}

fn fill_up(path: &Path) -> Result<(), LabError> {
    use std::io::Write;
    let mut file = beneath::open(path, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL, 0o600)
        .map_err(LabError::file("make", path))?;
    let block = vec![0x5A; 64 * 1024];
    loop {
        match file.write_all(&block) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => return Ok(()),
            Err(source) => return Err(LabError::File { what: "fill", path: path.to_owned(), source }),
        }
    }
}

/// Takes the small file system away; what was written to it is carried over. The store itself is uncovered first,
/// because as soon as there is room again, somebody writes. What a sudden end leaves half-done, the next try ends.
pub(super) async fn unmount(lab: &Lab, path: &Path) -> Result<(), LabError> {
    let aside = aside(path);
    let (here, there) = (path.to_string_lossy(), aside.to_string_lossy());
    if is_mounted(path) {
        files::make_folder(&aside, 0o711, None)?;
        if !is_mounted(&aside) {
            as_root(lab, "mount", &["--bind", &here, &there]).await?;
        }
        // Lazily, because whoever is just writing into it holds it for a moment, and may: what has no name there
        // yet will not get one any more.
        as_root(lab, "umount", &["--lazy", &here]).await?;
    }
    if is_mounted(&aside) {
        let _ = fs::remove_file(aside.join(BALLAST));
        trees::carry(&aside, path)?;
        as_root(lab, "umount", &["--lazy", &there]).await?;
    }
    let _ = fs::remove_dir(&aside);
    Ok(())
}

/// Whether the small file system lies over the store, or what was written to it is still to be carried over.
pub(super) fn is_covered(path: &Path) -> bool {
    is_mounted(path) || is_mounted(&aside(path))
}

/// Whether the lab's small file system lies over `path`.
fn is_mounted(path: &Path) -> bool {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let shown = path.to_string_lossy().replace('\\', "\\134").replace(' ', "\\040");
    let is_ours = |line: &str| line.strip_prefix(SOURCE).is_some_and(|rest| rest.split(' ').nth(1) == Some(&shown));
    mounts.lines().any(is_ours)
}

async fn as_root(lab: &Lab, program: &str, arguments: &[&str]) -> Result<(), LabError> {
    let launch =
        Launch::new(Path::new("/usr/bin").join(program), "/").args(arguments.iter().map(|word| (*word).to_owned()));
    launch::run_as_we_are(lab, &launch, DEADLINE).await.map(|_| ())
}

fn files_below(folder: &Path) -> Vec<(PathBuf, fs::Metadata)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(what) if what.is_dir() => found.extend(files_below(&entry.path())),
            Ok(what) if what.is_file() => found.push((entry.path(), what)),
            _ => {}
        }
    }
    found
}

fn tree_size(folder: &Path) -> u64 {
    files_below(folder).iter().map(|(_, what)| what.len().next_multiple_of(4096)).sum()
}

/// The file that was named, or the newest one that a recovery point has, before any of the log; never one outside the
/// store.
fn chosen(deed: &Deed<'_>) -> Result<PathBuf, LabError> {
    let store = deed.lab.layout.backups(Site::Primary);
    let files = files_below(&store);
    if deed.target.is_empty() {
        let whole = files.into_iter().filter(|(path, what)| what.len() > 64 && !is_hidden(path));
        let written = |what: &fs::Metadata| what.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let newest = whole.max_by_key(|(path, what)| (is_restored_from(path), written(what)));
        return newest.map(|(path, _)| path).ok_or_else(|| deed.failed("the store holds no file yet"));
    }
    let wanted = store.join(&deed.target);
    let found = files.into_iter().map(|(path, _)| path).find(|path| *path == wanted);
    found.ok_or_else(|| deed.failed(format!("the store has no file {:?}", deed.target)))
}

/// Whether one would restore from it: it is no part of the log, and no note beside a recovery point.
fn is_restored_from(path: &Path) -> bool {
    let is_log = path.components().any(|part| part.as_os_str() == "wal");
    !is_log && path.extension().is_none_or(|ending| ending != "json")
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

pub(super) fn truncate(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let path = chosen(deed)?;
    let kept = kept::keep(deed, &path)?;
    deed.remember(format!("cut {} to half its length", path.display()), Some(Undo::PutBack { kept, restart: None }))?;
    let half = || {
        let file = beneath::open(&path, OFlags::WRONLY, 0)?;
        file.set_len(file.metadata()?.len() / 2)?;
        file.sync_all()
    };
    half().map_err(LabError::file("cut", &path))
}

pub(super) fn corrupt(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let path = chosen(deed)?;
    let kept = kept::keep(deed, &path)?;
    deed.remember(format!("flipped bytes in {}", path.display()), Some(Undo::PutBack { kept, restart: None }))?;
    flip_in_the_middle(&path).map_err(LabError::file("damage", &path))
}

/// Flips bytes in the middle of a file and leaves its length.
pub(super) fn flip_in_the_middle(path: &Path) -> std::io::Result<()> {
    let file = beneath::open(path, OFlags::RDWR, 0)?;
    let middle = file.metadata()?.len() / 2;
    let mut bytes = [0; 32];
    let count = file.read_at(&mut bytes, middle)?;
    for byte in &mut bytes[..count] {
        *byte ^= 0xA5;
    }
    file.write_all_at(&bytes[..count], middle)?;
    file.sync_all()
}
