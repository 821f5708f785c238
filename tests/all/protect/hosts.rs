//! Several hosts, one slot: exactly one runs it, whatever their clocks show and whoever of them dies.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use lifeboat::plan::types::Job;
use lifeboat::protect::due::{Came, Claimed, DueSlot, Ending, Executor, KEPT, Outcome, Rest, Run, SlotState};
use lifeboat::protect::run::Chores;
use tokio_util::sync::CancellationToken;

use super::{Counting, DEAD, HOURLY, Host, QUICK, WallClock, came, home};

#[test]
fn of_many_that_claim_a_slot_exactly_one_wins() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let slot = "2024-11-18T03:00:00Z".parse().unwrap();
    for round in 0..5 {
        let hosts: Vec<Host> =
            (0..16).map(|n| Host::new(home.path(), &format!("h{round}-{n}"), HOURLY, &clock, QUICK)).collect();
        let name = format!("j{round}");
        let claim = |host: &Host| host.books.book(&host.plan.job[0]).book.claim(&name, slot).unwrap();
        let won = std::thread::scope(|scope| {
            let threads: Vec<_> = hosts.iter().map(|host| scope.spawn(|| claim(host))).collect();
            // All are kept until the last has tried.
            let claims: Vec<Claimed> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
            claims.iter().filter(|claimed| matches!(claimed, Claimed::Won(_))).count()
        });
        assert_eq!(won, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_run_a_slot_once_and_both_know_how_it_ended() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let (a, b) =
        (Host::new(home.path(), "a", HOURLY, &clock, QUICK), Host::new(home.path(), "b", HOURLY, &clock, QUICK));
    let work = Counting::default();
    for hour in 1..6 {
        let (one, other) = tokio::join!(a.run(&work), b.run(&work));
        assert_eq!(work.count(), hour, "{one:?} {other:?}");
        let again = b.run(&work).await;
        assert!(matches!(came(&again, "j"), Came::NotYet { next: Some(_) }), "{again:?}");
        for host in [&a, &b] {
            let records = host.books.book(&host.plan.job[0]).book.records("j", KEPT).unwrap();
            assert_eq!((records.len(), records[hour - 1].run().unwrap().ending), (hour, Ending::Done));
        }
        clock.pass(TimeDelta::hours(1));
    }
    let started = a.events().into_iter().chain(b.events()).filter(|(kind, ..)| kind == "job.started").count();
    assert_eq!(started, 5);
    let store: Vec<_> =
        std::fs::read_dir(home.path().join("store")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(store, [".lifeboat"]);
}

/// A host begins the slot of three o'clock, never beats, and never comes back.
fn die_in_the_slot(home: &Path, clock: &Arc<WallClock>) {
    let dead = Host::new(home, "dead", HOURLY, clock, DEAD);
    let slot = "2024-11-18T03:00:00Z".parse().unwrap();
    let Claimed::Won(turn) = dead.books.book(&dead.plan.job[0]).book.claim("j", slot).unwrap() else { panic!() };
    std::mem::forget(turn);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_of_a_host_that_died_is_run_by_another_once_it_is_silent() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    die_in_the_slot(home.path(), &clock);
    let host = Host::new(home.path(), "host", HOURLY, &clock, QUICK);
    let records = host.books.book(&host.plan.job[0]).book.records("j", KEPT).unwrap();
    assert!(matches!(records[0].state, SlotState::Running { is_certain: false, .. }), "{records:?}");
    let work = Counting::default();
    let begun = std::time::Instant::now();
    let said = host.run(&work).await;
    assert!(matches!(came(&said, "j"), Came::Ended(Run { ending: Ending::Done, .. })), "{said:?}");
    assert!(begun.elapsed() >= QUICK.silence.approx(), "it was watched first");
    let (_, _, started) = host.events().into_iter().find(|(kind, ..)| kind == "job.started").unwrap();
    assert_eq!((work.count(), &started["attempt"]), (1, &2.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_lives_is_left_to_its_work() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let busy = Host::new(home.path(), "busy", HOURLY, &clock, QUICK);
    let slot = "2024-11-18T03:00:00Z".parse().unwrap();
    let Claimed::Won(turn) = busy.books.book(&busy.plan.job[0]).book.claim("j", slot).unwrap() else { panic!() };
    let other = Host::new(home.path(), "other", HOURLY, &clock, QUICK);
    let work = Counting::default();
    // An hour later its next slot is due, and it still is at the one before.
    for _ in 0..2 {
        let said = other.run(&work).await;
        assert!(matches!(came(&said, "j"), Came::Elsewhere { holder } if holder.starts_with("busy")), "{said:?}");
        clock.pass(TimeDelta::hours(1));
    }
    assert_eq!(work.count(), 0);
    turn.give_back().unwrap();
    let said = other.run(&work).await;
    assert!(matches!(came(&said, "j"), Came::Ended(_)) && work.count() == 1, "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_an_hour_off_runs_no_slot_twice() {
    let home = home();
    let right = WallClock::at("2024-11-18T03:00:10Z");
    let clocks = [right.clone(), WallClock::at("2024-11-18T04:00:12Z"), WallClock::at("2024-11-18T02:00:14Z")];
    let name = |number: usize| format!("h{number}");
    let hosts: Vec<Host> = clocks
        .iter()
        .enumerate()
        .map(|(number, clock)| Host::new(home.path(), &name(number), HOURLY, clock, QUICK))
        .collect();
    let work = Counting::default();
    for _ in 0..4 {
        for host in &hosts {
            host.run(&work).await;
            host.run(&work).await;
        }
        for clock in &clocks {
            clock.pass(TimeDelta::minutes(30));
        }
    }
    let slots: Vec<_> = hosts
        .iter()
        .flat_map(Host::events)
        .filter(|(kind, ..)| kind == "job.started")
        .map(|(_, _, body)| body["slot"].as_str().unwrap().to_owned())
        .collect();
    let mut once = slots.clone();
    once.sort();
    once.dedup();
    assert_eq!(slots.len(), once.len(), "{slots:?}");
    assert!(work.count() >= 3, "{slots:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_for_a_while_makes_no_slot_run_twice() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let (store, away) = (home.path().join("store"), home.path().join("away"));
    // Each round opens the books anew, as cron does.
    let host = || Host::new(home.path(), "a", HOURLY, &clock, QUICK);
    let work = Counting::default();
    for hour in 1..4 {
        host().run(&work).await;
        assert_eq!(work.count(), 2 * hour - 1);
        std::fs::rename(&store, &away).unwrap();
        let said = host().run(&work).await;
        assert!(matches!(came(&said, "j"), Came::NotYet { .. }), "done before the store went: {said:?}");
        assert!(!said[0].troubles.is_empty(), "{said:?}");
        clock.pass(TimeDelta::hours(1));
        host().run(&work).await;
        assert_eq!(work.count(), 2 * hour);
        std::fs::rename(&away, &store).unwrap();
        let said = host().run(&work).await;
        assert!(matches!(came(&said, "j"), Came::NotYet { .. }), "done while it was away: {said:?}");
        clock.pass(TimeDelta::hours(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_off_leaves_its_slot_free() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let host = Host::new(home.path(), "a", HOURLY, &clock, QUICK);
    let stopped = Counting { outcome: Some(Outcome::interrupted("stopped")), ..Counting::default() };
    let said = host.run(&stopped).await;
    assert!(matches!(came(&said, "j"), Came::Ended(Run { ending: Ending::Interrupted, .. })), "{said:?}");
    let work = Counting::default();
    host.run(&work).await;
    assert_eq!(work.count(), 1);
    // However often: what somebody ended did not kill its runner.
    clock.pass(TimeDelta::hours(1));
    for _ in 0..6 {
        host.run(&stopped).await;
    }
    let said = host.run(&work).await;
    assert!(matches!(came(&said, "j"), Came::Ended(Run { ending: Ending::Done, .. })), "{said:?}");
    assert_eq!((stopped.runs.load(Ordering::SeqCst), work.count()), (7, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_killed_its_runner_again_and_again_is_given_up_with_a_word() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    die_in_the_slot(home.path(), &clock);
    let file = home.path().join("store/.lifeboat/p/slots/job.j.20241118t030000z.json");
    let claim = std::fs::read_to_string(&file).unwrap();
    let fourth = claim.replace("\"generation\": 1", "\"generation\": 4");
    assert_ne!(claim, fourth);
    std::fs::write(&file, fourth).unwrap();
    let (host, work) = (Host::new(home.path(), "a", HOURLY, &clock, QUICK), Counting::default());
    let said = host.run(&work).await;
    let Came::Ended(run) = came(&said, "j") else { panic!("{said:?}") };
    assert_eq!((run.ending, work.count()), (Ending::Failed, 0), "{run:?}");
    assert!(run.told.contains("begun 4 times"), "{run:?}");
}

#[test]
fn old_slots_are_forgotten_and_those_at_work_are_not() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let host = Host::new(home.path(), "a", HOURLY, &clock, QUICK);
    let book = host.books.book(&host.plan.job[0]).book;
    let slot = |hour: i64| "2024-11-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour);
    let mut kept = None;
    for hour in 0..60 {
        let Claimed::Won(turn) = book.claim("j", slot(hour)).unwrap() else { panic!() };
        let (began, told, host) = (slot(hour), String::new(), "a".to_owned());
        let run = Run {
            slot: slot(hour),
            began,
            ended: began,
            ending: Ending::Done,
            told,
            host,
            missed: 0,
            rest: Rest::default(),
        };
        if hour == 3 {
            kept = Some(turn);
        } else {
            turn.finish(&run).unwrap();
        }
    }
    book.thin("j").unwrap();
    let records = book.records("j", usize::MAX).unwrap();
    let slots: Vec<_> = records.iter().map(|record| record.slot).collect();
    assert_eq!(slots, std::iter::once(slot(3)).chain((10..60).map(slot)).collect::<Vec<_>>());
    drop(kept);
    let other: Arc<_> = host.books.book(&host.plan.job[0]).book;
    assert!(other.records("j.x", KEPT).unwrap().is_empty() && other.records("", KEPT).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_version_has_written_is_not_run_again() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let host = Host::new(home.path(), "a", HOURLY, &clock, QUICK);
    let work = Counting::default();
    host.run(&work).await;
    let file = home.path().join("store/.lifeboat/p/slots/job.j.20241118t030000z.json");
    let kept = std::fs::read_to_string(&file).unwrap();
    for changed in [kept.replace("\"done\"", "\"half-done\""), kept.replace("\"told\"", "\"said\"")] {
        assert_ne!(changed, kept);
        std::fs::write(&file, changed).unwrap();
        host.run(&work).await;
        let records = host.books.book(&host.plan.job[0]).book.records("j", 1).unwrap();
        assert_eq!((records[0].run().unwrap().ending, work.count()), (Ending::Unknown, 1));
    }
}

/// Works until it is told to stop.
struct Endless;

impl Executor for Endless {
    fn offers(&self, _: &Job) -> bool {
        true
    }

    async fn run(&self, _: &Job, _: &DueSlot, stop: CancellationToken) -> Outcome {
        stop.cancelled().await;
        Outcome::done("as far as it came")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_its_slot_stops_and_says_so() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let host = Host::new(home.path(), "a", HOURLY, &clock, QUICK);
    let file = home.path().join("store/.lifeboat/p/slots/job.j.20241118t030000z.json");
    // A renewal that is under way may write it once more.
    let lose = async {
        loop {
            tokio::time::sleep(QUICK.beat.approx()).await;
            let _ = std::fs::remove_file(&file);
        }
    };
    let said = tokio::select! {
        said = host.run(&Endless) => said,
        () = lose => unreachable!(),
    };
    let Came::Ended(run) = came(&said, "j") else { panic!("{said:?}") };
    assert_eq!(run.ending, Ending::Interrupted, "{run:?}");
    assert!(run.told.starts_with("its slot was taken over by another"), "{run:?}");
    assert!(said[0].troubles.iter().any(|told| told.contains("lost")), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_is_called_off_ends_its_command_and_frees_its_slot() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let plan = HOURLY.replace("['true']", "['sleep', '60']");
    let host = Host::new(home.path(), "a", &plan, &clock, QUICK);
    let with = host.contact();
    let chores = Chores { plan: &host.plan, with: &with };
    let call_off = async {
        while host.events().is_empty() {
            tokio::time::sleep(QUICK.beat.approx()).await;
        }
        host.stop.cancel();
    };
    let begun = std::time::Instant::now();
    let (said, ()) = tokio::join!(host.run(&chores), call_off);
    assert!(matches!(came(&said, "j"), Came::Ended(Run { ending: Ending::Interrupted, .. })), "{said:?}");
    assert!(begun.elapsed().as_secs() < 30);
    assert!(host.books.book(&host.plan.job[0]).book.records("j", KEPT).unwrap().is_empty());
}
