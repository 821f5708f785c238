//! Whether the end of the last login would end what still works.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Area, Check, Next, word};

/// What logind does to the processes of a user whose last login ends.
pub(super) fn logout() -> Vec<Check> {
    let root = rustix::process::geteuid().is_root();
    let user = crate::journal::Actor::here().name;
    let settings = settings(Path::new("/etc/systemd"));
    if root || !kills(&settings) || user.is_empty() {
        return vec![Check::well(Area::Credentials, "logging out", "nothing that works ends with this login")];
    }
    if Path::new("/var/lib/systemd/linger").join(&user).exists() {
        return vec![Check::well(
            Area::Credentials,
            "logging out",
            format!("{user} lingers: nothing ends with this login"),
        )];
    }
    vec![Check::wrong(
        Area::Credentials,
        "logging out",
        "logind ends the processes of a user with the last login, a running restore among them",
        Next::Mend(format!("loginctl enable-linger {}", word(&user))),
    )]
}

/// The files of logind's configuration, in the order in which they are read.
fn settings(folder: &Path) -> Vec<String> {
    let mut parts: Vec<PathBuf> = fs::read_dir(folder.join("logind.conf.d"))
        .map(|found| found.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    parts.sort();
    let main = folder.join("logind.conf");
    std::iter::once(main).chain(parts).filter_map(|path| fs::read_to_string(path).ok()).collect()
}

/// What the last word on it is.
fn kills(settings: &[String]) -> bool {
    let mut words =
        settings.iter().flat_map(|text| text.lines()).filter_map(|line| line.trim().strip_prefix("KillUserProcesses="));
    words.next_back().is_some_and(|word| matches!(word.trim(), "yes" | "true" | "1" | "on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_counts() {
        let text = |text: &str| text.to_owned();
        assert!(!kills(&[]));
        assert!(!kills(&[text("#KillUserProcesses=yes\n")]));
        assert!(kills(&[text("[Login]\nKillUserProcesses=yes\n")]));
        assert!(!kills(&[text("KillUserProcesses=yes"), text("KillUserProcesses=no")]));
    }
}
