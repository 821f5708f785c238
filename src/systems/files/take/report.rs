//! What became of the files of a component while they were packed.

use std::collections::{BTreeMap, BTreeSet};

use crate::systems::files::pattern::is_plain;
use crate::text::{Shape, untrusted};

/// How many names of a sort are told.
const TOLD: usize = 20;

/// What nobody here may read.
pub const UNREADABLE: &str = "files that this user may not read";
/// What has another length in the archive than it has bytes.
pub const SHRUNK: &str = "the ends of files that became shorter while they were read";
/// What is not looked into.
pub const TOO_DEEP: &str = "folders that lie too deep, and what is in them";
/// Links whose files lie elsewhere: a restore elsewhere finds nothing behind them.
pub const LEADS_OUT: &str = "what links lead to that lies outside";
/// The same where a secret is called for.
pub const SECRET_OUTSIDE: &str = "secrets that lie outside, with only a link to them";
/// What an archive without them is incomplete for.
const LACKS: [&str; 4] = [UNREADABLE, SHRUNK, TOO_DEEP, SECRET_OUTSIDE];

/// What became of them.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many files were packed.
    pub files: u64,
    /// How many links, as links.
    pub links: u64,
    /// How many folders.
    pub folders: u64,
    /// How many bytes the files have.
    pub bytes: u64,
    /// How many are secret, and belong elsewhere.
    pub secret: u64,
    /// The patterns of the plan that name something of it.
    named: BTreeSet<String>,
    /// What is not as it should be, by what that is: how often, and the first names.
    odd: BTreeMap<&'static str, (u64, Vec<String>)>,
}

impl Report {
    /// Something about a file that must be told.
    pub fn note(&mut self, what: &'static str, path: &[u8]) {
        let (count, names) = self.odd.entry(what).or_default();
        *count += 1;
        if names.len() < TOLD {
            names.push(untrusted(path, Shape::line(120)));
        }
    }

    /// Something is there that these patterns name.
    pub fn names<'p>(&mut self, patterns: impl Iterator<Item = &'p String>) {
        for pattern in patterns {
            if !self.named.contains(pattern) {
                self.named.insert(pattern.clone());
            }
        }
    }

    /// That something is not there which the plan names, rather than any of a sort; nothing where all is.
    pub fn missing(&self, include: &[String]) -> Option<String> {
        let is_missing = |pattern: &&String| {
            let first = pattern.trim_start_matches("./").split('/').next().unwrap_or_default();
            is_plain(first) && !self.named.contains(*pattern)
        };
        let missing: Vec<&str> = include.iter().filter(is_missing).map(String::as_str).collect();
        let told = format!("what `files.include` names and is not there: {}", missing.join(", "));
        (!missing.is_empty()).then(|| untrusted(told, Shape::line(600)))
    }

    /// Adds what became of the other part.
    pub fn add(&mut self, other: &Report) {
        self.files += other.files;
        self.links += other.links;
        self.folders += other.folders;
        self.bytes += other.bytes;
        self.names(other.named.iter());
        for (what, (count, names)) in &other.odd {
            let (all, told) = self.odd.entry(what).or_default();
            *all += count;
            for name in names.iter().filter(|_| *count > 0) {
                if told.len() < TOLD && !told.contains(name) {
                    told.push(name.clone());
                }
            }
        }
    }

    /// What is not in it and need not be, a sentence each.
    pub fn sentences(&self) -> impl Iterator<Item = String> {
        self.told(|what| !LACKS.contains(&what))
    }

    /// What is not in it and should be, a sentence each.
    pub fn lacks(&self) -> impl Iterator<Item = String> {
        self.told(|what| LACKS.contains(&what))
    }

    fn told(&self, is_told: impl Fn(&str) -> bool) -> impl Iterator<Item = String> {
        self.odd.iter().filter(move |(what, _)| is_told(what)).map(|(what, (count, names))| {
            let more = count - names.len() as u64;
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            format!("{what}: {}{more}", names.join(", "))
        })
    }
}
