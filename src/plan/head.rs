//! The few words of a plan that say where its state is, read before the plan is understood.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;

use crate::text::{Exit, Explain};

/// What is needed of `[platform]` to find and share the state folder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Head {
    /// The platform's name.
    pub name: String,
    /// The state folder, if the plan names one.
    pub state: Option<PathBuf>,
    /// The group that shares it.
    pub group: Option<String>,
}

/// Why a plan's head cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The file or folder cannot be read.
    #[error("the plan {} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no TOML, or its `[platform]` is not what it should be.
    #[error("the plan {} cannot be understood: {why}", path.display())]
    Nonsense {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// No file says which platform it is.
    #[error("the plan {} does not say which platform it is for: it has no [platform]", .0.display())]
    NoPlatform(PathBuf),
}

impl Explain for HeadError {
    fn next_step(&self) -> String {
        match self {
            HeadError::Unreadable { .. } => "`lifeboat paths` shows which plan is in force and why.".to_owned(),
            HeadError::Nonsense { .. } => "Mend the plan there.".to_owned(),
            HeadError::NoPlatform(_) => "Begin it with [platform] and a name.".to_owned(),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

#[derive(Deserialize)]
struct File {
    platform: Option<Head>,
}

/// Reads the head of the plan at `path`, a file or a folder of them.
pub fn read(path: &Path) -> Result<Head, HeadError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| HeadError::Unreadable { path, source }
    };
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(unreadable(path))?;
        files = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
        files.sort();
    }
    for file in files {
        let text = fs::read_to_string(&file).map_err(unreadable(&file))?;
        let nonsense = |error: toml::de::Error| HeadError::Nonsense { path: file, why: error.to_string() };
        if let Some(head) = toml::from_str::<File>(&text).map_err(nonsense)?.platform {
            return Ok(head);
        }
    }
    Err(HeadError::NoPlatform(path.to_owned()))
}
