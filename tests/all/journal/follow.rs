//! Following a journal while it is written.

use std::time::{Duration, Instant};

use lifeboat::journal::{Draft, Follower, Reader};

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
