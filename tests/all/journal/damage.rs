//! Whatever happens to the files is recognised and said plainly.

use std::fs;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use lifeboat::journal::{Fault, Fold, Folded, Heads, Journal, Kind, Note, Settings, Summary, verify};

use super::ground::{Ground, TestClock, full, kinds, record, settings};

/// What is wrong with the ground's only chain.
fn fault(ground: &Ground) -> Option<Fault> {
    ground.verify().chains.remove(0).broken.map(|broken| broken.fault)
}

fn lines(path: &std::path::Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

/// Writes lines to a file that may be closed to writing.
fn rewrite(path: &std::path::Path, lines: &[String]) {
    fs::remove_file(path).unwrap();
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

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
        // The last line end is what makes the last line a line.
        let tail = matches!(chain.notes.last(), Some(Note::Unterminated { .. }));
        assert!(chain.broken.is_some() || (tail && at + 1 == bytes.len()), "byte {at}: {chain:#?}");
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
fn a_cut_off_end_is_recognised_by_a_known_head() {
    let ground = Ground::new();
    record(&ground.open(), 40);
    let report = ground.verify();
    let chain = report.chains[0].chain.clone();
    let heads: Heads = [(chain.clone(), report.chains[0].head)].into();
    let segments = ground.segments();
    let last = segments.last().unwrap();
    let mut all = lines(last);
    all.pop();
    rewrite(last, &all);
    assert_eq!(fault(&ground), None, "nothing within the chain can tell");
    let cut = verify(&ground.journal(), &heads).unwrap().chains.remove(0).broken.unwrap();
    assert!(matches!(cut.fault, Fault::CutShort { known, .. } if known == heads[&chain]), "{cut:#?}");
    // Written on, the chain has that number again, and another event under it.
    record(&ground.open(), 5);
    let rewritten = verify(&ground.journal(), &heads).unwrap().chains.remove(0).broken.unwrap();
    assert!(matches!(rewritten.fault, Fault::Rewritten { .. }), "{rewritten:#?}");
    for path in ground.segments() {
        fs::remove_file(path).unwrap();
    }
    let gone = verify(&ground.journal(), &heads).unwrap().chains.remove(0).broken.unwrap();
    assert!(matches!(gone.fault, Fault::CutShort { .. }), "{gone:#?}");
}

#[test]
fn the_snapshot_knows_a_head_too() {
    let ground = Ground::new();
    let journal = ground.open();
    journal
        .record_all((0..2_500).map(|_| lifeboat::journal::Draft::new(super::ground::TRIED, "x")).collect())
        .unwrap()
        .wait()
        .unwrap();
    drop(journal);
    Folded::<Summary>::open(&ground.journal()).unwrap();
    let segments = ground.segments();
    let last = segments.last().unwrap();
    let mut all = lines(last);
    all.truncate(all.len() - 2);
    rewrite(last, &all);
    assert!(matches!(fault(&ground), Some(Fault::CutShort { by, .. }) if by == "the snapshot"));
}

#[test]
fn a_writer_that_finds_acknowledged_events_gone_says_so() {
    let ground = Ground::new();
    let journal = ground.open();
    record(&journal, 12);
    let path = ground.segments().remove(0);
    let mut all = lines(&path);
    all.truncate(8);
    fs::write(&path, all.join("\n") + "\n").unwrap();
    record(&journal, 1);
    assert_eq!(kinds(&ground.journal())[8], Kind::CUT_SHORT.as_str());
    assert_eq!(fault(&ground), None);
    let said = ground.verify().chains.remove(0).notes;
    assert!(matches!(&said[..], [Note::Said { what, .. }] if what.contains("no longer in the file")), "{said:?}");
}

#[test]
fn an_unterminated_tail_is_set_aside_and_said() {
    for torn in [&b"{\"writer\":\"half a li"[..], b"{\"writer\":\"x\"}\n\0\0\0\0\0\0\0\0", b"\0\0\0\n"] {
        let ground = Ground::new();
        record(&ground.open(), 12);
        let path = ground.segments().remove(0);
        let before = fs::read(&path).unwrap();
        fs::write(&path, [&before[..], torn].concat()).unwrap();
        record(&ground.open(), 1);
        assert_eq!(&kinds(&ground.journal())[13..], [Kind::TAIL_SET_ASIDE.as_str(), "trial.done"]);
        let report = ground.verify();
        assert!(report.is_whole(), "{report:#?}");
        let kept = report.chains[0].notes.iter().find_map(|note| match note {
            Note::SetAside { file } => Some(fs::read(ground.chain().join(file)).unwrap()),
            _ => None,
        });
        assert_eq!(kept.as_deref(), Some(torn), "the bytes are kept");
    }
}

#[test]
fn a_reader_passes_over_a_tail_and_verify_mentions_it() {
    let ground = Ground::new();
    record(&ground.open(), 12);
    let path = ground.segments().remove(0);
    let before = fs::read(&path).unwrap();
    fs::write(&path, [&before[..], b"{\"half"].concat()).unwrap();
    assert_eq!(kinds(&ground.journal()).len(), 13);
    let notes = ground.verify().chains.remove(0).notes;
    assert!(matches!(notes[..], [Note::Unterminated { bytes: 6, .. }]), "{notes:?}");
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

#[test]
fn a_snapshot_that_does_not_fit_is_ignored() {
    let ground = Ground::new();
    let journal = ground.open();
    let draft = |number: usize| lifeboat::journal::Draft::new(super::ground::TRIED, format!("s{}", number % 7));
    journal.record_all((0..2_500).map(draft).collect()).unwrap().wait().unwrap();
    let first = Folded::<Summary>::open(&ground.journal()).unwrap();
    assert_eq!(first.fresh, first.value.events);
    let again = Folded::<Summary>::open(&ground.journal()).unwrap();
    assert_eq!((again.fresh, &again.value), (0, &first.value));
    record(&journal, 3);
    let later = Folded::<Summary>::open(&ground.journal()).unwrap();
    assert_eq!(later.value.events, first.value.events + later.fresh);
    assert!((3..10).contains(&later.fresh), "{}", later.fresh);
    let path = ground.journal().join("snapshots").join(format!("{}.json", Summary::NAME));
    let snapshot = fs::read(&path).unwrap();
    for at in (0..snapshot.len()).step_by(97) {
        let mut damaged = snapshot.clone();
        damaged[at] ^= 1;
        fs::write(&path, &damaged).unwrap();
        assert_eq!(Folded::<Summary>::open(&ground.journal()).unwrap().value, later.value, "byte {at}");
    }
    fs::write(&path, b"").unwrap();
    assert_eq!(Folded::<Summary>::open(&ground.journal()).unwrap().value, later.value);
}
