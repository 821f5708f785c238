//! State directories that can be used, and those that cannot: one clear message each, nothing half-made.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use lifeboat::journal::{State, StateError};
use lifeboat::text::{Exit, Explain};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn is_root() -> bool {
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if !root {
        println!("skipped: only root can give directories away");
    }
    root
}

#[test]
fn a_private_state_is_closed_to_others_down_from_what_was_made() {
    let home = tempfile::tempdir().unwrap();
    let state = State::open(&home.path().join("a/b/state"), None).unwrap();
    let room = state.room("journal").unwrap();
    for made in ["a", "a/b", "a/b/state"] {
        assert_eq!(mode(&home.path().join(made)), 0o700, "{made}");
    }
    assert_eq!(mode(&room), 0o700);
    state.access().create(&room.join("file")).unwrap();
    assert_eq!(mode(&room.join("file")), 0o600);
    assert!(state.access().create(&room.join("file")).is_err(), "there is one");
    State::open(state.path(), None).unwrap().room("journal").unwrap();
}

#[test]
fn a_shared_state_passes_its_group_on() {
    if !is_root() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let state = State::open(&home.path().join("state"), Some("45000")).unwrap();
    let room = state.room("journal").unwrap();
    state.access().create(&room.join("file")).unwrap();
    for (path, wanted) in [(state.path(), 0o2770), (&room, 0o2770), (&room.join("file"), 0o660)] {
        assert_eq!((mode(path), fs::metadata(path).unwrap().gid()), (wanted, 45000), "{}", path.display());
    }
}

#[test]
fn what_cannot_be_used_is_refused_with_the_way_out() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let open = home.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
    let refused = |path: &Path, group: Option<&str>| State::open(path, group).unwrap_err();
    for (error, says, way_out) in [
        (refused(&file, None), "is not a directory", "--state"),
        (refused(&file.join("below"), None), "cannot", "--state"),
        (refused(&open, None), "written by everybody", "chmod o-w"),
        (refused(&home.path().join("new"), Some("no-such-group")), "does not exist", "groupadd"),
    ] {
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.next_step().contains(way_out), "{error}: {}", error.next_step());
    }
    assert!(!home.path().join("new").exists());
    assert_eq!(mode(&open), 0o777, "it is not ours to change");
}

#[test]
fn somebody_elses_directory_is_named_with_its_owner() {
    if !is_root() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    chown(home.path(), Some(40001), None).unwrap();
    let error = State::open(home.path(), None).unwrap_err();
    assert!(matches!(&error, StateError::SomeoneElses { owner, .. } if owner == "40001"), "{error}");
    assert!(error.next_step().contains("sudo -u 40001"), "{}", error.next_step());
    assert_eq!(error.exit(), Exit::Usage);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_private_state_with_something_in_it_is_not_shared_behind_its_owners_back() {
    if !is_root() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("state");
    State::open(&path, None).unwrap().room("journal").unwrap();
    let error = State::open(&path, Some("45000")).unwrap_err();
    assert!(error.next_step().contains("chgrp -R 45000"), "{}", error.next_step());
    assert_eq!(mode(&path), 0o700);
    fs::remove_dir(path.join("journal")).unwrap();
    State::open(&path, Some("45000")).unwrap();
    assert_eq!(mode(&path), 0o2770, "an empty one of our own is");
}
