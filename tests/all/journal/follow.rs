//! Following a journal while it is written.

use std::time::{Duration, Instant};

use lifeboat::journal::{Draft, Folded, Follower, Reader, Summary};

use super::ground::{Ground, TRIED, record};

fn followed(make: impl FnOnce(Reader) -> Follower) -> Duration {
    const EVENTS: usize = 120;
    let ground = Ground::new();
    let mut follower = make(Reader::start(&ground.journal()).unwrap());
    let writer = std::thread::spawn({
        let journal = ground.open();
        move || {
            (0..EVENTS)
                .map(|number| {
                    journal.record(Draft::new(TRIED, number.to_string())).unwrap().wait().unwrap();
                    Instant::now()
                })
                .collect::<Vec<Instant>>()
        }
    });
    let mut seen = Vec::new();
    let give_up = Instant::now() + Duration::from_secs(30);
    while seen.len() < EVENTS && Instant::now() < give_up {
        follower
            .next(Duration::from_secs(5), |event| {
                if event.kind == TRIED.as_str() {
                    seen.push((event.subject.clone().into_owned(), Instant::now()));
                }
            })
            .unwrap();
    }
    let acknowledged = writer.join().unwrap();
    let subjects: Vec<String> = seen.iter().map(|(subject, _)| subject.clone()).collect();
    assert_eq!(subjects, (0..EVENTS).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(ground.segments().len() > 2, "across several segments");
    assert_eq!(follower.reader().damage().count(), 0);
    let late = |((_, seen), written): (&(String, Instant), &Instant)| seen.saturating_duration_since(*written);
    seen.iter().zip(&acknowledged).map(late).max().unwrap()
}

#[test]
fn the_kernel_tells_at_once() {
    let latest = followed(Follower::new);
    assert!(latest < Duration::from_millis(400), "{latest:?}");
}

#[test]
fn without_the_kernel_it_takes_a_moment() {
    let latest = followed(Follower::polling);
    assert!(latest < Duration::from_secs(2), "{latest:?}");
}

#[test]
fn half_a_line_that_is_set_aside_is_not_glued_to_the_next() {
    let ground = Ground::new();
    record(&ground.open(), 1);
    let mut follower = Follower::new(Reader::start(&ground.journal()).unwrap());
    assert_eq!(follower.next(Duration::ZERO, |_| ()).unwrap(), 2);
    let path = ground.segments().remove(0);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, [&whole[..], b"{\"half"].concat()).unwrap();
    assert_eq!(follower.next(Duration::ZERO, |_| ()).unwrap(), 0);
    record(&ground.open(), 1);
    assert_eq!(follower.next(Duration::ZERO, |_| ()).unwrap(), 2, "what was set aside is said, and the event");
    assert_eq!(follower.reader().damage().count(), 0);
}

#[test]
fn nothing_new_is_no_reason_to_wait_longer_than_asked() {
    let ground = Ground::new();
    record(&ground.open(), 1);
    let mut follower = Follower::new(Reader::start(&ground.journal()).unwrap());
    assert_eq!(follower.next(Duration::from_secs(5), |_| ()).unwrap(), 2);
    assert_eq!(follower.next(Duration::from_millis(30), |_| ()).unwrap(), 0);
}

/// What a follower has seen, by the events' subjects.
fn next(follower: &mut Follower) -> Vec<String> {
    let mut subjects = Vec::new();
    let seen = |event: &lifeboat::journal::Event<'_>| subjects.push(event.subject.clone().into_owned());
    follower.next(Duration::ZERO, seen).unwrap();
    subjects
}

/// A write that failed may have been visible for a moment: whole lines and half a line, then withdrawn.
#[test]
fn what_a_failed_write_showed_is_taken_back_and_what_is_written_instead_is_read() {
    for shown_events in [1, 3, 40] {
        let ground = Ground::new();
        let say = |what: &str| ground.open().record(Draft::new(TRIED, what)).unwrap().wait().map(drop).unwrap();
        say("first");
        let path = ground.segments().remove(0);
        let before = std::fs::read(&path).unwrap();
        let mut follower = Follower::new(Reader::start(&ground.journal()).unwrap());
        let mut folded = Folded::<Summary>::open(&ground.journal()).unwrap();
        assert_eq!(next(&mut follower), ["journal", "first"]);
        let drafts = (0..shown_events).map(|number| Draft::new(TRIED, format!("withdrawn-{number}"))).collect();
        ground.open().record_all(drafts).unwrap().wait().unwrap();
        let shown = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&shown[..], b"{\"half"].concat()).unwrap();
        assert_eq!(next(&mut follower).len(), shown_events);
        folded.catch_up().unwrap();

        // In place, as the writer does it.
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(before.len() as u64).unwrap();
        if shown_events == 3 {
            assert_eq!(next(&mut follower), Vec::<String>::new(), "seen while it was shorter");
        }
        // A write that fails is acknowledged to nobody, and no head of it is kept.
        ground.forget_heads();
        (0..5).for_each(|number| say(&format!("written-{number}")));
        assert_eq!(next(&mut follower), (0..5).map(|number| format!("written-{number}")).collect::<Vec<_>>());
        assert_eq!(follower.reader().damage().collect::<Vec<_>>(), Vec::<&lifeboat::journal::Damage>::new());
        assert_eq!(follower.reader().withdrawn(), shown_events as u64);
        folded.catch_up().unwrap();
        assert_eq!(folded.value, Folded::<Summary>::open(&ground.journal()).unwrap().value, "as if read anew");
        say("later");
        assert_eq!(next(&mut follower), ["later"]);
    }
}

/// The whole of a segment's first write is withdrawn, and a reader resumed in its middle.
#[test]
fn a_failed_write_at_the_beginning_of_a_file_is_taken_back_too() {
    let ground = Ground::new();
    record(&ground.open(), 2);
    let path = ground.segments().remove(0);
    let position = {
        let mut reader = Reader::start(&ground.journal()).unwrap();
        assert_eq!(reader.each(|_| ()).unwrap(), 3);
        reader.position()
    };
    let mut whole = Follower::new(Reader::start(&ground.journal()).unwrap());
    assert_eq!(next(&mut whole).len(), 3);
    let mut resumed = Follower::new(Reader::resume(&ground.journal(), position).unwrap().unwrap());
    assert_eq!(next(&mut resumed).len(), 0);
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
    ground.forget_heads();
    ground.open().record(Draft::new(TRIED, "anew")).unwrap().wait().unwrap();
    assert_eq!(next(&mut whole), ["journal", "anew"]);
    assert_eq!(whole.reader().damage().count(), 0);
    assert_eq!(next(&mut resumed), ["journal", "anew"], "it does not know the way back, and loses nothing");
    assert_eq!(resumed.reader().damage().count(), 1, "and says so");
}
