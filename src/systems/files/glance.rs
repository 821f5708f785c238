//! A glance at the files that the plan names one by one: cheap enough for every interval, however many lie around them.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;

use super::pattern::{fits, is_plain};
use super::tree::{NoTree, no_file, refused};
use crate::plan::Place;
use crate::reach::{Command, Reach, ReachError};
use crate::systems::contact::Contact;
use crate::systems::one_look::OneLook;

/// What a glance shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// Nothing at all lies in the folder.
    pub is_empty: bool,
    /// Which of the names do not lie where they say.
    pub missing: Vec<String>,
}

/// The names in the plan that a glance can look for.
pub struct Named {
    all: Vec<String>,
    /// Names without a folder, which may lie in any: missing is only what was seen at the top before.
    seen: HashSet<String>,
}

impl Named {
    /// Those among the patterns that name one file.
    pub fn of(include: &[String]) -> Named {
        let plain = include.iter().filter(|pattern| is_plain(pattern));
        let all = plain.map(|name| name.trim_start_matches("./").trim_end_matches('/').to_owned()).collect();
        Named { all, seen: HashSet::new() }
    }

    /// Looks for them below a path.
    pub async fn glance(
        &mut self,
        path: &Path,
        place: &Place,
        looks: &OneLook,
        with: &Contact<'_>,
    ) -> Result<Glance, NoTree> {
        let mut glance = if place.is_here() {
            let (path, names) = (path.to_owned(), self.all.clone());
            looks.take(move || here(&path, &names)).await.unwrap_or(Err(NoTree::Denied))?
        } else {
            far(path, &self.all, place, with).await?
        };
        let there = self.all.iter().filter(|name| !glance.missing.contains(name)).cloned();
        self.seen.extend(there);
        glance.missing.retain(|name| name.contains('/') || self.seen.contains(name));
        Ok(glance)
    }
}

fn here(path: &Path, names: &[String]) -> Result<Glance, NoTree> {
    let meta = std::fs::metadata(path).map_err(|error| refused(&error))?;
    if let Some(what) = no_file(&meta) {
        return Err(NoTree::NoFile(what));
    }
    if !meta.is_dir() {
        let own = path.file_name().unwrap_or_default().to_string_lossy();
        let missing = names.iter().filter(|name| !fits(name, &own)).cloned().collect();
        return Ok(Glance { is_empty: false, missing });
    }
    let is_empty = std::fs::read_dir(path).map_err(|error| refused(&error))?.next().is_none();
    let is_missing = |name: &&String| {
        let looked = std::fs::symlink_metadata(path.join(name)).map_err(|error| refused(&error));
        matches!(looked, Err(NoTree::Missing))
    };
    Ok(Glance { is_empty, missing: names.iter().filter(is_missing).cloned().collect() })
}

/// `ls` names what is there of what it is asked for, and complains of the rest.
async fn far(path: &Path, names: &[String], place: &Place, with: &Contact<'_>) -> Result<Glance, NoTree> {
    let reach = Reach::open(place, with.reach).await.map_err(NoTree::Reach)?;
    let paths = names.iter().map(|name| path.join(name).into_os_string());
    let command = Command::new("ls").args(["-d", "--"]).arg(path).args(paths).env("LC_ALL", "C");
    let output = reach.run(command.cancelled_by(with.stop.clone())).await.map_err(NoTree::Reach)?;
    let said = output.stderr.shown(&with.reach.redactor, 2_000);
    let text = output.stdout.end();
    let there: HashSet<OsString> = String::from_utf8_lossy(&text).lines().map(OsString::from).collect();
    if !there.contains(path.as_os_str()) {
        return Err(match said {
            said if said.contains("No such file") || said.contains("Not a directory") => NoTree::Missing,
            said if said.contains("Permission denied") => NoTree::Denied,
            _ => NoTree::Reach(output.ok().err().unwrap_or(ReachError::BadPlace {
                place: reach.place().to_owned(),
                why: "`ls` answers otherwise there".to_owned(),
            })),
        });
    }
    // Below what is a file, and in folders that we may not enter, nothing can be told.
    if said.contains("Not a directory") || said.contains("Permission denied") {
        return Ok(Glance::default());
    }
    let missing = names.iter().filter(|name| !there.contains(path.join(name).as_os_str())).cloned().collect();
    Ok(Glance { is_empty: false, missing })
}
