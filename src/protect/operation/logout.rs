//! Whether this machine ends a user's processes at the last logout, those in sessions of their own too.

use std::fs;
use std::path::{Path, PathBuf};

use crate::journal::Actor;
use crate::plan::source::regular;

/// Nobody's configuration is longer.
const LONGEST: usize = 64 << 10;

/// Whether the end of this user's last login ends what was started here.
pub(super) fn ends_workers() -> bool {
    let me = Actor::here();
    // Root is left alone by default, and so is whoever lingers.
    let is_exempt = me.uid == 0 || Path::new("/var/lib/systemd/linger").join(&me.name).exists();
    !is_exempt
        && files()
            .iter()
            .filter_map(|file| regular::text(file, LONGEST).ok())
            .fold(false, |before, text| says(&text).unwrap_or(before))
}

/// The configuration of logind, what counts most last.
fn files() -> Vec<PathBuf> {
    let of = |folder: &str| {
        let entries = fs::read_dir(Path::new(folder).join("logind.conf.d")).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        found.sort();
        [vec![Path::new(folder).join("logind.conf")], found].concat()
    };
    ["/usr/lib/systemd", "/etc/systemd"].into_iter().flat_map(of).collect()
}

/// What one file says, if it says anything.
fn says(text: &str) -> Option<bool> {
    let mut values = text.lines().filter_map(|line| line.trim().strip_prefix("KillUserProcesses="));
    values.next_back().map(|value| matches!(value.trim(), "yes" | "true" | "1" | "on"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_counts() {
        assert_eq!(says("[Login]\n#KillUserProcesses=yes\n"), None);
        assert_eq!(says("[Login]\nKillUserProcesses=yes\n"), Some(true));
        assert_eq!(says("KillUserProcesses=yes\n KillUserProcesses=no\n"), Some(false));
    }
}
