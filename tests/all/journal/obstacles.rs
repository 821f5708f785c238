//! What lies in the journal and is no file of it: nothing waits for it, nothing is hidden by it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use lifeboat::journal::{Fault, Folded, Heads, Summary, verify};
use lifeboat::text::Explain;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::ground::{Ground, record};

fn pipe(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

/// What it is called, and what makes it.
type Obstacle = (&'static str, fn(&Path));

const OBSTACLES: [Obstacle; 5] = [
    ("a named pipe", pipe),
    ("a symbolic link", |path| symlink("/dev/zero", path).unwrap()),
    ("a symbolic link", |path| symlink(path, path).unwrap()),
    ("a directory", |path| fs::create_dir(path).unwrap()),
    ("more than any file", |path| fs::File::create(path).unwrap().set_len(1 << 40).unwrap()),
];

#[test]
fn in_a_segments_place_it_is_said_and_the_rest_is_read() {
    for (is, make) in OBSTACLES {
        let ground = Ground::new();
        record(&ground.open(), 100);
        let segments = ground.segments();
        let lost = super::ground::lines(&segments[1]).len() as u64;
        let all = Folded::<Summary>::open(&ground.journal()).unwrap().value.events;
        fs::remove_file(&segments[1]).unwrap();
        make(&segments[1]);
        let folded = Folded::<Summary>::open(&ground.journal()).unwrap();
        assert_eq!(folded.value.events, all - lost, "{is}");
        let name = segments[1].file_name().unwrap().to_str().unwrap();
        assert!(folded.reader.damage().any(|damage| damage.segment == name), "{is}");
        let report = ground.verify();
        let broken = report.chains[0].broken.as_ref().unwrap();
        assert!(matches!(&broken.fault, Fault::InTheWay { why } if why.contains(is)), "{is}: {broken:?}");
        assert_eq!(broken.segment, name);
    }
}

#[test]
fn behind_the_last_segment_readers_go_on_and_the_writer_says_what_it_is() {
    for (is, make) in OBSTACLES {
        let ground = Ground::new();
        record(&ground.open(), 3);
        make(&ground.chain().join("000000000999.jsonl"));
        let folded = Folded::<Summary>::open(&ground.journal()).unwrap();
        assert_eq!((folded.value.events, folded.reader.damage().count()), (4, 1), "{is}");
        let refused =
            ground.open().record(lifeboat::journal::Draft::new(super::ground::TRIED, "x")).unwrap().wait().unwrap_err();
        assert!(refused.to_string().contains(is), "{refused}");
        assert!(refused.next_step().contains("move it out of the way"), "{}", refused.next_step());
    }
}

#[test]
fn in_the_place_of_any_other_file_nothing_waits_for_it() {
    for (is, make) in OBSTACLES {
        let ground = Ground::new();
        record(&ground.open(), 3);
        ground.forget_heads();
        let chain = ground.chain();
        fs::create_dir(ground.journal().join("snapshots")).unwrap();
        fs::create_dir(ground.journal().join("heads")).unwrap();
        make(&ground.journal().join("snapshots/summary.json"));
        make(&ground.journal().join("heads").join(chain.file_name().unwrap()));
        make(&chain.join("000000000001-17-0123456789ab.torn"));
        make(&chain.join("ballast"));
        assert_eq!(Folded::<Summary>::open(&ground.journal()).unwrap().value.events, 4, "{is}");
        assert!(ground.verify().is_whole(), "{is}: {:?}", ground.verify());
        record(&ground.open(), 1);
        if is.starts_with("more") {
            continue;
        }
        fs::remove_file(chain.join("lock")).unwrap();
        make(&chain.join("lock"));
        let draft = lifeboat::journal::Draft::new(super::ground::TRIED, "x");
        let refused = ground.open().record(draft).unwrap().wait().unwrap_err().to_string();
        assert!(refused.contains(is), "{refused}");
    }
}

#[test]
fn in_a_chains_place_the_other_chains_are_read() {
    let ground = Ground::new();
    record(&ground.open(), 3);
    fs::write(ground.journal().join("other-00000001"), b"junk").unwrap();
    symlink("loop-00000002", ground.journal().join("loop-00000002")).unwrap();
    pipe(&ground.journal().join("pipe-00000003"));
    let folded = Folded::<Summary>::open(&ground.journal()).unwrap();
    assert_eq!((folded.value.events, folded.reader.damage().count()), (4, 3));
    let report = verify(&ground.journal(), &Heads::new()).unwrap();
    let broken = report.chains.iter().filter(|chain| chain.broken.is_some()).count();
    assert_eq!((report.chains.len(), broken), (4, 3), "{report:#?}");
}

#[test]
fn strays_are_named() {
    let ground = Ground::new();
    record(&ground.open(), 3);
    fs::write(ground.journal().join("notes.txt"), b"").unwrap();
    fs::write(ground.chain().join("copy.jsonl"), b"").unwrap();
    let report = ground.verify();
    assert!(report.is_whole(), "they are in nobody's way");
    assert_eq!(report.strays, ["notes.txt"]);
    let notes = &report.chains[0].notes;
    assert!(matches!(&notes[..], [lifeboat::journal::Note::Stray { file }] if file == "copy.jsonl"), "{notes:?}");
}

#[test]
fn a_claim_that_is_no_file_is_said_and_not_waited_for() {
    use lifeboat::journal::claim::Claims;
    let ground = Ground::new();
    let claims = Claims::here(&ground.state).unwrap();
    pipe(&ground.state.path().join("claims/job.one.json"));
    let refused = claims.acquire(&"job.one".parse().unwrap(), "a trial").unwrap_err().to_string();
    assert!(refused.contains("a named pipe"), "{refused}");
}
