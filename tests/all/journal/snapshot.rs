//! The snapshot: it knows how far the chains had come, and is ignored where it does not fit.

use std::fs;

use lifeboat::journal::{Fault, Fold, Folded, Summary};

use super::ground::{Ground, fault, lines, record, rewrite};

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
