//! Claims among threads, processes and hosts: held by one, taken over only from one that is gone.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use lifeboat::journal::ChainId;
use lifeboat::journal::claim::{
    Claim, ClaimError, ClaimName, ClaimStore, Claims, Held, Holder, LocalClaims, Pace, Standing, Verdict,
};
use lifeboat::text::{Exit, Explain, Span};

use super::ground::{Ground, TestClock, full};
use super::writer::Orders;

fn name(text: &str) -> ClaimName {
    text.parse().unwrap()
}

/// The claims of a host that is not this one, by a clock that goes as told.
fn elsewhere(ground: &Ground, host: &str, clock: &Arc<TestClock>) -> Claims {
    let me = Holder { chain: ChainId::of_host(host, host), host: host.to_owned(), ..Holder::here("") };
    let store = Arc::new(LocalClaims::open(&ground.state).unwrap());
    let pace = Pace { beat: Span::from_hours(1), silence: Span::from_secs(60) };
    Claims::on(store, clock.clone(), me, pace)
}

#[test]
fn of_sixteen_who_race_one_wins() {
    const RACERS: usize = 16;
    let rounds = if full() { 200 } else { 30 };
    let ground = Ground::new();
    let start = Barrier::new(RACERS);
    let won: Vec<Vec<(usize, Held)>> = std::thread::scope(|scope| {
        let race = |_| {
            scope.spawn(|| {
                let claims = Claims::here(&ground.state).unwrap();
                let mut won = Vec::new();
                for round in 0..rounds {
                    start.wait();
                    match claims.acquire(&name(&format!("round.{round}")), "to win") {
                        Ok(held) => won.push((round, held)),
                        Err(ClaimError::Held { holder, .. }) => assert_eq!(holder.process.pid, std::process::id()),
                        Err(error) => panic!("{error}"),
                    }
                }
                won
            })
        };
        let racers: Vec<_> = (0..RACERS).map(race).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    let mut rounds_won: Vec<usize> = won.iter().flatten().map(|(round, _)| *round).collect();
    rounds_won.sort_unstable();
    assert_eq!(rounds_won, (0..rounds).collect::<Vec<_>>());
}

#[test]
fn of_sixteen_who_take_over_one_wins() {
    const RACERS: usize = 16;
    let rounds = if full() { 200 } else { 30 };
    let ground = Ground::new();
    let names: Vec<ClaimName> = (0..rounds).map(|round| name(&format!("round.{round}"))).collect();
    let dead = Orders { claims: names.clone(), ..Orders::new(ground.state.path(), "x") }.start();
    dead.wait_until_said(rounds);
    assert_eq!(dead.kill().len(), rounds);
    let start = Barrier::new(RACERS);
    let winners: usize = std::thread::scope(|scope| {
        let race = |_| {
            scope.spawn(|| {
                let claims = Claims::here(&ground.state).unwrap();
                let mut won = Vec::new();
                for name in &names {
                    let looked = claims.inspect(name).unwrap();
                    assert!(matches!(looked.verdict(), Verdict::Gone { .. }), "{:?}", looked.verdict());
                    start.wait();
                    match claims.take_over(looked, "to win") {
                        Ok(held) => won.push(held),
                        Err(ClaimError::Held { .. } | ClaimError::Changed(_)) => {}
                        Err(error) => panic!("{error}"),
                    }
                    start.wait();
                }
                assert!(won.iter().all(|held| held.generation() == 2));
                won.len()
            })
        };
        let racers: Vec<_> = (0..RACERS).map(race).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).sum()
    });
    assert_eq!(winners, rounds);
}

#[test]
fn of_eight_processes_one_gets_each() {
    let ground = Ground::new();
    let names: Vec<ClaimName> = (0..25).map(|number| name(&format!("job.{number}"))).collect();
    let orders = Orders { claims: names, ..Orders::new(ground.state.path(), "x") };
    let processes: Vec<_> = (0..8).map(|_| orders.start()).collect();
    for process in &processes {
        process.wait_until_said(25);
    }
    let said: Vec<String> = processes.into_iter().flat_map(super::writer::Process::finish).collect();
    let mut got: Vec<&String> = said.iter().filter(|line| line.starts_with("got ")).collect();
    got.sort();
    got.dedup();
    assert_eq!((got.len(), said.iter().filter(|line| line.starts_with("got ")).count()), (25, 25));
}

#[test]
fn a_holder_is_named_kept_while_stopped_and_replaced_once_dead() {
    let ground = Ground::new();
    let claimed = name("component.postgres");
    let holder = Orders { claims: vec![claimed.clone()], ..Orders::new(ground.state.path(), "x") }.start();
    holder.wait_until_said(1);
    let claims = Claims::here(&ground.state).unwrap();
    let refused = claims.acquire(&claimed, "restore").unwrap_err();
    assert!(refused.to_string().contains(&format!("(process {}) for a trial since 20", holder.pid())), "{refused}");
    assert_eq!(refused.exit(), Exit::Refused);

    holder.signal("-STOP");
    let looked = claims.inspect(&claimed).unwrap();
    assert!(matches!(looked.verdict(), Verdict::Kept { .. }), "{:?}", looked.verdict());
    assert!(matches!(claims.take_over(looked, "restore"), Err(ClaimError::Held { .. })));

    let early = claims.inspect(&claimed).unwrap();
    holder.kill();
    assert!(claims.acquire(&claimed, "restore").unwrap_err().to_string().contains("has ended"), "it must be looked at");
    assert!(matches!(claims.take_over(early, "restore"), Err(ClaimError::Held { .. })), "looked at too early");
    let looked = claims.inspect(&claimed).unwrap();
    let held = claims.take_over(looked, "restore").unwrap();
    assert_eq!(held.generation(), 2);
    held.check().unwrap();
}

#[test]
fn given_back_it_is_free_and_its_number_grows() {
    let ground = Ground::new();
    let claims = Claims::here(&ground.state).unwrap();
    let claimed = name("job.daily");
    for generation in 1..=3 {
        let held = claims.acquire(&claimed, "a job").unwrap();
        assert_eq!(held.generation(), generation);
        held.renew().unwrap();
        if generation == 2 { drop(held) } else { held.release().unwrap() }
    }
    assert_eq!(claims.inspect(&claimed).unwrap().verdict(), &Verdict::Free);
}

#[test]
fn another_hosts_claim_is_taken_over_only_after_watching_it_long_enough() {
    let ground = Ground::new();
    let clock = Arc::new(TestClock::new());
    let (one, two) = (elsewhere(&ground, "one", &clock), elsewhere(&ground, "two", &clock));
    let claimed = name("component.postgres");
    let held = one.acquire(&claimed, "restore").unwrap();
    let looked = two.inspect(&claimed).unwrap();
    assert_eq!(looked.verdict(), &Verdict::Watching { left: Span::from_secs(60) });
    clock.pass(Duration::from_secs(59));
    held.renew().unwrap();
    let looked = two.look_again(looked).unwrap();
    assert_eq!(looked.verdict(), &Verdict::Watching { left: Span::from_secs(60) }, "it was renewed");
    clock.pass(Duration::from_secs(30));
    let looked = two.look_again(looked).unwrap();
    assert_eq!(looked.verdict(), &Verdict::Watching { left: Span::from_secs(30) });
    clock.pass(Duration::from_secs(30));
    let looked = two.look_again(looked).unwrap();
    assert!(matches!(looked.verdict(), Verdict::Gone { .. }));

    // Renewed after the look and before the taking: it was not gone after all.
    let stale = looked.clone();
    held.renew().unwrap();
    assert!(matches!(two.take_over(stale, "restore"), Err(ClaimError::Held { .. })));
    held.check().unwrap();

    let mut looked = two.inspect(&claimed).unwrap();
    clock.pass(Duration::from_mins(1));
    looked = two.look_again(looked).unwrap();
    let mut told = held.watch();
    let taken = two.take_over(looked, "restore").unwrap();
    assert_eq!(taken.generation(), 2);
    let lost = held.renew().unwrap_err();
    assert!(lost.to_string().contains("was lost to") && lost.to_string().contains("on two"), "{lost}");
    assert!(told.has_changed().unwrap());
    assert!(matches!(*told.borrow_and_update(), Standing::Lost(_)));
    assert!(held.check().is_err());
    drop(held);
    taken.renew().unwrap();
}

#[test]
fn a_claim_that_cannot_be_renewed_becomes_doubtful_and_recovers() {
    let ground = Ground::new();
    let clock = Arc::new(TestClock::new());
    let claims = elsewhere(&ground, "one", &clock);
    let held = claims.acquire(&name("x"), "restore").unwrap();
    let directory = ground.state.path().join("claims");
    let hidden = ground.state.path().join("hidden");
    std::fs::rename(&directory, &hidden).unwrap();
    held.renew().unwrap();
    clock.pass(Duration::from_secs(40));
    let doubtful = held.renew().unwrap_err();
    assert!(doubtful.to_string().contains("could not be renewed since 2024-11-18T11:00:00.000Z"), "{doubtful}");
    std::fs::rename(&hidden, &directory).unwrap();
    held.renew().unwrap();
}

#[test]
fn the_background_renews_and_learns_of_the_loss() {
    let ground = Ground::new();
    let store = Arc::new(LocalClaims::open(&ground.state).unwrap());
    let pace = Pace { beat: Span::from_millis(10), silence: Span::from_secs(60) };
    let claims = Claims::on(store.clone(), Arc::new(lifeboat::text::SystemClock), Holder::here(""), pace);
    let claimed = name("x");
    let held = claims.acquire(&claimed, "restore").unwrap();
    let beats = || claims.inspect(&claimed).unwrap().claim().unwrap().beat;
    super::ground::until("the claim is renewed", || beats() >= 3);
    super::ground::until("somebody else gets in between", || {
        let (claim, tag) = store.read(&claimed).unwrap().unwrap();
        let taken = Claim { generation: claim.generation + 1, ..claim };
        store.replace(&claimed, &tag, &taken).unwrap().is_some()
    });
    super::ground::until("the loss is learnt", || held.check().is_err());
}

#[test]
fn what_is_no_claim_is_refused_with_its_path() {
    let ground = Ground::new();
    let claims = Claims::here(&ground.state).unwrap();
    std::fs::write(ground.state.path().join("claims/x.json"), "{").unwrap();
    let error = claims.acquire(&name("x"), "restore").unwrap_err();
    assert!(error.to_string().contains("x.json") && error.next_step().contains("move"), "{error}");
    for odd in ["", "..", "a/b", "A", ".hidden"] {
        assert!(odd.parse::<ClaimName>().is_err(), "{odd}");
    }
}
