//! Several hosts that share nothing but a bucket: each slot once, through outages and lost answers.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use lifeboat::journal::claim::Pace;
use lifeboat::protect::due::{Came, Claimed, Ending, Run, SlotState};
use lifeboat::text::Span;
use tempfile::TempDir;

use super::{Counting, DEAD, Host, QUICK, WallClock, came};
use crate::lab::s3::{ACCESS_KEY, Endpoint, SECRET};
use crate::reach::s3::between::{Act, Head, between, refuse};

const SLOT: &str = "2024-11-18T03:00:00Z";
const NOW: &str = "2024-11-18T03:00:10Z";
/// Where a holder stays alive: a loaded machine may keep it from its beats for a while.
const CALM: Pace = Pace { beat: Span::from_millis(50), silence: Span::from_secs(2) };

/// A home with the keys of the endpoint.
fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in [("access", ACCESS_KEY), ("secret", SECRET)] {
        let path = home.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    home
}

/// An hourly job whose only store is the bucket of this service.
fn hourly(address: SocketAddr) -> String {
    format!(
        "[platform]\nname = 'p'\ntime_zone = 'UTC'\n\
         [[store]]\nname = 'offsite'\nkind = 's3'\nbucket = 'store'\nendpoint = 'http://{address}'\n\
         access_key = 'file:HOME/access'\nsecret_key = 'file:HOME/secret'\n\
         [[job]]\nname = 'j'\ndo = 'command'\nrun = ['true']\ncron = '0 * * * *'\nto = ['offsite']\n"
    )
}

async fn keys(endpoint: &Endpoint) -> Vec<String> {
    let listed = endpoint.client().list_objects_v2().bucket("store").send().await.unwrap();
    listed.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_hosts_one_wins_a_slot_in_a_bucket() {
    let (home, endpoint) = (home(), Endpoint::start().await);
    let (clock, plan) = (WallClock::at(NOW), hourly(endpoint.address));
    let hosts: Vec<Host> = (0..8).map(|n| Host::new(home.path(), &format!("h{n}"), &plan, &clock, QUICK)).collect();
    let slot = SLOT.parse().unwrap();
    let claim = |host: &Host| host.books.book(&host.plan.job[0]).book.claim("j", slot).unwrap();
    let claims: Vec<Claimed> = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let threads: Vec<_> = hosts.iter().map(|host| scope.spawn(|| claim(host))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    });
    assert_eq!(claims.iter().filter(|claimed| matches!(claimed, Claimed::Won(_))).count(), 1, "{claims:?}");
    assert_eq!(keys(&endpoint).await, [".lifeboat/conditions.json", ".lifeboat/p/slots/job.j.20241118t030000z.json"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_run_a_slot_once_and_both_know_how_it_ended() {
    let (home, endpoint) = (home(), Endpoint::start().await);
    let (clock, plan) = (WallClock::at(NOW), hourly(endpoint.address));
    let host = |name| Host::new(home.path(), name, &plan, &clock, CALM);
    let (a, b, work) = (host("a"), host("b"), Counting::default());
    for hour in 1..4 {
        let (one, other) = tokio::join!(a.run(&work), b.run(&work));
        assert_eq!(work.count(), hour, "{one:?} {other:?}");
        assert!(matches!(came(&b.run(&work).await, "j"), Came::NotYet { next: Some(_) }));
        for host in [&a, &b] {
            let records = host.books.book(&host.plan.job[0]).book.records("j", 9).unwrap();
            assert_eq!((records.len(), records[hour - 1].run().unwrap().ending), (hour, Ending::Done));
        }
        clock.pass(TimeDelta::hours(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_of_a_host_that_died_is_run_by_another_once_it_was_watched() {
    let (home, endpoint) = (home(), Endpoint::start().await);
    let (clock, plan) = (WallClock::at(NOW), hourly(endpoint.address));
    let dead = Host::new(home.path(), "dead", &plan, &clock, DEAD);
    let Claimed::Won(turn) = dead.books.book(&dead.plan.job[0]).book.claim("j", SLOT.parse().unwrap()).unwrap() else {
        panic!()
    };
    std::mem::forget(turn);
    let host = Host::new(home.path(), "host", &plan, &clock, QUICK);
    let (work, begun) = (Counting::default(), std::time::Instant::now());
    let said = host.run(&work).await;
    assert!(matches!(came(&said, "j"), Came::Ended(Run { ending: Ending::Done, .. })), "{said:?}");
    assert!(work.count() == 1 && begun.elapsed() >= QUICK.silence.approx(), "it was watched first");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_the_bucket_ends_no_slot_and_frees_none() {
    let (home, endpoint) = (home(), Endpoint::start().await);
    let clock = WallClock::at(NOW);
    let is_out = Arc::new(AtomicBool::new(false));
    let out = Arc::clone(&is_out);
    let act = move |_: &Head| if out.load(Ordering::SeqCst) { refuse(400, "Outage") } else { Act::Pass };
    let (address, count) = between(Some(endpoint.address), act).await;
    let plan = hourly(address);
    let host = |name| Host::new(home.path(), name, &plan, &clock, CALM);
    let (a, b, work) = (host("a"), host("b"), Counting::default());
    let Claimed::Won(turn) = a.books.book(&a.plan.job[0]).book.claim("j", SLOT.parse().unwrap()).unwrap() else {
        panic!()
    };
    // It is seen by the other before, through and after an outage that is longer than a silence.
    assert!(matches!(came(&b.run(&work).await, "j"), Came::Elsewhere { .. }));
    is_out.store(true, Ordering::SeqCst);
    let (before, begun) = (count.load(Ordering::SeqCst), std::time::Instant::now());
    while begun.elapsed() < CALM.silence.approx() * 2 || count.load(Ordering::SeqCst) < before + 5 {
        assert!(matches!(came(&b.run(&work).await, "j"), Came::Trouble(_)));
    }
    is_out.store(false, Ordering::SeqCst);
    let said = b.run(&work).await;
    assert!(matches!(came(&said, "j"), Came::Elsewhere { .. }), "{said:?}");
    assert_eq!(work.count(), 0);
    let is_lost = tokio::time::timeout(Duration::from_millis(100), turn.lost()).await.is_ok();
    assert!(!is_lost, "it was ours all the time");
    turn.give_back().unwrap();
    assert!(matches!(came(&b.run(&work).await, "j"), Came::Ended(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_and_refusals_cost_no_slot() {
    let (home, endpoint) = (home(), Endpoint::start().await);
    let clock = WallClock::at(NOW);
    let act = |head: &Head| match head.number % 7 {
        2 if head.is("PUT", "slots") => Act::Lose,
        4 => refuse(503, "SlowDown"),
        5 => refuse(500, "InternalError"),
        _ => Act::Pass,
    };
    let (address, _) = between(Some(endpoint.address), act).await;
    let plan = hourly(address);
    let host = |name| Host::new(home.path(), name, &plan, &clock, CALM);
    let (a, b, work) = (host("a"), host("b"), Counting::default());
    for hour in 1..4 {
        let (one, other) = tokio::join!(a.run(&work), b.run(&work));
        assert_eq!(work.count(), hour, "{one:?} {other:?}");
        clock.pass(TimeDelta::hours(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_its_slot_learns_of_it() {
    let (home, endpoint) = (home(), Endpoint::start().await);
    let clock = WallClock::at(NOW);
    let host = Host::new(home.path(), "a", &hourly(endpoint.address), &clock, QUICK);
    let book = host.books.book(&host.plan.job[0]).book;
    let Claimed::Won(turn) = book.claim("j", SLOT.parse().unwrap()).unwrap() else { panic!() };
    let key = ".lifeboat/p/slots/job.j.20241118t030000z.json";
    endpoint.client().delete_object().bucket("store").key(key).send().await.unwrap();
    turn.lost().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_ignores_conditions_is_told_and_each_host_has_its_own_slots() {
    type Behaviour = fn(&Head) -> Act;
    let unable: [Behaviour; 2] = [
        |head| if head.text.contains("\r\nif-none-match:") { refuse(501, "NotImplemented") } else { Act::Pass },
        // It writes whatever it is told.
        |head| {
            let is_conditional = head.text.contains("\r\nif-none-match:") || head.text.contains("\r\nif-match:");
            let taken = || Act::Say(200, "ETag: \"d41d8cd98f00b204e9800998ecf8427e\"\r\n".to_owned(), String::new());
            if is_conditional { taken() } else { Act::Pass }
        },
    ];
    for behaviour in unable {
        let (home, endpoint) = (home(), Endpoint::start().await);
        let clock = WallClock::at(NOW);
        let (address, _) = between(Some(endpoint.address), behaviour).await;
        let plan = hourly(address);
        let host = |name| Host::new(home.path(), name, &plan, &clock, QUICK);
        let (a, b, work) = (host("a"), host("b"), Counting::default());
        let said = a.run(&work).await;
        assert!(said[0].troubles.iter().any(|told| told.contains("other hosts do not see its slots")), "{said:?}");
        assert!(said[0].troubles[0].contains("whatever their condition"), "{said:?}");
        b.run(&work).await;
        assert_eq!(work.count(), 2, "better twice than never");
        a.run(&work).await;
        assert_eq!(work.count(), 2, "each host keeps its own");
        // Who only looks finds the same place.
        let asker = lifeboat::protect::due::Asker::here();
        let looked = lifeboat::protect::due::Books::to_look_at(&a.plan, &a.state, &asker, &a.secrets).await;
        let found = looked.book(&a.plan.job[0]);
        let records = found.book.records("j", 9).unwrap();
        assert!(found.trouble.is_some() && matches!(records[0].state, SlotState::Ended(_)), "{records:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_asks_a_bucket_little() {
    let (home, endpoint) = (home(), Endpoint::start().await);
    let clock = WallClock::at(NOW);
    let (address, count) = between(Some(endpoint.address), |_| Act::Pass).await;
    let host = Host::new(home.path(), "a", &hourly(address), &clock, QUICK);
    for _ in 0..3 {
        host.run(&Counting::default()).await;
        clock.pass(TimeDelta::hours(1));
    }
    let asker = lifeboat::protect::due::Asker::here();
    let looking = lifeboat::protect::due::Books::to_look_at(&host.plan, &host.state, &asker, &host.secrets).await;
    let book = looking.book(&host.plan.job[0]).book;
    let before = count.load(Ordering::SeqCst);
    for _ in 0..5 {
        assert_eq!(book.records("j", 9).unwrap().len(), 3);
    }
    // One listing, and each claim once.
    assert_eq!(count.load(Ordering::SeqCst) - before, 4);
}
