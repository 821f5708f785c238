//! A full disk and a read-only disk, real ones: a small tmpfs of the trial's own.

use std::fs;

use lifeboat::journal::claim::Claims;
use lifeboat::journal::{Draft, Folded, Heads, Journal, Kind, Settings, State, Summary, verify};
use lifeboat::text::{Explain, Size};

use super::ground::{TRIED, kinds, settings};
use crate::support::small_disk::SmallDisk;

fn record(journal: &Journal, subject: String) -> Result<(), lifeboat::journal::JournalError> {
    journal.record(Draft::new(TRIED, subject)).unwrap().wait().map(drop)
}

#[test]
fn on_a_full_disk_the_journal_goes_on_in_its_ballast_and_then_says_plainly_that_it_cannot() {
    let Some(disk) = SmallDisk::mount("size=4m") else { return };
    let state = State::open(&disk.path().join("state"), None).unwrap();
    let settings = || Settings { ballast: Size(256 << 10), segment: Size(64 << 10), ..settings() };
    let journal = Journal::open(&state, settings()).unwrap();
    record(&journal, "before".to_owned()).unwrap();
    let ballast = state.path().join("journal").join(journal.chain().as_str()).join("ballast");
    assert_eq!(fs::metadata(&ballast).unwrap().len(), 256 << 10);

    let filler = disk.fill();
    let mut acknowledged = 0;
    let error = loop {
        match record(&journal, format!("event-{acknowledged}")) {
            Ok(()) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert!(!ballast.exists());
    assert!(acknowledged > 200, "256 KiB are good for more than {acknowledged} events");
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert!(error.next_step().contains("Free some space"), "{}", error.next_step());
    assert!(kinds(&state.path().join("journal")).contains(&Kind::DISK_FULL.as_str().to_owned()));

    fs::remove_file(filler).unwrap();
    record(&journal, "after".to_owned()).unwrap();
    assert!(ballast.exists(), "there is room again");
    record(&journal, "later".to_owned()).unwrap();
    let kinds = kinds(&state.path().join("journal"));
    assert_eq!(kinds.iter().filter(|kind| *kind == TRIED.as_str()).count(), acknowledged + 3, "all, and none twice");
    assert_eq!(kinds.iter().filter(|kind| *kind == Kind::BALLAST_KEPT.as_str()).count(), 1);
    let report = verify(&state.path().join("journal"), &Heads::new()).unwrap();
    assert!(report.is_whole(), "{report:#?}");
}

#[test]
fn a_claim_can_be_taken_on_a_full_disk() {
    let Some(disk) = SmallDisk::mount("size=2m") else { return };
    let state = State::open(&disk.path().join("state"), None).unwrap();
    let journal = Journal::open(&state, Settings { ballast: Size(64 << 10), ..settings() }).unwrap();
    record(&journal, "before".to_owned()).unwrap();
    let claims = Claims::here(&state).unwrap();
    disk.fill();
    let held = claims.acquire(&"component.postgres".parse().unwrap(), "restore").unwrap();
    held.release().unwrap();
}

#[test]
fn a_state_directory_on_a_full_disk_leaves_nothing_half_made() {
    // The root directory and one more.
    let Some(disk) = SmallDisk::mount("size=1m,nr_inodes=2") else { return };
    let error = State::open(&disk.path().join("one/two/three"), None).unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(fs::read_dir(disk.path()).unwrap().count(), 0);
}

#[test]
fn a_read_only_disk_can_be_read_and_says_that_it_cannot_be_written() {
    let Some(disk) = SmallDisk::mount("size=4m") else { return };
    let path = disk.path().join("state");
    let state = State::open(&path, None).unwrap();
    let journal = Journal::open(&state, settings()).unwrap();
    (0..40).for_each(|number| record(&journal, format!("event-{number}")).unwrap());
    drop(journal);
    disk.remount("ro");
    let error = State::open(&path, None).unwrap_err();
    assert!(error.to_string().contains("mounted read-only"), "{error}");
    assert!(error.next_step().contains("can still be read"), "{}", error.next_step());
    let error = Journal::open(&state, settings()).unwrap_err();
    assert!(error.to_string().contains("mounted read-only"), "{error}");
    let error = State::open(&disk.path().join("new/state"), None).unwrap_err();
    assert!(error.to_string().contains("mounted read-only"), "{error}");
    assert!(verify(&path.join("journal"), &Heads::new()).unwrap().is_whole());
    let summary = Folded::<Summary>::open(&path.join("journal")).unwrap().value;
    assert_eq!(summary.kinds[TRIED.as_str()], 40);
}
