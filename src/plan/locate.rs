//! Which plan and which state folder are in force, and why: values only, nothing is printed or made.
//!
//! The plan: `--plan` (`.toml` may be left out), else the lab's with `--lab`, else `LIFEBOAT_PLAN`, else `plan.toml` or
//! `plan.d` in the user's configuration folder, else in `/etc/lifeboat`.
//! The state: `--state`, else what the plan names, else a folder per platform in the user's state
//! folder. With `--lab` both lie in the folder `lab` below `--state`, else below the state folder.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use serde::Serialize;

use crate::text::{Exit, Explain};

/// The configuration folder of the whole machine.
pub const SYSTEM_CONFIGURATION: &str = "/etc/lifeboat";
/// The folder of the lab, below the state folder.
const LAB: &str = "lab";

/// What the command line asks for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// `--plan`.
    pub plan: Option<PathBuf>,
    /// `--state`.
    pub state: Option<PathBuf>,
    /// `--lab`.
    pub lab: bool,
}

/// What the environment offers. Empty variables count as unset, relative XDG folders as well, as the
/// XDG base directory specification demands.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// `LIFEBOAT_PLAN`.
    pub plan: Option<PathBuf>,
    /// The user's configuration folder: `$XDG_CONFIG_HOME/lifeboat`, else `~/.config/lifeboat`.
    pub configuration: Option<PathBuf>,
    /// The user's state folder: `$XDG_STATE_HOME/lifeboat`, else `~/.local/state/lifeboat`.
    pub state: Option<PathBuf>,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_this_process() -> Surroundings {
        Surroundings::new(|name| std::env::var_os(name), std::env::home_dir())
    }

    /// Those that `variable` tells of, in the home folder `home`.
    pub fn new(variable: impl Fn(&str) -> Option<OsString>, home: Option<PathBuf>) -> Surroundings {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = home.filter(|path| path.is_absolute());
        let base = |name: &str, below_home: &str| {
            let named = set(name).filter(|path| path.is_absolute());
            named.or_else(|| Some(home.as_ref()?.join(below_home))).map(|path| path.join("lifeboat"))
        };
        Surroundings {
            plan: set("LIFEBOAT_PLAN"),
            configuration: base("XDG_CONFIG_HOME", ".config"),
            state: base("XDG_STATE_HOME", ".local/state"),
        }
    }
}

/// Why a plan is the one in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanWhy {
    /// `--plan` names it.
    Option,
    /// It is the lab's.
    Lab,
    /// `LIFEBOAT_PLAN` names it.
    Variable,
    /// It lies in the user's configuration folder.
    UserConfiguration,
    /// It lies in the machine's configuration folder.
    SystemConfiguration,
}

/// Why a state folder is the one in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateWhy {
    /// `--state` names it.
    Option,
    /// It is the lab's.
    Lab,
    /// The plan names it.
    Plan,
    /// Nothing names one: the user's state folder, one per platform.
    UserState,
}

/// A path in force, and why it is that one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Located<W> {
    /// Where.
    pub path: PathBuf,
    /// Why there.
    pub why: W,
}

/// The result of looking for a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanPlace {
    /// This one is in force, whether or not it can be read.
    Found(Located<PlanWhy>),
    /// There is none; these places were looked at.
    Nowhere(Vec<PathBuf>),
}

/// Why no plan or no state folder can be said to be in force.
#[derive(Debug, thiserror::Error)]
pub enum LocateError {
    /// Two plans lie side by side and neither has precedence.
    #[error("{} and {} both lie there, and only one of them can be in force", .0.display(), .1.display())]
    TwoPlans(PathBuf, PathBuf),
    /// The user has no folder for state.
    #[error("there is no folder for state: neither HOME nor XDG_STATE_HOME says where")]
    NoStateFolder,
    /// The platform's name cannot be the name of a folder.
    #[error("the platform's name {0:?} cannot be the name of its state folder")]
    NameNoFolder(String),
    /// The lab's own folder lies where this platform's would.
    #[error("a platform called \"lab\" would keep its state in the lab's own folder")]
    NameIsLab,
}

impl Explain for LocateError {
    fn next_step(&self) -> String {
        match self {
            LocateError::TwoPlans(..) => "Name one with --plan, or move the other away.".to_owned(),
            LocateError::NoStateFolder => "Name one with --state DIR.".to_owned(),
            LocateError::NameNoFolder(_) | LocateError::NameIsLab => {
                "Name a folder with --state DIR, or with `state` in the plan's [platform].".to_owned()
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// Which plan is in force. `exists` says whether something lies at a path.
pub fn plan(asked: &Asked, around: &Surroundings, exists: impl Fn(&Path) -> bool) -> Result<PlanPlace, LocateError> {
    let found = |path: PathBuf, why| Ok(PlanPlace::Found(Located { path, why }));
    if let Some(path) = &asked.plan {
        return found(with_ending(path, exists), PlanWhy::Option);
    }
    if asked.lab {
        return found(lab(asked, around)?.join("plan.toml"), PlanWhy::Lab);
    }
    if let Some(path) = &around.plan {
        return found(path.clone(), PlanWhy::Variable);
    }
    let user = around.configuration.clone().map(|folder| (folder, PlanWhy::UserConfiguration));
    let system = (PathBuf::from(SYSTEM_CONFIGURATION), PlanWhy::SystemConfiguration);
    let mut looked_at = Vec::new();
    for (folder, why) in user.into_iter().chain([system]) {
        let (file, directory) = (folder.join("plan.toml"), folder.join("plan.d"));
        match (exists(&file), exists(&directory)) {
            (true, true) => return Err(LocateError::TwoPlans(file, directory)),
            (true, false) => return found(file, why),
            (false, true) => return found(directory, why),
            (false, false) => looked_at.extend([file, directory]),
        }
    }
    Ok(PlanPlace::Nowhere(looked_at))
}

/// A plan may be called by the name that its file has before `.toml`.
fn with_ending(path: &Path, exists: impl Fn(&Path) -> bool) -> PathBuf {
    let mut longer = path.as_os_str().to_owned();
    longer.push(".toml");
    let longer = PathBuf::from(longer);
    if path.file_name().is_some() && !exists(path) && exists(&longer) { longer } else { path.to_owned() }
}

/// The path from the root on, links left as they are; as it was given where there is no working folder.
pub fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The folder the lab lives in.
pub fn lab(asked: &Asked, around: &Surroundings) -> Result<PathBuf, LocateError> {
    let base = asked.state.clone().or_else(|| around.state.clone()).ok_or(LocateError::NoStateFolder)?;
    Ok(whole(&base).join(LAB))
}

/// What a plan says about where its state is.
#[derive(Clone, Debug, Default)]
pub struct PlanSays<'a> {
    /// The platform's name.
    pub platform: &'a str,
    /// `state` of `[platform]`; relative to the plan's own folder.
    pub state: Option<&'a Path>,
}

/// Which state folder is in force for the plan at `plan`, which says `says`.
pub fn state(
    asked: &Asked,
    around: &Surroundings,
    plan: &Path,
    says: &PlanSays<'_>,
) -> Result<Located<StateWhy>, LocateError> {
    let at = |path, why| Ok(Located { path, why });
    if asked.lab {
        return at(lab(asked, around)?.join("state"), StateWhy::Lab);
    }
    if let Some(path) = &asked.state {
        return at(whole(path), StateWhy::Option);
    }
    if let Some(path) = says.state {
        let folder = plan.parent().unwrap_or(Path::new(""));
        return at(folder.join(path), StateWhy::Plan);
    }
    let base = around.state.clone().ok_or(LocateError::NoStateFolder)?;
    at(base.join(folder_name(says.platform)?), StateWhy::UserState)
}

/// A platform's name as the name of its state folder.
pub(super) fn folder_name(platform: &str) -> Result<&str, LocateError> {
    let mut parts = Path::new(platform).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(name)), None) if name == LAB => Err(LocateError::NameIsLab),
        (Some(Component::Normal(name)), None) if name == platform && !platform.contains(char::is_control) => {
            Ok(platform)
        }
        _ => Err(LocateError::NameNoFolder(platform.to_owned())),
    }
}

#[cfg(test)]
mod tests;
