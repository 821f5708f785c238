//! The record of every process that the lab started, kept so that it survives our own sudden end.
//!
//! An intention is written before a server starts, its birth after. Between the two only the tag in its
//! environment tells: [`Processes::adopt`] finds it by that.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::launch::{self, Launch};
use super::procfs::{self, Born};
use super::{LabError, ServerId, files};

/// What is known about one server's process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Process {
    /// None between the intention and the birth.
    pub(super) born: Option<Born>,
    /// Whether it was asked to end, so that one that still answers is not taken for one that stays.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) ending: bool,
    /// The words it was started with, the program first.
    #[serde(default)]
    words: Vec<String>,
    /// The program that it turns into, where it is a script that gives way to another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    becomes: Option<String>,
}

impl Process {
    /// Whether a process with this command line is the server itself and not something that it started, which
    /// carries the same tag. A script has its interpreter in front.
    fn is_it(&self, line: &[String]) -> bool {
        let program = line.first().and_then(|first| Path::new(first).file_name()?.to_str());
        let turned = self.becomes.is_some() && self.becomes.as_deref() == program;
        turned || (!self.words.is_empty() && line.ends_with(&self.words))
    }
}

/// The record, in memory and on disk at once.
pub(super) struct Processes {
    path: PathBuf,
    /// The tag that every one of them carries.
    lab: String,
    known: Mutex<BTreeMap<ServerId, Process>>,
}

impl Processes {
    /// Reads the record; an empty one if there is none.
    pub(super) fn open(path: PathBuf, lab: &str) -> Result<Processes, LabError> {
        let known = files::read_record(&path)?.unwrap_or_default();
        Ok(Processes { path, lab: lab.to_owned(), known: Mutex::new(known) })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ServerId, Process>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, known: &BTreeMap<ServerId, Process>) -> Result<(), LabError> {
        files::write_json(&self.path, known, 0o600, None)
    }

    /// Writes down that `server` is about to start.
    pub(super) fn intend(&self, server: ServerId, launch: &Launch) -> Result<(), LabError> {
        let mut known = self.lock();
        let all = std::iter::once(launch.program.as_os_str()).chain(launch.arguments.iter().map(OsString::as_os_str));
        let words = all.map(|word| word.to_string_lossy().into_owned()).collect();
        known.insert(server, Process { born: None, ending: false, words, becomes: launch.becomes.map(str::to_owned) });
        self.save(&known)
    }

    /// Writes down which process it became.
    pub(super) fn record(&self, server: ServerId, born: Born) -> Result<(), LabError> {
        let mut known = self.lock();
        if let Some(process) = known.get_mut(&server) {
            process.born = Some(born);
        }
        self.save(&known)
    }

    /// Writes down that these are about to be ended.
    pub(super) fn will_end(&self, servers: &[ServerId]) -> Result<(), LabError> {
        let mut known = self.lock();
        for server in servers {
            if let Some(process) = known.get_mut(server) {
                process.ending = true;
            }
        }
        self.save(&known)
    }

    /// Writes down that it was ended.
    pub(super) fn forget(&self, server: ServerId) -> Result<(), LabError> {
        let mut known = self.lock();
        known.remove(&server);
        self.save(&known)
    }

    /// What is known about a server that should be running.
    pub(super) fn get(&self, server: ServerId) -> Option<Process> {
        self.lock().get(&server).cloned()
    }

    /// Every server that the record names.
    pub(super) fn known(&self) -> Vec<ServerId> {
        self.lock().keys().copied().collect()
    }

    /// The process of `server`, if it lives.
    pub(super) fn alive(&self, server: ServerId) -> Option<Born> {
        self.get(server)?.born.filter(|born| self.is_own(born))
    }

    /// Whether a process lives and carries the lab's tag.
    pub(super) fn is_own(&self, born: &Born) -> bool {
        procfs::alive(born).is_some() && procfs::is_of(born.pid, &self.lab)
    }

    /// Takes servers into the record that carry the lab's tag and are not in it, and returns helpers that
    /// outlived the one who started them; `helpers` are those of faults that are known. That the record could not
    /// be written is said beside: whoever only wants to end them can go on.
    pub(super) fn adopt(&self, lab: &str, helpers: &[Born]) -> (Vec<Born>, Result<(), LabError>) {
        let mut strays = Vec::new();
        let mut written = Ok(());
        for (stat, name) in procfs::tagged(lab) {
            let Some(born) = procfs::born(stat.pid).filter(|born| born.start == stat.start) else { continue };
            match name.parse::<ServerId>() {
                Ok(server) if self.alive(server).as_ref() == Some(&born) => {}
                Ok(server) if self.alive(server).is_none() && self.is_it(server, born.pid) => {
                    written = written.and(self.record(server, born));
                }
                Err(_) if name == launch::FAULT && helpers.contains(&born) => {}
                _ => strays.push(born),
            }
        }
        (strays, written)
    }

    /// Helpers of faults that no fault knows.
    pub(super) fn stray_helpers(lab: &str, known: &[Born]) -> Vec<Born> {
        let helpers = procfs::tagged(lab).into_iter().filter(|(_, name)| name == launch::FAULT);
        let born = helpers.filter_map(|(stat, _)| procfs::born(stat.pid).filter(|born| born.start == stat.start));
        born.filter(|born| !known.contains(born)).collect()
    }

    fn is_it(&self, server: ServerId, pid: i32) -> bool {
        self.get(server).is_some_and(|process| process.is_it(&procfs::words(pid)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_a_server_started_is_not_taken_for_the_server() {
        let process = |words: &[&str], becomes: Option<&str>| Process {
            born: None,
            ending: false,
            words: line(words),
            becomes: becomes.map(str::to_owned),
        };
        let server = process(&["/bin/postgres", "-D", "data"], None);
        assert!(server.is_it(&line(&["/bin/postgres", "-D", "data"])));
        assert!(server.is_it(&line(&["setsid", "/bin/postgres", "-D", "data"])));
        assert!(!server.is_it(&line(&["sh", "-c", "sleep 86399"])));
        assert!(!server.is_it(&line(&["postgres: primary: archiver archiving 000000010000000000000003"])));
        assert!(!server.is_it(&[]));
        let broker = process(&["/bin/rabbitmq-server"], Some("beam.smp"));
        assert!(broker.is_it(&line(&["/bin/sh", "/bin/rabbitmq-server"])));
        assert!(broker.is_it(&line(&["/usr/lib/erlang/bin/beam.smp", "-noinput"])));
        assert!(!broker.is_it(&line(&["erl_child_setup", "1024"])));
    }

    /// A record that names somebody else's process does not make it the lab's.
    #[test]
    fn a_process_without_the_tag_is_not_a_server() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("processes.json");
        let server: ServerId = "primary/redis".parse().unwrap();
        for (tag, is) in [("abcdefabcdef", true), ("another", false)] {
            let mut sleep = std::process::Command::new("sleep");
            let mut child = sleep.arg("61").env(procfs::LAB_TAG, tag).spawn().unwrap();
            let born = procfs::born(i32::try_from(child.id()).unwrap()).unwrap();
            let process = Process { born: Some(born.clone()), ending: false, words: Vec::new(), becomes: None };
            files::write_json(&path, &BTreeMap::from([(server, process)]), 0o600, None).unwrap();
            let processes = Processes::open(path.clone(), "abcdefabcdef").unwrap();
            assert_eq!(processes.alive(server), is.then_some(born), "{tag}");
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
