//! What this machine and this process are: the host's chain, the boot, who acts, which process it is.

use std::fs;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::ChainId;

/// The chain of this host.
///
/// Hosts cloned with their machine id *and* their name share it; the chains then fork, and reading
/// says so.
pub fn chain() -> ChainId {
    let machine = ["/etc/machine-id", "/var/lib/dbus/machine-id"]
        .iter()
        .find_map(|path| fs::read_to_string(path).ok().filter(|id| !id.trim().is_empty()));
    ChainId::of_host(&name(), machine.as_deref().map_or("", str::trim))
}

/// The name this machine gives itself.
pub fn name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Which run of the kernel this is: times since boot compare only within one.
pub fn boot_id() -> &'static str {
    static BOOT: OnceLock<String> = OnceLock::new();
    BOOT.get_or_init(|| {
        fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
    })
}

/// Who acts. The number counts; the name is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The user id of the process.
    pub uid: u32,
    /// The user's name, if the password file knows it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Who logged in, if the process became someone else since (sudo, su).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
}

/// The user behind the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The user id at login.
    pub uid: u32,
    /// The user's name, if the password file knows it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

impl Actor {
    /// The user of this process. Asks files only: a directory service may be what is down.
    pub fn here() -> Actor {
        let uid = rustix::process::getuid().as_raw();
        let login = login_uid().filter(|login| *login != uid);
        Actor { uid, name: user_name(uid), login: login.map(|uid| Login { uid, name: user_name(uid) }) }
    }
}

fn login_uid() -> Option<u32> {
    let kernel = fs::read_to_string("/proc/self/loginuid").ok().and_then(|text| text.trim().parse().ok());
    let unset = u32::MAX;
    // Where no login was recorded, what sudo says is better than nothing; it proves nothing.
    kernel.filter(|uid| *uid != unset).or_else(|| std::env::var("SUDO_UID").ok()?.parse().ok())
}

fn user_name(uid: u32) -> String {
    named("/etc/passwd", uid).unwrap_or_default()
}

/// The name of a number in `/etc/passwd` or `/etc/group`.
pub(super) fn named(file: &str, id: u32) -> Option<String> {
    let entries = fs::read_to_string(file).ok()?;
    entries.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(id)).then(|| name.to_owned())
    })
}

/// The number of a group's name in `/etc/group`; a number is taken as it is.
pub(super) fn group_id(group: &str) -> Option<u32> {
    if let Ok(number) = group.parse() {
        return Some(number);
    }
    let entries = fs::read_to_string("/etc/group").ok()?;
    entries.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(group)).then(|| fields.nth(1)?.parse().ok())?
    })
}

/// One process, told apart from a later one with the same number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessMark {
    /// The process id.
    pub pid: u32,
    /// When it started, in clock ticks since boot.
    pub started: u64,
    /// The namespace that the process id belongs to: a container counts for itself.
    pub namespace: String,
}

/// What is known of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alive {
    /// It runs, or is stopped and could run on.
    Yes,
    /// It has ended; a later process may have its number.
    No,
    /// It lives where its number means nothing to us.
    Unknowable,
}

impl ProcessMark {
    /// This process.
    pub fn here() -> ProcessMark {
        let pid = std::process::id();
        ProcessMark { pid, started: started(pid).unwrap_or(0), namespace: namespace() }
    }

    /// Whether that process still is. Only meaningful on the same host and boot.
    pub fn alive(&self) -> Alive {
        if self.namespace != namespace() || self.namespace.is_empty() {
            return Alive::Unknowable;
        }
        if started(self.pid) == Some(self.started) { Alive::Yes } else { Alive::No }
    }
}

fn namespace() -> String {
    fs::read_link("/proc/self/ns/pid").map(|link| link.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The start time of a process that can still do something.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command's name stands in parentheses and may contain anything, parentheses included.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_an_ended_one_is_not() {
        assert_eq!(ProcessMark::here().alive(), Alive::Yes);
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let mark = ProcessMark { pid: child.id(), started: started(child.id()).unwrap(), ..ProcessMark::here() };
        assert_eq!(mark.alive(), Alive::Yes);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(mark.alive(), Alive::No);
    }

    #[test]
    fn a_reused_number_and_a_foreign_namespace_are_not_taken_for_the_process() {
        let here = ProcessMark::here();
        assert_eq!(ProcessMark { started: here.started + 1, ..here.clone() }.alive(), Alive::No);
        assert_eq!(ProcessMark { namespace: "pid:[1]".to_owned(), ..here }.alive(), Alive::Unknowable);
    }

    #[test]
    fn names_of_numbers() {
        assert_eq!(named("/etc/passwd", 0).as_deref(), Some("root"));
        assert_eq!(group_id("root"), Some(0));
        assert_eq!(group_id("4711"), Some(4711));
        assert_eq!(group_id("no-such-group"), None);
        assert_eq!(Actor::here().uid, rustix::process::getuid().as_raw());
    }
}
