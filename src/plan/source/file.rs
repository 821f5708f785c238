//! The files of a plan: one file or the files of a directory, and the overlays laid over them.

use std::path::{Path, PathBuf};

use crate::text::{Exit, Explain, Size};

/// No plan that people wrote comes near it; a larger file is something else.
const LARGEST: u64 = 8 << 20;
const MOST_FILES: usize = 200;

/// A file of the plan.
#[derive(Clone, Debug)]
pub struct File {
    /// As it was named, for messages.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
}

impl File {
    /// The line that a byte is in, counted from 1.
    pub fn line(&self, byte: usize) -> usize {
        line(self.text.as_bytes(), byte)
    }
}

fn line(text: &[u8], byte: usize) -> usize {
    1 + text[..byte.min(text.len())].split(|byte| *byte == b'\n').skip(1).count()
}

/// Where the lines of a text begin, so that many places of it are found quickly.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<usize>,
    end: usize,
}

impl Lines {
    /// Those of `text`.
    pub fn of(text: &str) -> Lines {
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        Lines { starts: std::iter::once(0).chain(after).collect(), end: text.len() }
    }

    /// The line that a byte is in, counted from 1.
    pub fn number(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte)
    }

    /// Where a line begins; the end of the text for one after the last.
    pub fn start(&self, number: usize) -> usize {
        self.starts.get(number.saturating_sub(1)).copied().unwrap_or(self.end)
    }
}

/// All files of a plan, in the order they were read.
pub type Sources = Vec<File>;

/// Why a plan could not even be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is not there.
    #[error("the plan {} does not exist", .0.display())]
    Missing(PathBuf),
    /// The system refuses.
    #[error("the plan {} cannot be read: {}", .0.display(), .1)]
    Unreadable(PathBuf, std::io::Error),
    /// Neither a file nor a directory.
    #[error("the plan {} is neither a file nor a directory", .0.display())]
    NotAFile(PathBuf),
    /// Larger than any plan.
    #[error("the plan {} has {}; no plan is larger than {}", .0.display(), Size(*.1).approx(), Size(LARGEST).approx())]
    TooLarge(PathBuf, u64),
    /// A directory with more files than any plan.
    #[error("the plan {} has more than {MOST_FILES} files", .0.display())]
    TooMany(PathBuf),
    /// Not text.
    #[error("the plan {} is not text: byte {} (line {}) is not UTF-8", .0.display(), .1, .2)]
    NotText(PathBuf, usize, usize),
    /// Nothing in it.
    #[error("the plan {} is empty", .0.display())]
    Empty(PathBuf),
    /// A directory without plan files.
    #[error("the plan {} is a directory without any .toml file", .0.display())]
    NoFiles(PathBuf),
    /// Several of its files, none of which can be read.
    #[error("nothing of the plan {} can be read: {}", .0.display(), several(.1))]
    Several(PathBuf, Vec<LoadError>),
    /// An overlay that is neither a name nor a file.
    #[error("the overlay {0:?} is neither a name nor the path of a .toml file that is there")]
    NoOverlayName(String),
    /// An overlay that is not there.
    #[error("the overlay {name:?} is at neither {} nor {}", .tried.0.display(), .tried.1.display())]
    NoOverlay {
        /// As it was asked for.
        name: String,
        /// Where it was looked for.
        tried: (PathBuf, PathBuf),
    },
}

impl Explain for LoadError {
    fn next_step(&self) -> String {
        match self {
            LoadError::Unreadable(path, error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                format!("let your user or group read it (chmod g+r {0}), or name another with --plan", path.display())
            }
            LoadError::NoOverlay { .. } => "write it there, or name the file itself with --overlay".to_owned(),
            LoadError::NoOverlayName(_) => {
                "name an overlay by one word, such as staging, or by the path of its .toml file".to_owned()
            }
            LoadError::Missing(_) => "name the plan with --plan, or begin one with `lifeboat plan new`".to_owned(),
            _ => {
                "name a plan file or a directory of .toml files with --plan; `lifeboat plan new` begins one".to_owned()
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

fn several(errors: &[LoadError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What lies where the plan should lie.
#[derive(Debug, Default)]
pub struct Collected {
    /// The plan's own files, in the order they are read. One that cannot be read is empty.
    pub files: Sources,
    /// What lies over them.
    pub overlays: Sources,
    /// Files of a directory that cannot be read, by their index, and why.
    pub unread: Vec<(usize, LoadError)>,
    /// Folders that are called like files; they are passed over.
    pub folders: Vec<usize>,
}

/// The plan's own files and its overlays.
pub fn collect(plan: &Path, overlays: &[String]) -> Result<Collected, LoadError> {
    let kind = std::fs::metadata(plan).map_err(|error| failed(plan, error))?;
    let mut collected =
        if kind.is_dir() { directory(plan)? } else { Collected { files: vec![read(plan)?], ..Collected::default() } };
    collected.overlays =
        overlays.iter().map(|name| read(&find_overlay(plan, kind.is_dir(), name)?)).collect::<Result<_, _>>()?;
    Ok(collected)
}

/// Every file of a directory. One that cannot be read hides no other.
fn directory(plan: &Path) -> Result<Collected, LoadError> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(plan).map_err(|error| failed(plan, error))? {
        let path = entry.map_err(|error| failed(plan, error))?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.extension().is_some_and(|extension| extension == "toml") && !hidden {
            paths.push(path);
        }
        if paths.len() > MOST_FILES {
            return Err(LoadError::TooMany(plan.to_owned()));
        }
    }
    paths.sort();
    let mut collected = Collected::default();
    for (index, path) in paths.into_iter().enumerate() {
        let nothing = |path| File { path, text: String::new() };
        match read(&path) {
            Ok(file) => collected.files.push(file),
            Err(LoadError::NotAFile(path)) if path.is_dir() => {
                collected.folders.push(index);
                collected.files.push(nothing(path));
            }
            Err(error) => {
                collected.unread.push((index, error));
                collected.files.push(nothing(path));
            }
        }
    }
    let is_any_read = collected.files.len() > collected.unread.len() + collected.folders.len();
    if is_any_read {
        return Ok(collected);
    }
    let mut errors: Vec<LoadError> = collected.unread.into_iter().map(|(_, error)| error).collect();
    Err(match (errors.len(), errors.pop()) {
        (_, None) => LoadError::NoFiles(plan.to_owned()),
        (1, Some(only)) => only,
        (_, Some(last)) => {
            errors.push(last);
            LoadError::Several(plan.to_owned(), errors)
        }
    })
}

/// A path, else `overlays/NAME.toml` in a directory, else `plan.NAME.toml` beside a file.
fn find_overlay(plan: &Path, is_directory: bool, name: &str) -> Result<PathBuf, LoadError> {
    let named = PathBuf::from(name);
    let is_file = || named.extension().is_some_and(|extension| extension == "toml") && named.exists();
    if name.contains(['/', '\0']) || matches!(name, "" | "." | "..") {
        return if is_file() { Ok(named) } else { Err(LoadError::NoOverlayName(name.to_owned())) };
    }
    let beside = if is_directory {
        plan.join("overlays").join(format!("{name}.toml"))
    } else {
        plan.with_extension(format!("{name}.toml"))
    };
    if is_file() {
        Ok(named)
    } else if beside.exists() {
        Ok(beside)
    } else {
        Err(LoadError::NoOverlay { name: name.to_owned(), tried: (named, beside) })
    }
}

fn read(path: &Path) -> Result<File, LoadError> {
    let kind = std::fs::metadata(path).map_err(|error| failed(path, error))?;
    if !kind.is_file() {
        return Err(LoadError::NotAFile(path.to_owned()));
    }
    if kind.len() > LARGEST {
        return Err(LoadError::TooLarge(path.to_owned(), kind.len()));
    }
    let bytes = std::fs::read(path).map_err(|error| failed(path, error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        LoadError::NotText(path.to_owned(), valid, line(error.as_bytes(), valid))
    })?;
    if text.trim().is_empty() {
        return Err(LoadError::Empty(path.to_owned()));
    }
    Ok(File { path: path.to_owned(), text })
}

fn failed(path: &Path, error: std::io::Error) -> LoadError {
    match error.kind() {
        std::io::ErrorKind::NotFound => LoadError::Missing(path.to_owned()),
        _ => LoadError::Unreadable(path.to_owned(), error),
    }
}
