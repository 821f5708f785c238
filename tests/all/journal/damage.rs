//! Whatever happens to the files is recognised and said plainly.

use std::fs;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use lifeboat::journal::{Fault, Journal, Note, Settings};

use super::ground::{Ground, TestClock, fault, full, kinds, lines, record, rewrite, settings};

#[test]
fn an_untouched_journal_is_whole() {
    let ground = Ground::new();
    record(&ground.open(), 100);
    let report = ground.verify();
    assert!(report.is_whole(), "{report:#?}");
    let chain = &report.chains[0];
    assert!(chain.segments > 2, "the trial needs several segments: {}", chain.segments);
    assert_eq!(kinds(&ground.journal()).iter().filter(|kind| *kind == "trial.done").count(), 100);
    assert_eq!(chain.events, chain.head.seq);
    assert_eq!(chain.notes, []);
}

#[test]
fn closed_segments_are_closed_to_writing_and_state_their_digest() {
    use std::os::unix::fs::PermissionsExt;
    let ground = Ground::new();
    record(&ground.open(), 60);
    let segments = ground.segments();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&segments[0]), 0o400);
    assert_eq!(mode(segments.last().unwrap()), 0o600);
    let sums = std::process::Command::new("sha256sum").arg(&segments[0]).output().unwrap();
    let sum = String::from_utf8(sums.stdout).unwrap();
    assert!(lines(&segments[1])[0].contains(&sum[..64]), "the next segment names the digest that sha256sum prints");
}

#[test]
fn every_flipped_byte_is_recognised() {
    let ground = Ground::new();
    record(&ground.open(), 12);
    let path = ground.segments().remove(0);
    let bytes = fs::read(&path).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    for at in 0..bytes.len() {
        let flipped = bytes[at] ^ 1 << (at % 8);
        file.write_all_at(&[flipped], at as u64).unwrap();
        let chain = ground.verify().chains.remove(0);
        assert!(chain.broken.is_some(), "byte {at}: {chain:#?}");
        file.write_all_at(&bytes[at..=at], at as u64).unwrap();
    }
    assert_eq!(fault(&ground), None);
}

#[test]
fn flips_in_a_larger_journal_are_found_at_their_line() {
    let ground = Ground::new();
    record(&ground.open(), if full() { 2_000 } else { 200 });
    let segments = ground.segments();
    let flips = if full() { 1_000 } else { 100 };
    for flip in 0_usize..flips {
        // A stride that is prime to all sizes visits everything evenly, and the same every time.
        let path = &segments[flip * 7_919 % segments.len()];
        let bytes = fs::read(path).unwrap();
        let at = flip * 104_729 % (bytes.len() - 1);
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (flip % 8);
        fs::remove_file(path).unwrap();
        fs::write(path, &changed).unwrap();
        let broken = ground.verify().chains.remove(0).broken.unwrap_or_else(|| panic!("byte {at} of {path:?}"));
        let line = bytes[..at].split(|byte| *byte == b'\n').count() as u64;
        // A lost line end makes two lines one, a new one makes one two.
        assert!(broken.line == line && path.ends_with(&broken.segment), "byte {at} of {path:?}: {broken:#?}");
        fs::write(path, &bytes).unwrap();
    }
    assert_eq!(fault(&ground), None);
}

#[test]
fn a_removed_line_is_named() {
    let ground = Ground::new();
    record(&ground.open(), 12);
    let path = ground.segments().remove(0);
    let mut all = lines(&path);
    all.remove(5);
    rewrite(&path, &all);
    let broken = ground.verify().chains.remove(0).broken.unwrap();
    assert_eq!(broken.fault, Fault::Missing { from: 6, to: 6 });
    assert_eq!((broken.line, broken.before.len(), broken.after.len()), (6, 2, 2));
    assert!(broken.at.unwrap().event.unwrap().starts_with("event 7, "));
    assert!(broken.before[1].event.as_ref().unwrap().starts_with("event 5, "));
}

#[test]
fn swapped_lines_are_named() {
    let ground = Ground::new();
    record(&ground.open(), 12);
    let path = ground.segments().remove(0);
    let mut all = lines(&path);
    all.swap(5, 6);
    rewrite(&path, &all);
    assert_eq!(fault(&ground), Some(Fault::Swapped { first: 6, second: 7 }));
}

#[test]
fn a_repeated_line_is_named() {
    let ground = Ground::new();
    record(&ground.open(), 12);
    let path = ground.segments().remove(0);
    let mut all = lines(&path);
    all.insert(5, all[4].clone());
    rewrite(&path, &all);
    assert_eq!(fault(&ground), Some(Fault::Repeated { seq: 5 }));
}

#[test]
fn a_line_written_anew_with_a_good_hash_breaks_the_next_link() {
    let ground = Ground::new();
    record(&ground.open(), 12);
    let other = Ground::new();
    record(&other.open(), 12);
    let (path, donor) = (ground.segments().remove(0), other.segments().remove(0));
    let mut all = lines(&path);
    all[5] = lines(&donor)[5].clone();
    rewrite(&path, &all);
    assert!(matches!(fault(&ground), Some(Fault::Relinked { .. })), "{:?}", fault(&ground));
}

#[test]
fn a_removed_segment_is_named() {
    let ground = Ground::new();
    record(&ground.open(), 100);
    let segments = ground.segments();
    let (lost, kept) = (lines(&segments[1]).len() as u64, lines(&segments[0]).len() as u64);
    fs::remove_file(&segments[1]).unwrap();
    assert_eq!(fault(&ground), Some(Fault::Missing { from: kept + 1, to: kept + lost }));
}

#[test]
fn a_damaged_line_in_the_middle_stays_and_hides_nothing_else() {
    let ground = Ground::new();
    record(&ground.open(), 12);
    let path = ground.segments().remove(0);
    let mut bytes = fs::read(&path).unwrap();
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    bytes[second] = b'x';
    *bytes.last_mut().unwrap() = b'\n';
    fs::write(&path, &bytes).unwrap();
    record(&ground.open(), 1);
    assert_eq!(kinds(&ground.journal()).len(), 13, "all but the damaged one");
    assert!(matches!(fault(&ground), Some(Fault::Unreadable { .. })));
}

/// A sector of the disk came back as zeros: events behind it were acknowledged, so it is no interrupted write.
#[test]
fn zeros_in_the_middle_hide_nothing_that_was_written_after_them() {
    let ground = Ground::new();
    let clock = Arc::new(TestClock::new());
    let open = || Journal::open(&ground.state, Settings { clock: clock.clone(), ..settings() }).unwrap();
    let journal = open();
    for _ in 0..12 {
        record(&journal, 1);
        clock.pass(Duration::from_secs(1));
    }
    drop(journal);
    let path = ground.segments().remove(0);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(&[0; 512], 1024).unwrap();
    let before = fs::read(&path).unwrap();
    record(&open(), 1);
    assert!(fs::read(&path).unwrap().starts_with(&before), "all stays where it is");
    let found = kinds(&ground.journal());
    assert!((11..13).contains(&found.len()) && !found.iter().any(|kind| kind.contains("tail")), "{found:?}");
    assert!(matches!(fault(&ground), Some(Fault::Unreadable { .. })), "{:?}", fault(&ground));
}

#[test]
fn a_clock_that_jumps_back_an_hour_is_said() {
    let ground = Ground::new();
    let clock = Arc::new(TestClock::new());
    let open = || Journal::open(&ground.state, Settings { clock: clock.clone(), ..settings() }).unwrap();
    let journal = open();
    record(&journal, 2);
    clock.pass(Duration::from_hours(2));
    record(&journal, 1);
    clock.set_by(TimeDelta::hours(-1));
    record(&journal, 1);
    drop(journal);
    clock.set_by(TimeDelta::hours(3));
    record(&open(), 1);
    let own: Vec<String> =
        kinds(&ground.journal()).into_iter().filter(|kind| kind.starts_with("journal.clock")).collect();
    assert_eq!(own.len(), 2, "time that passes is no jump; back and forward are");
    let notes = ground.verify().chains.remove(0).notes;
    let said: Vec<&str> = notes
        .iter()
        .filter_map(|note| if let Note::Said { what, .. } = note { Some(what.as_str()) } else { None })
        .collect();
    assert_eq!(said, ["the wall clock jumped back by 1h", "the wall clock jumped forward by 3h"]);
}
