//! Holding a claim by a clock that goes as told: how it is kept, doubted and lost.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lifeboat::journal::ChainId;
use lifeboat::journal::claim::{
    Claim, ClaimError, ClaimName, ClaimStore, Claims, Holder, LocalClaims, Pace, Standing, Tag, Verdict,
};
use lifeboat::text::Span;

use super::claims::name;
use super::ground::{Ground, TestClock, until};

/// Renewed only when told.
fn pace() -> Pace {
    Pace { beat: Span::from_hours(1), silence: Span::from_secs(60) }
}

/// The claims of a host that is not this one, by a clock that goes as told.
fn elsewhere(ground: &Ground, host: &str, clock: &Arc<TestClock>) -> Claims {
    let me = Holder { chain: ChainId::of_host(host, host), host: host.to_owned(), ..Holder::here("") };
    let store = Arc::new(LocalClaims::open(&ground.state).unwrap());
    Claims::on(store, clock.clone(), me, pace())
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
    fs::rename(&directory, &hidden).unwrap();
    held.renew().unwrap();
    clock.pass(Duration::from_secs(40));
    let doubtful = held.renew().unwrap_err();
    assert!(doubtful.to_string().contains("could not be renewed since 2024-11-18T11:00:00.000Z"), "{doubtful}");
    fs::rename(&hidden, &directory).unwrap();
    held.renew().unwrap();
}

#[test]
fn another_boot_of_what_looks_like_this_host_may_be_a_clone_of_it_at_work() {
    let ground = Ground::new();
    let clock = Arc::new(TestClock::new());
    let boot = |id: &str| {
        let me = Holder { boot_id: id.to_owned(), ..Holder::here("") };
        Claims::on(Arc::new(LocalClaims::open(&ground.state).unwrap()), clock.clone(), me, pace())
    };
    let (one, two) = (boot("boot-one"), boot("boot-two"));
    let claimed = name("component.postgres");
    let held = one.acquire(&claimed, "restore").unwrap();
    let mut looked = two.inspect(&claimed).unwrap();
    assert_eq!(looked.verdict(), &Verdict::Watching { left: Span::from_secs(60) });
    assert!(matches!(two.take_over(looked.clone(), "restore"), Err(ClaimError::Held { .. })));
    clock.pass(Duration::from_secs(59));
    held.renew().unwrap();
    looked = two.look_again(looked).unwrap();
    assert_eq!(looked.verdict(), &Verdict::Watching { left: Span::from_secs(60) }, "it was renewed");
    clock.pass(Duration::from_mins(1));
    looked = two.look_again(looked).unwrap();
    assert!(matches!(looked.verdict(), Verdict::Gone { .. }));
    assert_eq!(two.take_over(looked, "restore").unwrap().generation(), 2);
}

#[test]
fn a_claim_that_was_removed_and_taken_anew_is_lost_although_its_number_is_the_same() {
    let ground = Ground::new();
    let clock = Arc::new(TestClock::new());
    let (one, two) = (elsewhere(&ground, "one", &clock), elsewhere(&ground, "two", &clock));
    let claimed = name("x");
    let first = one.acquire(&claimed, "restore").unwrap();
    fs::remove_file(ground.state.path().join("claims/x.json")).unwrap();
    let second = two.acquire(&claimed, "restore").unwrap();
    assert_eq!(first.generation(), second.generation());
    let lost = first.renew().unwrap_err();
    assert!(lost.to_string().contains("on two"), "{lost}");
    second.renew().unwrap();
    // The same holder once more is another holding all the same.
    fs::remove_file(ground.state.path().join("claims/x.json")).unwrap();
    clock.pass(Duration::from_secs(1));
    let third = two.acquire(&claimed, "restore").unwrap();
    assert!(matches!(second.renew(), Err(ClaimError::Lost { .. })));
    third.renew().unwrap();
}

#[test]
fn giving_back_what_another_has_taken_names_that_other() {
    let ground = Ground::new();
    let clock = Arc::new(TestClock::new());
    let (one, two) = (elsewhere(&ground, "one", &clock), elsewhere(&ground, "two", &clock));
    let take = || {
        let held = one.acquire(&name("x"), "restore").unwrap();
        let looked = two.inspect(&name("x")).unwrap();
        clock.pass(Duration::from_mins(1));
        (held, two.take_over(two.look_again(looked).unwrap(), "restore").unwrap())
    };
    let (held, taken) = take();
    let lost = held.release().unwrap_err();
    assert!(lost.to_string().contains("was lost to") && lost.to_string().contains("on two"), "{lost}");
    taken.renew().unwrap();
    taken.release().unwrap();
    let (held, taken) = take();
    taken.release().unwrap();
    let lost = held.release().unwrap_err();
    assert!(lost.to_string().contains("nobody holds it now"), "{lost}");
}

/// A stopped process runs on (kill -STOP, -CONT; a suspended machine) before its background has noticed.
#[test]
fn after_a_long_silence_a_claim_is_doubtful_whether_or_not_the_background_knows() {
    let ground = Ground::new();
    let clock = Arc::new(TestClock::new());
    let held = elsewhere(&ground, "one", &clock).acquire(&name("x"), "restore").unwrap();
    clock.pass(Duration::from_secs(29));
    held.check().unwrap();
    clock.pass(Duration::from_secs(1));
    let doubtful = held.check().unwrap_err();
    assert!(doubtful.to_string().contains("could not be renewed since 2024-11-18T11:00:00.000Z"), "{doubtful}");
    held.renew().unwrap();
    held.check().unwrap();
}

/// A store that does not answer while the gate is held.
struct Hanging {
    store: LocalClaims,
    gate: Mutex<()>,
    asked: Mutex<usize>,
}

impl ClaimStore for Hanging {
    fn read(&self, name: &ClaimName) -> Result<Option<(Claim, Tag)>, ClaimError> {
        self.store.read(name)
    }

    fn create(&self, name: &ClaimName, claim: &Claim) -> Result<Option<Tag>, ClaimError> {
        self.store.create(name, claim)
    }

    fn replace(&self, name: &ClaimName, expected: &Tag, claim: &Claim) -> Result<Option<Tag>, ClaimError> {
        *self.asked.lock().unwrap() += 1;
        let _gate = self.gate.lock().unwrap();
        self.store.replace(name, expected, claim)
    }

    fn names(&self) -> Result<Vec<ClaimName>, ClaimError> {
        self.store.names()
    }

    fn forget(&self, name: &ClaimName, expected: &Tag) -> Result<(), ClaimError> {
        self.store.forget(name, expected)
    }
}

#[test]
fn a_store_that_hangs_makes_a_claim_doubtful_and_nobody_wait() {
    let ground = Ground::new();
    let clock = Arc::new(TestClock::new());
    let store = LocalClaims::open(&ground.state).unwrap();
    let store = Arc::new(Hanging { store, gate: Mutex::default(), asked: Mutex::default() });
    let held = Claims::on(store.clone(), clock.clone(), Holder::here(""), pace()).acquire(&name("x"), "y").unwrap();
    std::thread::scope(|scope| {
        let gate = store.gate.lock().unwrap();
        let renewal = scope.spawn(|| held.renew());
        until("the store is asked", || *store.asked.lock().unwrap() == 1);
        clock.pass(Duration::from_secs(31));
        assert!(matches!(held.check(), Err(ClaimError::Doubtful { .. })));
        assert_eq!(held.generation(), 1, "asked without waiting");
        drop(gate);
        // It came through, but says when it was begun.
        assert!(matches!(renewal.join().unwrap(), Err(ClaimError::Doubtful { .. })));
    });
    held.renew().unwrap();
}
