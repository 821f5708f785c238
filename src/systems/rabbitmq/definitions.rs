//! The queues that should be there: those that the plan calls critical, and those of the last backup of the
//! definitions.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use flate2::read::GzDecoder;
use serde::Deserialize;

use super::listing::Listing;
use super::queue::{Id, Queue};
use crate::plan::regular::open;
use crate::plan::types::{Component, Method, Plan};
use crate::systems::recent::{folders, newest};

/// The largest backup of definitions that is read.
const MOST: u64 = 64 * 1024 * 1024;

/// What should be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Names of critical queues, in any of the protected virtual hosts.
    pub critical: Vec<String>,
    /// The virtual hosts that are protected; all if empty.
    pub vhosts: Vec<String>,
    /// Queues of the last backup, with the file's name.
    pub backup: Option<(String, Vec<Id>)>,
}

/// What is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// Critical queues that are nowhere.
    pub critical: Vec<String>,
    /// Others of the backup.
    pub others: Vec<Id>,
    /// How many queues were looked for.
    pub expected: usize,
}

/// Looks for the newest backup, and reads it if it is another than before.
#[derive(Clone, Debug, Default)]
pub struct Backup {
    folders: Vec<PathBuf>,
    read: Option<(PathBuf, SystemTime)>,
    queues: Option<(String, Vec<Id>)>,
}

#[derive(Deserialize)]
struct Definitions {
    #[serde(default)]
    queues: Vec<Defined>,
}

#[derive(Deserialize)]
struct Defined {
    name: String,
    #[serde(default = "usual_vhost")]
    vhost: String,
    #[serde(default)]
    auto_delete: bool,
}

fn usual_vhost() -> String {
    "/".to_owned()
}

impl Backup {
    /// The backups of a component's definitions.
    pub fn of(component: &Component, plan: &Plan) -> Backup {
        let folders = folders(plan, &component.name, &[Method::Definitions, Method::Queues]).here;
        Backup { folders, ..Backup::default() }
    }

    /// The queues of the newest one, with its file's name, as of the last look.
    pub fn queues(&self) -> Option<(String, Vec<Id>)> {
        self.queues.clone()
    }

    /// Looks again. Reads files of this machine, so it belongs beside everything else.
    pub fn look(&mut self) {
        let is_one = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("definitions_") && (name.ends_with(".json") || name.ends_with(".json.gz"))
        };
        let found = self.folders.iter().filter_map(|folder| newest(&folder.join("rabbitmq"), &is_one));
        let Some(found) = found.max_by_key(|(_, written)| *written) else { return };
        if self.read.as_ref() != Some(&found) {
            let name = found.0.file_name().unwrap_or_default().to_string_lossy().into_owned();
            self.queues = read(&found.0).ok().map(|queues| (name, queues));
            self.read = Some(found);
        }
    }
}

fn read(path: &Path) -> std::io::Result<Vec<Id>> {
    let file = open(path)?;
    let mut text = Vec::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        GzDecoder::new(file).take(MOST).read_to_end(&mut text)?;
    } else {
        file.take(MOST).read_to_end(&mut text)?;
    }
    let definitions: Definitions = serde_json::from_slice(&text).map_err(std::io::Error::other)?;
    let kept = definitions.queues.into_iter().filter(|queue| !queue.auto_delete);
    Ok(kept.map(|queue| (queue.vhost, queue.name)).collect())
}

impl Expected {
    /// Whether the plan calls a queue critical.
    pub fn is_critical(&self, queue: &Queue) -> bool {
        self.protects(&queue.vhost) && self.critical.contains(&queue.name)
    }

    fn protects(&self, vhost: &str) -> bool {
        self.vhosts.is_empty() || self.vhosts.iter().any(|protected| protected == vhost)
    }

    /// What is missing; nothing can be said where nothing is expected.
    pub fn missing(&self, listing: &Listing) -> Option<Missing> {
        let there: std::collections::HashSet<(&str, &str)> =
            listing.queues.iter().map(|queue| (&*queue.vhost, &*queue.name)).collect();
        let has = |name: &str| listing.queues.iter().any(|queue| self.protects(&queue.vhost) && queue.name == name);
        let critical: Vec<String> = self.critical.iter().filter(|name| !has(name)).cloned().collect();
        let backup = self.backup.iter().flat_map(|(_, queues)| queues);
        let looked_for = |id: &&Id| self.protects(&id.0) && !self.critical.contains(&id.1);
        let backup: Vec<&Id> = backup.filter(looked_for).collect();
        let expected = self.critical.len() + backup.len();
        let gone = |id: &&&Id| !there.contains(&(id.0.as_str(), id.1.as_str()));
        let others = backup.iter().filter(gone).map(|id| (*id).clone()).collect();
        (expected > 0).then_some(Missing { critical, others, expected })
    }
}

impl Missing {
    /// How many queues are missing.
    pub fn count(&self) -> usize {
        self.critical.len() + self.others.len()
    }

    /// The word of the fact `definitions`.
    pub fn word(&self) -> &'static str {
        match self.count() {
            0 => "complete",
            count if count == self.expected => "missing",
            _ => "incomplete",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(names: &[(&str, &str)]) -> Listing {
        let queue = |(vhost, name): &(&str, &str)| Queue {
            name: (*name).to_owned(),
            vhost: (*vhost).to_owned(),
            ..Queue::default()
        };
        Listing { total: names.len(), queues: names.iter().map(queue).collect(), ..Listing::default() }
    }

    fn id(vhost: &str, name: &str) -> Id {
        (vhost.to_owned(), name.to_owned())
    }

    #[test]
    fn what_is_expected_is_looked_for_where_it_is_protected() {
        let expected = Expected {
            critical: vec!["tasks".to_owned()],
            vhosts: vec!["/".to_owned()],
            backup: Some(("definitions".to_owned(), vec![id("/", "tasks"), id("/", "mail"), id("test", "x")])),
        };
        let word = |names: &[(&str, &str)]| expected.missing(&listing(names)).unwrap().word();
        assert_eq!(word(&[("/", "tasks"), ("/", "mail")]), "complete");
        assert_eq!(word(&[("/", "tasks")]), "incomplete");
        assert_eq!(word(&[("test", "tasks")]), "missing");
        let missing = expected.missing(&listing(&[])).unwrap();
        assert_eq!(
            (missing.count(), missing.critical, missing.others),
            (2, vec!["tasks".to_owned()], vec![id("/", "mail")])
        );
        assert_eq!(Expected::default().missing(&listing(&[])), None);
    }

    #[test]
    fn the_newest_backup_is_read_also_compressed() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let daily = folder.path().join("rabbitmq/daily");
        std::fs::create_dir_all(&daily).unwrap();
        let mut backup = Backup { folders: vec![folder.path().to_owned()], ..Backup::default() };
        let mut look = || {
            backup.look();
            backup.queues()
        };
        assert_eq!(look(), None);
        let text = br#"{"queues":[{"name":"a","vhost":"/"},{"name":"reply","vhost":"/","auto_delete":true}]}"#;
        std::fs::write(daily.join("definitions_20241118.json"), text).unwrap();
        std::fs::write(daily.join("queues_20241118.json"), b"[]").unwrap();
        assert_eq!(look().unwrap().1, [id("/", "a")]);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(br#"{"queues":[{"name":"b","vhost":"/"}]}"#).unwrap();
        let newer = daily.join("definitions_20241119.json.gz");
        std::fs::write(&newer, packed.finish().unwrap()).unwrap();
        let later = SystemTime::now() + std::time::Duration::from_secs(9);
        std::fs::File::options().write(true).open(&newer).unwrap().set_modified(later).unwrap();
        assert_eq!(look().unwrap(), ("definitions_20241119.json.gz".to_owned(), vec![id("/", "b")]));
    }
}
