//! Beginning a plan: the commented starter and the plans that come with Lifeboat, written where
//! nothing is yet.

use std::fs;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::names::nearest;
use super::source::File;
use crate::text::{Exit, Explain};

/// A plan that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// What it is asked for by.
    pub name: &'static str,
    /// Its files; several make a directory.
    files: &'static [(&'static str, &'static str)],
}

/// The starter, with the day it is begun on left open.
const STARTER: Shipped =
    Shipped { name: "starter", files: &[("plan.toml", include_str!("../../assets/plans/starter.toml"))] };

/// The platforms that the program was conceived for, complete.
const AGENT_ORCHESTRATOR: Shipped = Shipped {
    name: "agent-orchestrator",
    files: &[
        ("00-platform.toml", include_str!("../../assets/plans/agent-orchestrator/00-platform.toml")),
        ("10-components.toml", include_str!("../../assets/plans/agent-orchestrator/10-components.toml")),
        ("20-protection.toml", include_str!("../../assets/plans/agent-orchestrator/20-protection.toml")),
        ("30-scenarios.toml", include_str!("../../assets/plans/agent-orchestrator/30-scenarios.toml")),
        ("40-procedures.toml", include_str!("../../assets/plans/agent-orchestrator/40-procedures.toml")),
        ("41-failures.toml", include_str!("../../assets/plans/agent-orchestrator/41-failures.toml")),
        ("45-decisions.toml", include_str!("../../assets/plans/agent-orchestrator/45-decisions.toml")),
        ("50-people.toml", include_str!("../../assets/plans/agent-orchestrator/50-people.toml")),
        ("60-messages.toml", include_str!("../../assets/plans/agent-orchestrator/60-messages.toml")),
        ("65-checklists.toml", include_str!("../../assets/plans/agent-orchestrator/65-checklists.toml")),
        ("70-governance.toml", include_str!("../../assets/plans/agent-orchestrator/70-governance.toml")),
        ("80-cost.toml", include_str!("../../assets/plans/agent-orchestrator/80-cost.toml")),
    ],
};
const AGENT_FACTORY: Shipped =
    Shipped { name: "agent-factory", files: &[("plan.toml", include_str!("../../assets/plans/agent-factory.toml"))] };
const AGENT_FRAMEWORK: Shipped = Shipped {
    name: "agent-framework",
    files: &[("plan.toml", include_str!("../../assets/plans/agent-framework.toml"))],
};

/// Every plan that comes with the program.
pub const SHIPPED: [Shipped; 4] = [STARTER, AGENT_ORCHESTRATOR, AGENT_FACTORY, AGENT_FRAMEWORK];

/// Why a plan could not be begun.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// No plan of that name comes with the program.
    #[error("no plan called {0:?} comes with Lifeboat")]
    Unknown(String),
    /// It is a folder of files, and the name is that of a file.
    #[error("{0} is a folder of files, and {path} would be the name of one", path = .1.display())]
    Folder(&'static str, PathBuf),
    /// Something lies there already.
    #[error("{} is there already, and nothing existing is overwritten", .0.display())]
    Exists(PathBuf),
    /// The system refuses.
    #[error("the plan could not be written to {}: {}", .0.display(), .1)]
    Failed(PathBuf, std::io::Error),
}

impl Explain for BeginError {
    fn next_step(&self) -> String {
        match self {
            BeginError::Unknown(name) => {
                let names: Vec<_> = SHIPPED.iter().map(|shipped| shipped.name).collect();
                let near = nearest(name, names.iter().copied()).map(|near| format!("Did you mean {near}? "));
                format!("{}There are: {}.", near.unwrap_or_default(), names.join(", "))
            }
            BeginError::Folder(..) => "Name a folder: leave .toml out.".to_owned(),
            BeginError::Exists(_) => "Name another place: `lifeboat plan new PATH`.".to_owned(),
            BeginError::Failed(..) => "Name a place you may write to: `lifeboat plan new PATH`.".to_owned(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            BeginError::Unknown(_) | BeginError::Folder(..) => Exit::Usage,
            BeginError::Exists(_) => Exit::Refused,
            BeginError::Failed(..) => Exit::Failed,
        }
    }
}

impl Shipped {
    /// The plan of that name.
    pub fn named(name: &str) -> Result<Shipped, BeginError> {
        let found = SHIPPED.into_iter().find(|shipped| shipped.name == name);
        found.ok_or_else(|| BeginError::Unknown(name.to_owned()))
    }

    /// Its files, dated `today` where a plan begins on the day it is written.
    pub fn files(self, today: NaiveDate) -> Vec<File> {
        let dated = |text: &str| text.replace("@TODAY@", &today.to_string());
        self.files.iter().map(|(name, text)| File { path: PathBuf::from(name), text: dated(text) }).collect()
    }

    /// Where it usually lies in a configuration folder. Two plans side by side would make both useless.
    pub fn usual_place(self, configuration: &Path) -> Result<PathBuf, BeginError> {
        let places = ["plan.toml", "plan.d"].map(|name| configuration.join(name));
        if let Some(there) = places.iter().find(|path| path.symlink_metadata().is_ok()) {
            return Err(BeginError::Exists(there.clone()));
        }
        let [file, folder] = places;
        Ok(if self.files.len() == 1 { file } else { folder })
    }

    /// Writes it to `path`, a file or a new directory, whole or not at all.
    pub fn begin(self, path: &Path, today: NaiveDate) -> Result<(), BeginError> {
        if self.files.len() > 1 && path.extension().is_some_and(|ending| ending == "toml") {
            return Err(BeginError::Folder(self.name, path.to_owned()));
        }
        if path.symlink_metadata().is_ok() {
            return Err(BeginError::Exists(path.to_owned()));
        }
        let failed = |error| match std::io::Error::kind(&error) {
            std::io::ErrorKind::AlreadyExists => BeginError::Exists(path.to_owned()),
            _ => BeginError::Failed(path.to_owned(), error),
        };
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let partial = path.with_added_extension(format!("partial-{}", std::process::id()));
        let written = self.write(&partial, today).and_then(|()| publish(&partial, path));
        if written.is_err() {
            // Best effort: what matters is the error that is told.
            let _ = if self.files.len() == 1 { fs::remove_file(&partial) } else { fs::remove_dir_all(&partial) };
        }
        written.map_err(failed)
    }

    fn write(self, partial: &Path, today: NaiveDate) -> std::io::Result<()> {
        let files = self.files(today);
        if let [file] = files.as_slice() {
            return write_new(partial, &file.text);
        }
        fs::DirBuilder::new().mode(0o755).create(partial)?;
        files.iter().try_for_each(|file| write_new(&partial.join(&file.path), &file.text))
    }
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Gives the finished plan its name, unless somebody was quicker.
fn publish(partial: &Path, path: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, partial, CWD, path, RenameFlags::NOREPLACE)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 2).unwrap()
    }

    #[test]
    fn nothing_existing_is_overwritten_and_nothing_half_made_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deeper/plan.toml");
        STARTER.begin(&path, today()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("reviewed = 2026-01-02"), "{text}");
        assert!(matches!(STARTER.begin(&path, today()), Err(BeginError::Exists(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_second_plan_is_not_laid_beside_the_first() {
        let folder = tempfile::tempdir().unwrap();
        STARTER.begin(&STARTER.usual_place(folder.path()).unwrap(), today()).unwrap();
        let refused = AGENT_ORCHESTRATOR.usual_place(folder.path()).unwrap_err();
        assert!(matches!(&refused, BeginError::Exists(path) if path.ends_with("plan.toml")), "{refused}");
    }

    #[test]
    fn a_misspelt_name_is_guessed() {
        let error = Shipped::named("startr").unwrap_err();
        assert!(error.next_step().contains("Did you mean starter?"), "{}", error.next_step());
    }
}
