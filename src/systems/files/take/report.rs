//! What became of the files of a component while they were packed.

use std::collections::BTreeMap;

use crate::text::{Shape, untrusted};

/// How many names of a sort are told.
const TOLD: usize = 20;

/// What nobody here may read.
pub const UNREADABLE: &str = "files that this user may not read";

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

    /// Adds what became of the other part.
    pub fn add(&mut self, other: &Report) {
        self.files += other.files;
        self.links += other.links;
        self.folders += other.folders;
        self.bytes += other.bytes;
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
        self.told(|what| what != UNREADABLE)
    }

    /// What is not in it and should be, a sentence each.
    pub fn lacks(&self) -> impl Iterator<Item = String> {
        self.told(|what| what == UNREADABLE)
    }

    fn told(&self, is_told: impl Fn(&str) -> bool) -> impl Iterator<Item = String> {
        self.odd.iter().filter(move |(what, _)| is_told(what)).map(|(what, (count, names))| {
            let more = count - names.len() as u64;
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            format!("{what}: {}{more}", names.join(", "))
        })
    }
}
