//! Claims among threads, processes and hosts: held by one, taken over only from one that is gone.

use std::sync::{Arc, Barrier};

use lifeboat::journal::claim::{
    Claim, ClaimError, ClaimName, ClaimStore, Claims, Held, Holder, LocalClaims, Pace, Verdict,
};
use lifeboat::text::{Exit, Explain, Span};

use super::ground::{Ground, full};
use super::writer::Orders;

pub fn name(text: &str) -> ClaimName {
    text.parse().unwrap()
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
fn what_harms_nobody_twice_is_taken_over_from_a_stopped_holder_too() {
    let ground = Ground::new();
    let claimed = name("watch");
    let holder = Orders { claims: vec![claimed.clone()], ..Orders::new(ground.state.path(), "x") }.start();
    holder.wait_until_said(1);
    holder.signal("-STOP");
    let store = Arc::new(LocalClaims::open(&ground.state).unwrap());
    let pace = Pace { silence: Span::from_millis(300), ..Pace::default() };
    let claims = Claims::on(store, Arc::new(lifeboat::text::SystemClock), Holder::here(""), pace);
    super::ground::until("the silence is noticed", || {
        matches!(claims.inspect(&claimed).unwrap().verdict(), Verdict::Silent { .. })
    });
    let looked = claims.inspect(&claimed).unwrap();
    let refused = claims.take_over(looked.clone(), "restore").unwrap_err();
    assert!(refused.to_string().contains("still exists, but has not renewed it"), "{refused}");
    let held = claims.take_over_from_the_silent(looked, "watch").unwrap();
    assert_eq!(held.generation(), 2);
    holder.signal("-CONT");
    held.renew().unwrap();
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
