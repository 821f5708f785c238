//! Which account the servers run as.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::LabError;

/// Accounts that servers of a root user's lab may run as, the best first.
///
/// Never `postgres`: a lab that goes wrong must not be able to touch a real cluster of this machine.
const CANDIDATES: [&str; 3] = ["lifeboat-lab", "daemon", "nobody"];

/// An unprivileged account of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// The account to drop to; none unless we are root.
pub(super) fn choose() -> Result<Option<Account>, LabError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let path = Path::new("/etc/passwd");
    let passwd = fs::read_to_string(path).map_err(LabError::file("read", path))?;
    let found = CANDIDATES.iter().find_map(|name| find(&passwd, name));
    found.map(Some).ok_or_else(|| LabError::NoAccount(CANDIDATES.join(", ")))
}

fn find(passwd: &str, name: &str) -> Option<Account> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let fields: Vec<&str> = line.split(':').collect();
    let (uid, gid) = (fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
    (uid != 0).then(|| Account { name: name.to_owned(), uid, gid })
}

/// Whether somebody who owns nothing on the way can get to `path`: every folder above it lets others pass.
pub(super) fn others_can_reach(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    path.ancestors().skip(1).all(|folder| fs::metadata(folder).is_ok_and(|found| found.mode() & 0o001 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_and_root_in_disguise_is_refused() {
        let passwd =
            "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/:/bin/sh\ndaemon:x:1:2:daemon:/usr/sbin:/bin/false\n";
        assert_eq!(find(passwd, "daemon"), Some(Account { name: "daemon".to_owned(), uid: 1, gid: 2 }));
        assert_eq!(find(passwd, "toor"), None);
        assert_eq!(find(passwd, "nobody"), None);
    }

    #[test]
    fn a_private_folder_on_the_way_is_seen() {
        use std::os::unix::fs::PermissionsExt;
        let outer = tempfile::tempdir_in("/tmp").unwrap();
        let inner = outer.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::set_permissions(outer.path(), PermissionsExt::from_mode(0o700)).unwrap();
        assert!(!others_can_reach(&inner));
        fs::set_permissions(outer.path(), PermissionsExt::from_mode(0o711)).unwrap();
        assert!(others_can_reach(&inner));
    }
}
