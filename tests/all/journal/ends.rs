//! What can happen to the end of a chain: cut off, not wholly written, altered.

use std::fs;

use lifeboat::journal::{Fault, Heads, Kind, Note, verify};

use super::ground::{Ground, fault, kinds, lines, record, rewrite};

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
    ground.forget_heads();
    assert_eq!(fault(&ground), None, "nothing within the chain can tell");
    let cut = verify(&ground.journal(), &heads).unwrap().chains.remove(0).broken.unwrap();
    assert!(matches!(cut.fault, Fault::CutShort { known, .. } if known == heads[&chain]), "{cut:#?}");
    // Written on, the chain has that number again, and another event under it.
    record(&ground.open(), 5);
    ground.forget_heads();
    let rewritten = verify(&ground.journal(), &heads).unwrap().chains.remove(0).broken.unwrap();
    assert!(matches!(rewritten.fault, Fault::Rewritten { .. }), "{rewritten:#?}");
    for path in ground.segments() {
        fs::remove_file(path).unwrap();
    }
    let gone = verify(&ground.journal(), &heads).unwrap().chains.remove(0).broken.unwrap();
    assert!(matches!(gone.fault, Fault::CutShort { .. }), "{gone:#?}");
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
    drop(journal);
    assert_eq!(kinds(&ground.journal())[8], Kind::CUT_SHORT.as_str());
    assert_eq!(fault(&ground), None);
    assert!(!ground.verify().is_whole(), "linked, and not whole");
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

/// Where the last line begins.
fn last_line(bytes: &[u8]) -> usize {
    bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1
}

#[test]
fn a_last_line_that_was_altered_is_never_taken_for_an_interrupted_write() {
    let ground = Ground::new();
    record(&ground.open(), 2);
    let path = ground.segments().remove(0);
    let before = fs::read(&path).unwrap();
    for at in last_line(&before)..before.len() {
        let mut altered = before.clone();
        altered[at] ^= 1 << (at % 5);
        fs::write(&path, &altered).unwrap();
        record(&ground.open(), 2);
        let Some(Fault::TailAltered { file }) = fault(&ground) else { panic!("byte {at}: {:#?}", ground.verify()) };
        let kept = ground.chain().join(file);
        assert_eq!(fs::read(&kept).unwrap(), altered[last_line(&before)..], "byte {at}");
        assert_eq!(kinds(&ground.journal())[2], Kind::TAIL_ALTERED.as_str(), "byte {at}");
        fs::remove_file(kept).unwrap();
    }
}

#[test]
fn a_line_altered_before_an_interrupted_write_is_told_of_too() {
    let ground = Ground::new();
    record(&ground.open(), 2);
    let path = ground.segments().remove(0);
    let mut bytes = fs::read(&path).unwrap();
    let at = last_line(&bytes) + 100;
    bytes[at] ^= 1;
    fs::write(&path, [&bytes[..], b"{\"writer\":\"half a li"].concat()).unwrap();
    record(&ground.open(), 1);
    assert!(matches!(fault(&ground), Some(Fault::TailAltered { .. })), "{:?}", fault(&ground));
}

#[test]
fn a_writer_that_built_on_an_altered_line_finds_its_place_again() {
    let ground = Ground::new();
    let (one, two) = (ground.open(), ground.open());
    record(&one, 3);
    let path = ground.segments().remove(0);
    let mut bytes = fs::read(&path).unwrap();
    let at = last_line(&bytes) + 100;
    bytes[at] ^= 1;
    fs::write(&path, &bytes).unwrap();
    record(&two, 3);
    record(&one, 3);
    let found = kinds(&ground.journal());
    assert_eq!(found.iter().filter(|kind| *kind == "trial.done").count(), 2 + 3 + 3, "{found:?}");
    assert!(!found.contains(&Kind::TAIL_SET_ASIDE.as_str().to_owned()), "{found:?}");
    assert!(matches!(fault(&ground), Some(Fault::TailAltered { .. })), "{:?}", fault(&ground));
}
