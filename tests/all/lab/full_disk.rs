//! A full disk does not keep anybody from ending a lab, since that is what makes room.

use std::path::{Path, PathBuf};
use std::process::Command;

use lifeboat::lab::{self, LabError};

use super::test_lab::{TestLab, tagged};

/// A small file system of a test; taken away after the lab in it.
struct Small(PathBuf);

impl Small {
    fn new() -> Small {
        let folder = tempfile::tempdir().unwrap().keep();
        let options = ["-t", "tmpfs", "-o", "size=4M,mode=0700", "lifeboat-test"];
        assert!(Command::new("mount").args(options).arg(&folder).status().unwrap().success());
        Small(folder)
    }

    /// Fills it to the last byte.
    fn fill(&self) {
        use std::io::Write;
        let mut ballast = std::fs::File::create(self.0.join("ballast")).unwrap();
        while ballast.write_all(&[1; 4096]).is_ok() {}
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

fn base(small: &Path) -> PathBuf {
    let base = small.join("state");
    std::fs::create_dir(&base).unwrap();
    base
}

/// What is written about the lab lies on the full disk; what its servers write lies elsewhere, since their account
/// cannot get there.
#[tokio::test(flavor = "multi_thread")]
async fn a_lab_on_a_full_disk_is_ended_and_what_could_not_be_written_is_said() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root mounts a small file system");
        return;
    }
    let small = Small::new();
    let test = TestLab::at(base(&small.0));
    test.up().await;
    small.fill();
    let id = test.id();
    let error = lab::down(&test.folder(), false).await.unwrap_err();
    let LabError::File { source, .. } = &error else { panic!("{error}") };
    assert_eq!(source.kind(), std::io::ErrorKind::StorageFull);
    assert_eq!(tagged(&id), std::collections::BTreeMap::new(), "servers still run");
    let down = lab::down(&test.folder(), true).await.unwrap();
    assert!(down.deleted && !test.folder().exists());
}

/// Where there is no room for a lab, nothing of it is made.
#[tokio::test(flavor = "multi_thread")]
async fn too_little_room_is_said_before_anything_is_made() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root mounts a small file system");
        return;
    }
    let small = Small::new();
    let test = TestLab::at(base(&small.0));
    for folder in [small.0.as_path(), test.base()] {
        std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
    }
    let error = lab::up(&test.options(), &|_| {}).await.unwrap_err();
    assert!(matches!(error, LabError::NoRoom { .. }), "{error}");
    assert!(error.to_string().ends_with("it needs 640MB"), "{error}");
    assert!(!test.folder().exists());
}
