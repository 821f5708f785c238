//! How far a chain had come is kept beside it, so that removed last events are missed.

use std::fs;

use lifeboat::journal::{Fault, Head, Kind, Reader};

use super::ground::{Ground, fault, kinds, lines, record, rewrite};

fn cut_short(ground: &Ground) -> Head {
    match fault(ground) {
        Some(Fault::CutShort { known, .. }) => known,
        other => panic!("{other:?}"),
    }
}

#[test]
fn whatever_is_removed_at_the_end_is_missed() {
    let removals: [fn(&Ground); 4] = [
        |ground| {
            let last = ground.segments().pop().unwrap();
            let mut all = lines(&last);
            all.pop();
            rewrite(&last, &all);
        },
        |ground| fs::remove_file(ground.segments().pop().unwrap()).unwrap(),
        |ground| fs::write(ground.segments().pop().unwrap(), b"").unwrap(),
        |ground| fs::remove_dir_all(ground.chain()).unwrap(),
    ];
    for (number, remove) in removals.iter().enumerate() {
        let ground = Ground::new();
        record(&ground.open(), 100);
        let end = ground.verify().chains[0].head;
        assert!(ground.segments().len() > 2 && fault(&ground).is_none());
        remove(&ground);
        assert_eq!(cut_short(&ground), end, "{number}");
        let mut reader = Reader::start(&ground.journal()).unwrap();
        reader.each(|_| ()).unwrap();
        assert!(matches!(&reader.shortfalls()[..], [damage] if damage.what.contains("cut off")), "{number}");
        // The next writer says so, for good: the chain has these numbers again, under other events.
        record(&ground.open(), 1);
        assert!(kinds(&ground.journal()).contains(&Kind::CUT_SHORT.as_str().to_owned()), "{number}");
        assert!(!ground.verify().is_whole(), "{number}");
    }
}

#[test]
fn a_head_that_is_older_than_its_chain_or_cannot_be_read_is_no_fault() {
    let ground = Ground::new();
    record(&ground.open(), 3);
    let path = ground.journal().join("heads").join(ground.chain().file_name().unwrap());
    let old = fs::read(&path).unwrap();
    record(&ground.open(), 3);
    for content in [&old[..], b"", b"{}"] {
        fs::write(&path, content).unwrap();
        assert_eq!(fault(&ground), None);
        let mut reader = Reader::start(&ground.journal()).unwrap();
        reader.each(|_| ()).unwrap();
        assert_eq!(reader.shortfalls(), []);
        record(&ground.open(), 1);
        assert!(!kinds(&ground.journal()).contains(&Kind::CUT_SHORT.as_str().to_owned()));
    }
}

#[test]
fn a_writer_keeps_its_head_while_it_lives() {
    let ground = Ground::new();
    let journal = ground.open();
    record(&journal, 1);
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    record(&journal, 1);
    let path = ground.journal().join("heads").join(ground.chain().file_name().unwrap());
    super::ground::until("the head is kept", || {
        fs::read(&path).is_ok_and(|head| serde_json::from_slice::<Head>(&head).is_ok_and(|head| head.seq == 3))
    });
    drop(journal);
}
