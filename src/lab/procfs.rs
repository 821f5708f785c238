//! What the kernel says about processes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::text::{Shape, untrusted};

/// The variable in a process's environment that says which lab it belongs to.
pub(super) const LAB_TAG: &str = "LIFEBOAT_LAB";
/// The variable in a process's environment that says which server of the lab it is.
pub(super) const SERVER_TAG: &str = "LIFEBOAT_LAB_SERVER";

/// One process, such that no later one can be mistaken for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Born {
    pub(super) pid: i32,
    /// Clock ticks from boot to its start.
    pub(super) start: u64,
    /// The boot it was started in.
    pub(super) boot: String,
}

/// The line of a process in `/proc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) pid: i32,
    pub(super) parent: i32,
    pub(super) state: char,
    pub(super) start: u64,
}

impl Stat {
    /// Whether it has ended and only waits to be noticed.
    pub(super) fn is_dead(self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x')
    }
}

/// This boot of the machine.
pub(super) fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// What the kernel knows about `pid`, if there is such a process.
pub(super) fn stat(pid: i32) -> Option<Stat> {
    parse_stat(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

// The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
fn parse_stat(pid: i32, line: &str) -> Option<Stat> {
    let (_, rest) = line.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some(Stat {
        pid,
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        start: fields.get(19)?.parse().ok()?,
    })
}

/// The process that has the number `pid` now.
pub(super) fn born(pid: i32) -> Option<Born> {
    let stat = stat(pid).filter(|stat| !stat.is_dead())?;
    Some(Born { pid, start: stat.start, boot: boot_id() })
}

/// Its line, if this very process still lives.
pub(super) fn alive(born: &Born) -> Option<Stat> {
    stat(born.pid).filter(|stat| stat.start == born.start && !stat.is_dead() && born.boot == boot_id())
}

/// Every process there is.
pub(super) fn all() -> Vec<Stat> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?)).collect()
}

/// A process and everything that descends from it, parents before children.
pub(super) fn family(leader: i32) -> Vec<Stat> {
    let mut children: BTreeMap<i32, Vec<Stat>> = BTreeMap::new();
    let mut family: Vec<Stat> = Vec::new();
    for stat in all() {
        if stat.pid == leader {
            family.push(stat);
        }
        children.entry(stat.parent).or_default().push(stat);
    }
    let mut next = 0;
    while next < family.len() {
        if let Some(found) = children.remove(&family[next].pid) {
            family.extend(found);
        }
        next += 1;
    }
    family
}

/// The value of a variable in the environment a process was started with, if we may see it.
pub(super) fn variable(pid: i32, name: &str) -> Option<String> {
    value(&fs::read(format!("/proc/{pid}/environ")).ok()?, name)
}

/// Whether a process carries the tag of `lab`. In a container root may not see the environment of another account's
/// process; then its number and the moment of its birth have to do.
pub(super) fn is_of(pid: i32, lab: &str) -> bool {
    for _ in 0..20 {
        match fs::read(format!("/proc/{pid}/environ")) {
            // A program that is just giving way to the next one has none for an instant.
            Ok(environment) if environment.is_empty() => std::thread::sleep(std::time::Duration::from_millis(1)),
            Ok(environment) => return value(&environment, LAB_TAG).as_deref() == Some(lab),
            Err(error) => return error.kind() == std::io::ErrorKind::PermissionDenied,
        }
    }
    false
}

/// Whether it has ended and its parent has not noticed yet.
pub(super) fn is_zombie(born: &Born) -> bool {
    born.boot == boot_id() && stat(born.pid).is_some_and(|stat| stat.start == born.start && stat.is_dead())
}

fn value(environment: &[u8], name: &str) -> Option<String> {
    environment.split(|byte| *byte == 0).find_map(|entry| {
        let value = entry.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        Some(String::from_utf8_lossy(value).into_owned())
    })
}

/// Processes that carry the tag of `lab`, each with the server it says to be; leaders only, not their children.
pub(super) fn tagged(lab: &str) -> Vec<(Stat, String)> {
    let found: BTreeMap<i32, (Stat, String)> = all()
        .into_iter()
        .filter(|stat| !stat.is_dead())
        .filter(|stat| variable(stat.pid, LAB_TAG).as_deref() == Some(lab))
        .map(|stat| (stat.pid, (stat, variable(stat.pid, SERVER_TAG).unwrap_or_default())))
        .collect();
    let is_leader = |stat: &Stat, server: &str| found.get(&stat.parent).is_none_or(|(_, parent)| parent != server);
    found.values().filter(|(stat, server)| is_leader(stat, server)).cloned().collect()
}

/// Whether any process that lives works in `folder`, as far as we may see.
pub(super) fn works_in(folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let works = |stat: &Stat| fs::read_link(format!("/proc/{}/cwd", stat.pid)).is_ok_and(|there| there == folder);
    all().iter().any(|stat| !stat.is_dead() && works(stat))
}

/// Memory of a process in bytes, shared pages counted in proportion; none if we may not see it.
pub(super) fn memory(pid: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// The words a process was started with.
pub(super) fn words(pid: i32) -> Vec<String> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = bytes.split(|byte| *byte == 0).filter(|word| !word.is_empty());
    words.map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

/// The same for a message.
pub(super) fn command_line(pid: i32) -> String {
    untrusted(words(pid).join(" "), Shape::line(120))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_full_of_parentheses_does_not_shift_the_fields() {
        let tail = (4..=22).map(|field| field.to_string()).collect::<Vec<_>>().join(" ");
        let stat = parse_stat(7, &format!("7 (a) R (b)) S {tail} 23")).unwrap();
        assert_eq!(stat, Stat { pid: 7, parent: 4, state: 'S', start: 22 });
        assert_eq!(parse_stat(7, "nonsense"), None);
    }

    #[test]
    fn we_are_alive_and_an_older_holder_of_our_number_is_not() {
        let me = born(i32::try_from(std::process::id()).unwrap()).unwrap();
        assert!(alive(&me).is_some());
        assert!(alive(&Born { start: me.start - 1, ..me.clone() }).is_none());
        assert!(alive(&Born { boot: "another".to_owned(), ..me.clone() }).is_none());
        assert!(memory(me.pid).unwrap() > 1024);
    }
}
