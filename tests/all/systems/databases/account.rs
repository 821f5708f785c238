//! The account under which servers run that refuse to run as root, or that must be refused something.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// An unprivileged account; none unless we are root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account(Option<(u32, u32)>);

impl Account {
    /// The account of this name, or whoever we are if that is not root.
    pub fn of(name: &str) -> Account {
        if !rustix::process::geteuid().is_root() {
            return Account(None);
        }
        let passwd = std::fs::read_to_string("/etc/passwd").unwrap();
        let line = passwd.lines().find(|line| line.starts_with(&format!("{name}:"))).expect(name);
        let fields: Vec<&str> = line.split(':').collect();
        Account(Some((fields[2].parse().unwrap(), fields[3].parse().unwrap())))
    }

    /// The command, run under this account.
    pub fn run(self, command: &mut Command) -> &mut Command {
        match self.0 {
            Some((user, group)) => command.uid(user).gid(group),
            None => command,
        }
    }

    /// Gives it a folder or a file for itself.
    pub fn own(self, path: &Path) {
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        if let Some((user, group)) = self.0 {
            chown(path, Some(user), Some(group)).unwrap();
        }
    }
}
