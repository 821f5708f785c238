//! Faults of the store: filled up, or a file in it cut or damaged.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Deed, Undo, kept, objects};
use crate::lab::context::Lab;
use crate::lab::launch::{self, Launch};
use crate::lab::{LabError, Site, files};

/// How much is left of the small file system that is put over a store, before it is filled.
const ROOM: u64 = 4 * 1024 * 1024;
const DEADLINE: Duration = Duration::from_secs(30);

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
    let path =
        deed.lab.layout.backups(site).canonicalize().map_err(LabError::file("find", deed.lab.layout.backups(site)))?;
    let aside = deed.lab.layout.root().join("kept").join(format!("store-{site}"));
    files::remove_folder(&aside)?;
    copy_tree(&path, &aside)?;
    let room = tree_size(&path) + ROOM;
    deed.remember(format!("the store of {site} is full"), Some(Undo::Unmount(path.clone())))?;
    let options = match &deed.lab.record.account {
        Some(account) => format!("size={room},mode=0750,uid={},gid={}", account.uid, account.gid),
        None => format!("size={room},mode=0750"),
    };
    as_root(deed.lab, "mount", &["-t", "tmpfs", "-o", &options, "lifeboat-lab", &path.to_string_lossy()]).await?;
    copy_tree(&aside, &path)?;
    files::remove_folder(&aside)?;
    fill_up(&path.join("ballast"))
}

fn fill_up(path: &Path) -> Result<(), LabError> {
    use std::io::Write;
    let mut file = fs::File::create(path).map_err(LabError::file("make", path))?;
    let block = vec![0x5A; 64 * 1024];
    loop {
        match file.write_all(&block) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => return Ok(()),
            Err(source) => return Err(LabError::File { what: "fill", path: path.to_owned(), source }),
        }
    }
}

/// Takes the small file system away; what was written to it meanwhile is carried over.
pub(super) async fn unmount(lab: &Lab, path: &Path) -> Result<(), LabError> {
    if !is_mounted(path) {
        return Ok(());
    }
    let _ = fs::remove_file(path.join("ballast"));
    let aside = lab.layout.root().join("kept").join("store-meanwhile");
    files::remove_folder(&aside)?;
    copy_tree(path, &aside)?;
    // Whoever is just archiving into it holds it for a moment.
    let mut tries = 0;
    while let Err(error) = as_root(lab, "umount", &[&path.to_string_lossy()]).await {
        tries += 1;
        if tries > 30 {
            return Err(error);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    copy_tree(&aside, path)?;
    files::remove_folder(&aside)
}

/// Whether the lab's small file system lies over `path`.
fn is_mounted(path: &Path) -> bool {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let shown = path.to_string_lossy().replace('\\', "\\134").replace(' ', "\\040");
    mounts.lines().any(|line| line.starts_with("lifeboat-lab ") && line.split(' ').nth(1) == Some(&shown))
}

async fn as_root(lab: &Lab, program: &str, arguments: &[&str]) -> Result<(), LabError> {
    let launch =
        Launch::new(Path::new("/usr/bin").join(program), "/").args(arguments.iter().map(|word| (*word).to_owned()));
    launch::run_as_we_are(lab, &launch, DEADLINE).await.map(|_| ())
}

/// Copies what is not there yet, with owner and mode.
fn copy_tree(from: &Path, to: &Path) -> Result<(), LabError> {
    let failed = || LabError::file("copy", from);
    let found = fs::metadata(from).map_err(failed())?;
    let owner = (std::os::unix::fs::MetadataExt::uid(&found), std::os::unix::fs::MetadataExt::gid(&found));
    if found.is_dir() {
        fs::create_dir_all(to).map_err(failed())?;
        for entry in fs::read_dir(from).map_err(failed())? {
            let entry = entry.map_err(failed())?;
            copy_tree(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else if !to.exists() {
        fs::copy(from, to).map_err(failed())?;
    }
    fs::set_permissions(to, found.permissions()).map_err(failed())?;
    std::os::unix::fs::chown(to, Some(owner.0), Some(owner.1)).map_err(failed())
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

/// The file that was named, or the newest one; never one outside the store.
fn chosen(deed: &Deed<'_>) -> Result<PathBuf, LabError> {
    let store = deed.lab.layout.backups(Site::Primary);
    let files = files_below(&store);
    if deed.target.is_empty() {
        let whole = files.into_iter().filter(|(path, what)| what.len() > 64 && !is_hidden(path));
        let newest = whole.max_by_key(|(_, what)| what.modified().unwrap_or(SystemTime::UNIX_EPOCH));
        return newest.map(|(path, _)| path).ok_or_else(|| deed.failed("the store holds no file yet"));
    }
    let wanted = store.join(&deed.target);
    let found = files.into_iter().map(|(path, _)| path).find(|path| *path == wanted);
    found.ok_or_else(|| deed.failed(format!("the store has no file {:?}", deed.target)))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

pub(super) fn truncate(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let path = chosen(deed)?;
    let kept = kept::keep(deed.lab, &path)?;
    deed.remember(format!("cut {} to half its length", path.display()), Some(Undo::PutBack { kept, restart: None }))?;
    let half = || {
        let file = OpenOptions::new().write(true).open(&path)?;
        file.set_len(file.metadata()?.len() / 2)?;
        file.sync_all()
    };
    half().map_err(LabError::file("cut", &path))
}

pub(super) fn corrupt(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let path = chosen(deed)?;
    let kept = kept::keep(deed.lab, &path)?;
    deed.remember(format!("flipped bytes in {}", path.display()), Some(Undo::PutBack { kept, restart: None }))?;
    flip_in_the_middle(&path).map_err(LabError::file("damage", &path))
}

/// Flips bytes in the middle of a file and leaves its length.
pub(super) fn flip_in_the_middle(path: &Path) -> std::io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let middle = file.metadata()?.len() / 2;
    let mut bytes = [0; 32];
    let count = file.read_at(&mut bytes, middle)?;
    for byte in &mut bytes[..count] {
        *byte ^= 0xA5;
    }
    file.write_all_at(&bytes[..count], middle)?;
    file.sync_all()
}
