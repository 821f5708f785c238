//! A follower whose ground is pulled away says so at once, and goes on with what is there.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use lifeboat::journal::{Follower, Reader};

use super::ground::{Ground, TRIED, record};

const LONG: Duration = Duration::from_secs(30);

fn followed(ground: &Ground) -> Follower {
    let mut follower = Follower::new(Reader::start(&ground.journal()).unwrap());
    follower.next(Duration::ZERO, |_| ()).unwrap();
    follower
}

/// What comes before its patience ends: how many events, how much is new among the damage and withdrawn.
fn told(follower: &mut Follower) -> (u64, usize, u64) {
    let (damage, withdrawn, start) =
        (follower.reader().damage().count(), follower.reader().withdrawn(), Instant::now());
    let count = follower.next(LONG, |_| ()).unwrap();
    assert!(start.elapsed() < Duration::from_secs(10), "said after {:?}", start.elapsed());
    (count, follower.reader().damage().count() - damage, follower.reader().withdrawn() - withdrawn)
}

#[test]
fn a_truncated_segment_is_told_at_once() {
    let ground = Ground::new();
    record(&ground.open(), 5);
    let mut follower = followed(&ground);
    let path = ground.segments().remove(0);
    let length = fs::metadata(&path).unwrap().len();
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(length / 2).unwrap();
    let (count, _, withdrawn) = told(&mut follower);
    assert!(count == 0 && withdrawn > 1, "{withdrawn}");
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
    let (count, _, withdrawn) = told(&mut follower);
    assert!(count == 0 && withdrawn > 0, "{withdrawn}");
    record(&ground.open(), 1);
    assert!(told(&mut follower).0 >= 2);
}

#[test]
fn a_chain_that_is_removed_and_made_anew_is_told_and_read_anew() {
    for events in [5, 100] {
        let ground = Ground::new();
        record(&ground.open(), events);
        let mut follower = followed(&ground);
        fs::remove_dir_all(ground.chain()).unwrap();
        let (count, damage, withdrawn) = told(&mut follower);
        assert_eq!((count, damage), (0, 1));
        assert!(withdrawn > events as u64, "{withdrawn}");
        assert_eq!(follower.next(Duration::from_millis(50), |_| ()).unwrap(), 0, "said once");
        ground.forget_heads();
        record(&ground.open(), 3);
        let mut seen = 0;
        while seen < 3 {
            let count = follower.next(LONG, |event| seen += usize::from(event.kind == TRIED.as_str())).unwrap();
            assert!(count > 0);
        }
        record(&ground.open(), 1);
        assert_eq!(told(&mut follower).0, 1);
    }
}

#[test]
fn a_removed_last_segment_leads_back_to_the_one_before() {
    let ground = Ground::new();
    record(&ground.open(), 100);
    let mut follower = followed(&ground);
    let last = ground.segments().pop().unwrap();
    let events = super::ground::lines(&last).len() as u64;
    fs::remove_file(last).unwrap();
    assert_eq!(told(&mut follower), (0, 1, events));
    ground.forget_heads();
    record(&ground.open(), 1);
    assert_eq!(told(&mut follower), (2, 0, 0), "its opening and the event, nothing again");
}

#[test]
fn a_file_put_in_a_segments_place_is_told_if_it_is_another() {
    let ground = Ground::new();
    record(&ground.open(), 5);
    let mut follower = followed(&ground);
    let path = ground.segments().remove(0);
    let all = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, &all).unwrap();
    assert_eq!(follower.next(Duration::from_millis(50), |_| ()).unwrap(), 0);
    assert_eq!((follower.reader().damage().count(), follower.reader().withdrawn()), (0, 0), "it is the same");
    record(&ground.open(), 1);
    assert_eq!(told(&mut follower), (1, 0, 0), "what is written to it is read");
}

#[test]
fn appended_garbage_is_told_at_once_with_and_without_the_end_of_a_line() {
    for garbage in [&b"garbage\n"[..], b"garbage", b"\xff\xfe\n"] {
        let ground = Ground::new();
        record(&ground.open(), 5);
        let mut follower = followed(&ground);
        let mut file = fs::OpenOptions::new().append(true).open(ground.segments().remove(0)).unwrap();
        file.write_all(garbage).unwrap();
        assert_eq!(told(&mut follower), (0, 1, 0), "{garbage:?}");
        assert_eq!(follower.next(Duration::from_millis(50), |_| ()).unwrap(), 0);
        assert_eq!(follower.reader().damage().count(), 1, "said once");
    }
}
