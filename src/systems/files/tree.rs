//! The files of a component: below its folder, as its patterns say, here or where reach leads.

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::pattern::{fits, is_plain};
use crate::plan::Place;
use crate::plan::types::FilesSettings;
use crate::reach::{Command, Reach, ReachError};
use crate::systems::contact::Contact;
use crate::systems::one_look::OneLook;

/// How many files are looked at.
const MOST: usize = 100_000;
/// How much of a list from elsewhere is read.
const KEEP: usize = 16 * 1024 * 1024;

/// What is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The files that belong to the component.
    pub files: Vec<Entry>,
    /// Patterns that nothing answers to.
    pub missing: Vec<String>,
    /// Whether there were more than could be looked at.
    pub cut: bool,
    /// What could not be looked at.
    pub closed: usize,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Below the component's folder.
    pub path: String,
    /// When it was last changed.
    pub changed: DateTime<Utc>,
    /// When anything of it was last changed, its name and its rights too, to the second: what takes the place of
    /// another file may have been written long ago.
    pub touched: DateTime<Utc>,
    /// How large it is.
    pub size: u64,
}

/// Why there is no tree.
#[derive(Debug)]
pub enum NoTree {
    /// The folder, or the file, is not there.
    Missing,
    /// We may not look.
    Denied,
    /// It is neither a file nor a folder.
    NoFile(&'static str),
    /// The way there failed.
    Reach(ReachError),
}

impl Tree {
    /// Looks at what lies at a path.
    pub async fn look(
        path: &Path,
        settings: &FilesSettings,
        place: &Place,
        looks: &OneLook,
        with: &Contact<'_>,
    ) -> Result<Tree, NoTree> {
        let tree = if place.is_here() {
            let path = path.to_owned();
            looks.take(move || here(&path)).await.unwrap_or(Err(NoTree::Denied))?
        } else {
            far(path, place, with).await?
        };
        Ok(tree.of(settings))
    }

    /// Only what the patterns name.
    fn of(mut self, settings: &FilesSettings) -> Tree {
        let (include, exclude) = (&settings.include, &settings.exclude);
        let mut found: HashSet<&str> = HashSet::new();
        self.files.retain(|entry| {
            let mut is_in = include.is_empty();
            for pattern in include.iter().filter(|pattern| fits(pattern, &entry.path)) {
                found.insert(pattern);
                is_in = true;
            }
            is_in && !exclude.iter().any(|pattern| fits(pattern, &entry.path))
        });
        self.missing = include.iter().filter(|pattern| !found.contains(pattern.as_str())).cloned().collect();
        // What is named comes before what is only described.
        self.missing.sort_by_key(|pattern| !is_plain(pattern));
        self
    }

    /// When the newest of them was changed.
    pub fn changed(&self) -> Option<DateTime<Utc>> {
        self.files.iter().map(|entry| entry.changed).max()
    }

    /// When anything of them was last changed, their names and their rights too.
    pub fn touched(&self) -> Option<DateTime<Utc>> {
        self.files.iter().map(|entry| entry.touched).max()
    }
}

fn here(path: &Path) -> Result<Tree, NoTree> {
    let meta = std::fs::metadata(path).map_err(|error| refused(&error))?;
    let mut tree = Tree::default();
    if let Some(what) = no_file(&meta) {
        return Err(NoTree::NoFile(what));
    }
    if !meta.is_dir() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        tree.files.extend(entry_of(name, &meta));
        return Ok(tree);
    }
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if folder == path => return Err(refused(&error)),
            Err(_) => {
                tree.closed += 1;
                continue;
            }
        };
        for entry in entries.flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_dir() && entry.file_name() != ".git" {
                folders.push(entry.path());
            } else if meta.is_file() {
                if tree.files.len() >= MOST {
                    tree.cut = true;
                    return Ok(tree);
                }
                let below = entry.path().strip_prefix(path).map(Path::to_path_buf).unwrap_or_default();
                tree.files.extend(entry_of(below.to_string_lossy().into_owned(), &meta));
            }
        }
    }
    Ok(tree)
}

/// Nothing of a file that was changed at no time.
fn entry_of(path: String, meta: &std::fs::Metadata) -> Option<Entry> {
    let touched = DateTime::from_timestamp(meta.ctime(), 0)?;
    Some(Entry { path, changed: meta.modified().ok()?.into(), touched, size: meta.len() })
}

/// Why something cannot be looked at.
pub fn refused(error: &std::io::Error) -> NoTree {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => NoTree::Missing,
        _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            NoTree::NoFile("its symbolic links lead in a circle")
        }
        _ => NoTree::Denied,
    }
}

/// What it is, where it is neither a file nor a folder.
pub fn no_file(meta: &std::fs::Metadata) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    let kind = meta.file_type();
    match () {
        () if kind.is_fifo() => Some("it is a pipe"),
        () if kind.is_socket() => Some("it is a socket"),
        () if kind.is_char_device() || kind.is_block_device() => Some("it is a device"),
        () => None,
    }
}

/// With programs that every system has, also the smallest.
async fn far(path: &Path, place: &Place, with: &Contact<'_>) -> Result<Tree, NoTree> {
    let reach = Reach::open(place, with.reach).await.map_err(NoTree::Reach)?;
    let command = Command::new("find").arg("-H").arg(path).args([
        "-xdev",
        "-name",
        ".git",
        "-prune",
        "-o",
        "-type",
        "f",
        "-exec",
        "stat",
        "-c",
        "%Y %Z %s %n",
        "{}",
        "+",
    ]);
    let command = command.env("LC_ALL", "C").keep(2 * KEEP).cancelled_by(with.stop.clone());
    let output = reach.run(command).await.map_err(NoTree::Reach)?;
    let said = output.stderr.shown(&with.reach.redactor, 2_000);
    let mut tree = Tree { cut: output.stdout.whole().is_none(), ..Tree::default() };
    tree.closed = said.matches("Permission denied").count();
    let text = output.stdout.end();
    let prefix = path.to_string_lossy().trim_end_matches('/').to_owned();
    tree.files = String::from_utf8_lossy(&text).lines().filter_map(|line| entry(line, &prefix)).take(MOST).collect();
    if tree.files.is_empty() && !output.is_ok() {
        return Err(match said {
            said if said.contains("No such file") => NoTree::Missing,
            said if said.contains("Permission denied") => NoTree::Denied,
            _ => NoTree::Reach(output.ok().err().unwrap_or(ReachError::BadPlace {
                place: reach.place().to_owned(),
                why: "`find` found nothing there".to_owned(),
            })),
        });
    }
    Ok(tree)
}

fn entry(line: &str, prefix: &str) -> Option<Entry> {
    let mut words = line.splitn(4, ' ');
    let mut moment = || DateTime::from_timestamp(words.next()?.parse().ok()?, 0);
    let (changed, touched) = (moment()?, moment()?);
    let size = words.next()?.parse().ok()?;
    let path = words.next()?.strip_prefix(prefix)?.trim_start_matches('/');
    // The component is this file itself.
    let path = if path.is_empty() { prefix.rsplit('/').next()? } else { path };
    Some(Entry { path: path.to_owned(), changed, touched, size })
}
