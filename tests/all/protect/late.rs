//! Slots that nobody began, jobs that wait for others, and those that nobody here can do.

use chrono::TimeDelta;
use lifeboat::protect::due::{Came, Claimed, Ending, KEPT, Run};
use lifeboat::protect::run::Chores;

use super::{Counting, HOURLY, Host, QUICK, WallClock, came, home};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_told_once_and_only_the_newest_is_caught_up() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let hosts = ["a", "b"].map(|name| Host::new(home.path(), name, HOURLY, &clock, QUICK));
    let work = Counting::default();
    hosts[0].run(&work).await;
    clock.pass(TimeDelta::hours(10) + TimeDelta::minutes(20));
    for host in [&hosts[1], &hosts[0]] {
        host.run(&work).await;
    }
    assert_eq!(work.count(), 2);
    let told: Vec<_> = hosts.iter().flat_map(Host::events).filter(|(kind, ..)| kind == "job.missed").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].2, serde_json::json!({ "count": 9, "first": "2024-11-18T04:00:00.000Z" }));
    let run = hosts[0].books.book(&hosts[0].plan.job[0]).book.records("j", KEPT).unwrap().pop().unwrap();
    assert_eq!(run.run().unwrap().missed, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_late_is_left_out_and_told_once() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let plan = format!("{HOURLY}late = 'skip'\n");
    let hosts = ["a", "b"].map(|name| Host::new(home.path(), name, &plan, &clock, QUICK));
    let work = Counting::default();
    hosts[0].run(&work).await;
    clock.pass(TimeDelta::hours(2) + TimeDelta::minutes(30));
    let said = hosts[1].run(&work).await;
    assert!(matches!(came(&said, "j"), Came::Ended(Run { ending: Ending::Skipped, missed: 1, .. })), "{said:?}");
    let said = hosts[0].run(&work).await;
    assert!(matches!(came(&said, "j"), Came::NotYet { .. }), "{said:?}");
    assert_eq!(work.count(), 1);
    let told = hosts.iter().flat_map(Host::events).filter(|(kind, ..)| kind == "job.missed").count();
    assert_eq!(told, 2, "the one before, and this one");
}

const CHAIN: &str = "[platform]\nname = 'p'\ntime_zone = 'UTC'\n\
    [[store]]\nname = 'local'\nkind = 'directory'\npath = 'HOME/store'\n\
    [[job]]\nname = 'verify'\ndo = 'verify'\ntakes = ['upload', 'dump']\ncron = '0 3 * * *'\n\
    [[job]]\nname = 'upload'\ndo = 'upload'\ntakes = ['dump']\ncron = '0 3 * * *'\nto = ['local']\n\
    [[job]]\nname = 'dump'\ndo = 'backup'\ncron = '0 3 * * *'\nto = ['local']\n\
    [[job]]\nname = 'wal'\ndo = 'backup'\ncontinuous = true\nlag = '1min'\nto = ['local']\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_from_another_runs_after_it_and_waits_for_it_on_another_host() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let host = Host::new(home.path(), "a", CHAIN, &clock, QUICK);
    let work = Counting::default();
    let said = host.run(&work).await;
    assert_eq!(*work.jobs.lock().unwrap(), ["dump", "upload", "verify"]);
    assert!(matches!(came(&said, "wal"), Came::NoSlots));

    clock.pass(TimeDelta::days(1));
    let other = Host::new(home.path(), "b", CHAIN, &clock, QUICK);
    let slot = "2024-11-19T03:00:00Z".parse().unwrap();
    let Claimed::Won(turn) = other.books.book(&other.plan.job[2]).book.claim("dump", slot).unwrap() else { panic!() };
    let said = host.run(&work).await;
    assert!(matches!(came(&said, "upload"), Came::Waits { on } if on == "dump"), "{said:?}");
    assert_eq!(work.count(), 3);
    turn.give_back().unwrap();
    host.run(&work).await;
    assert_eq!(work.count(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_of_what_nobody_here_can_do_is_left_to_others() {
    let home = home();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let host = Host::new(home.path(), "a", CHAIN, &clock, QUICK);
    let with = host.contact();
    let said = host.run(&Chores { plan: &host.plan, with: &with }).await;
    assert!(matches!(came(&said, "dump"), Came::NotOffered), "{said:?}");
    let work = Counting::default();
    host.run(&work).await;
    assert_eq!(work.count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_store_is_gone_the_job_is_run_and_that_is_said() {
    let home = tempfile::tempdir().unwrap();
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let host = Host::new(home.path(), "a", HOURLY, &clock, QUICK);
    let work = Counting::default();
    let said = host.run(&work).await;
    assert!(matches!(came(&said, "j"), Came::Ended(_)), "{said:?}");
    assert!(said[0].troubles[0].contains("other hosts do not see its slots: store local"), "{said:?}");
    host.run(&work).await;
    assert_eq!(work.count(), 1);
    assert!(!home.path().join("store").exists(), "a folder where a disk should be mounted is no store");
}
