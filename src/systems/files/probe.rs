//! The probe of files.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use super::git::{self, Git};
use super::glance::Named;
use super::tree::{NoTree, Tree};
use crate::plan::Place;
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::{Component, FilesSettings};
use crate::systems::contact::{Contact, address};
use crate::systems::machine::{tell_disks, usage};
use crate::systems::one_look::OneLook;
use crate::systems::probe::{Depth, Probe, Subject, Told};
use crate::systems::reading::Reason;
use crate::systems::recent::{Folders, folders, newest};
use crate::systems::trouble::{ContactError, failed, refusal};
use crate::text::{Shape, Size, untrusted};

/// How many missing patterns are named.
const NAMED: usize = 5;
/// What is said where none of them is left.
const NOT_ONE: &str = "not one of its files is there";

/// Looks at the files of a component.
pub struct FilesProbe {
    component: Component,
    settings: FilesSettings,
    place: Place,
    backups: Folders,
    named: Named,
    looks: OneLook,
}

impl FilesProbe {
    /// The probe of files, and of the backups that protect them.
    pub fn new(subject: Subject<'_>) -> FilesProbe {
        let settings = subject.component.files.clone().unwrap_or_default();
        FilesProbe {
            component: subject.component.clone(),
            named: Named::of(&settings.include),
            looks: OneLook::new(),
            settings,
            place: subject.component.reach.clone().unwrap_or_default(),
            backups: folders(subject.plan, &subject.component.name, &[]),
        }
    }

    /// Whether what the plan names is there, and how much room is left: a glance, however many files there are.
    async fn vital(&mut self, with: &Contact<'_>) -> Result<Told, ContactError> {
        let mut told = Told::default();
        let path = PathBuf::from(address(&self.component)?);
        let glance = match self.named.glance(&path, &self.place, &self.looks, with).await {
            Ok(glance) => glance,
            Err(error @ NoTree::Missing) => {
                told.facts.set("presence", Value::word("missing"));
                told.reasons.push(Reason::of_fact(
                    Verdict::Down,
                    "presence",
                    unseen(&self.component, error).to_string(),
                ));
                return Ok(told);
            }
            Err(NoTree::NoFile(what)) => {
                let sentence = format!("it is no file: {what}");
                told.facts.hide("presence", sentence.clone());
                told.reasons.push(Reason::new(Verdict::Unknown, sentence));
                return Ok(told);
            }
            Err(error) => return Err(unseen(&self.component, error)),
        };
        told.identity = format!("files at {}", path.display());
        let missing = glance.missing.len();
        let word = if glance.is_empty || (missing > 0 && missing == self.settings.include.len()) {
            told.reasons.push(Reason::of_fact(Verdict::Down, "presence", NOT_ONE));
            "missing"
        } else if missing > 0 {
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "presence", there_is_no(&glance.missing)));
            "partial"
        } else {
            "present"
        };
        told.facts.set("presence", Value::word(word));
        match usage(std::slice::from_ref(&path), &self.place, &self.looks, with).await {
            Ok(disks) => tell_disks(&disks, &mut told.facts),
            Err(error) => told.facts.hide("disk", error.to_string()),
        }
        Ok(told)
    }

    /// All of them one by one, what git says, and what changed since the last backup.
    async fn rare(&self, with: &Contact<'_>) -> Result<Told, ContactError> {
        let mut told = Told::default();
        let path = PathBuf::from(address(&self.component)?);
        let tree = Tree::look(&path, &self.settings, &self.place, &self.looks, with).await;
        let tree = tree.map_err(|error| unseen(&self.component, error))?;
        tell(&path, &tree, &mut told);
        let (git, backup) = tokio::join!(self.git(&path, with), self.last_backup());
        match git {
            Some(Ok(git)) => tell_git(&git, &mut told),
            Some(Err(why)) => told.facts.hide("git", why),
            None => {}
        }
        match backup {
            Ok(at) => {
                let changed = tree.files.iter().filter(|entry| entry.changed > at).count();
                told.facts.set("changed_since_backup", Value::Count(changed as u64));
            }
            Err(why) => told.facts.hide("changed_since_backup", why),
        }
        Ok(told)
    }

    /// Asks git, unless the plan says that they are not kept in it.
    async fn git(&self, path: &Path, with: &Contact<'_>) -> Option<Result<Git, String>> {
        if self.settings.git != Some(true) {
            return None;
        }
        let state = git::state(path, &self.place, with).await.map_err(|error| error.to_string());
        Some(match state {
            Ok(Git::Silent(why)) => Err(why),
            state => state,
        })
    }

    /// When the last backup of configuration was written to a folder of this machine.
    async fn last_backup(&self) -> Result<DateTime<Utc>, String> {
        if self.backups.here.is_empty() {
            return Err(self.backups.why.clone());
        }
        let folders = self.backups.here.clone();
        let looking = self.looks.take(move || {
            let found = folders.iter().filter_map(|folder| newest(&folder.join("config"), &|_| true));
            found.map(|(_, written)| written).max()
        });
        let found = looking.await.flatten();
        found.map(DateTime::from).ok_or_else(|| "there is no backup of it yet".to_owned())
    }
}

impl Probe for FilesProbe {
    fn ask<'a>(&'a mut self, depth: Depth, with: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>> {
        Box::pin(async move {
            match depth {
                Depth::Vital => self.vital(with).await,
                Depth::Rare => self.rare(with).await,
            }
        })
    }
}

/// What it says about them that there is nothing to look at.
pub fn unseen(component: &Component, error: NoTree) -> ContactError {
    match error {
        NoTree::Missing => refusal(component, "it is not there"),
        NoTree::NoFile(what) => ContactError::strange(component, format!("it is no file: {what}")),
        NoTree::Denied => ContactError::denied(component, "its files may not be listed"),
        NoTree::Reach(error) => failed(component, &error),
    }
}

fn there_is_no(names: &[String]) -> String {
    let names: Vec<String> = names.iter().take(NAMED).map(|name| untrusted(name, Shape::line(60))).collect();
    format!("there is no {}", names.join(", no "))
}

fn tell(path: &Path, tree: &Tree, told: &mut Told) {
    told.identity = format!("{} files at {}", tree.files.len(), path.display());
    let facts = &mut told.facts;
    facts.set("files", Value::Count(tree.files.len() as u64));
    facts.set("size", Value::Size(Size(tree.files.iter().map(|entry| entry.size).fold(0, u64::saturating_add))));
    facts.set("files_missing", Value::Count(tree.missing.len() as u64));
    facts.set_some("changed", tree.changed().map(Value::Moment));
    if tree.files.is_empty() {
        told.reasons.push(Reason::of_fact(Verdict::Down, "presence", NOT_ONE));
    } else if !tree.missing.is_empty() {
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "files_missing", there_is_no(&tree.missing)));
    }
    if tree.cut || tree.closed > 0 {
        let why = if tree.cut { "there are too many files to look at all" } else { "some folders may not be read" };
        told.facts.hide("files", why);
    }
    let mut newest: Vec<_> = tree.files.iter().collect();
    newest.sort_by_key(|entry| std::cmp::Reverse(entry.changed));
    let row = |entry: &&super::tree::Entry| {
        vec![entry.path.clone(), crate::text::instant::stamp(entry.changed), Size(entry.size).approx()]
    };
    let rows = newest.iter().take(20).map(row).collect();
    told.facts.list_of("Files, the last changed first", &["File", "Changed", "Size"], rows, tree.files.len());
}

fn tell_git(git: &Git, told: &mut Told) {
    match git {
        Git::None | Git::Silent(_) => {
            told.facts.set("git", Value::word("none"));
            let sentence = "its folder is not kept in git, as the plan says it is";
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "git", sentence));
        }
        Git::Kept { commit, changed } => {
            told.facts.set("git", Value::word(if *changed { "changed" } else { "clean" }));
            if let Some(commit) = commit {
                told.facts.set_text("commit", commit);
            }
        }
    }
}
