//! Two hosts' chains in one journal: an event comes after those its writer had seen, whatever the clocks say.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use lifeboat::journal::{ChainId, Draft, Fault, Folded, Journal, Settings, Summary};

use super::ground::{Ground, TRIED, TestClock, read, settings};

struct Host {
    journal: Journal,
    clock: Arc<TestClock>,
}

impl Host {
    fn new(ground: &Ground, name: &str) -> Host {
        let clock = Arc::new(TestClock::new());
        let chain = ChainId::of_host(name, name);
        let settings = Settings { chain, clock: clock.clone(), ..settings() };
        Host { journal: Journal::open(&ground.state, settings).unwrap(), clock }
    }

    fn says(&self, what: &str) {
        self.clock.pass(Duration::from_secs(10));
        self.journal.record(Draft::new(TRIED, what)).unwrap().wait().unwrap();
    }
}

fn order(ground: &Ground) -> Vec<String> {
    read(&ground.journal(), |event| (event.kind == TRIED.as_str()).then(|| event.subject.clone().into_owned()))
}

#[test]
fn what_was_seen_comes_first_even_if_the_clocks_disagree() {
    let ground = Ground::new();
    let (one, two) = (Host::new(&ground, "one"), Host::new(&ground, "two"));
    two.clock.set_by(TimeDelta::hours(-5));
    for what in ["1 one", "2 two", "3 one", "4 two", "5 two", "6 one"] {
        if what.ends_with("one") { one.says(what) } else { two.says(what) }
    }
    assert_eq!(order(&ground), ["1 one", "2 two", "3 one", "4 two", "5 two", "6 one"]);
    assert!(ground.verify().is_whole());
}

#[test]
fn unseen_by_each_other_time_decides() {
    let (ground, apart) = (Ground::new(), Ground::new());
    let (one, two) = (Host::new(&ground, "one"), Host::new(&apart, "two"));
    two.clock.pass(Duration::from_secs(5));
    for what in ["1 one", "2 two", "3 one", "4 two"] {
        if what.ends_with("one") { one.says(what) } else { two.says(what) }
    }
    mirror(&apart, &ground, &two);
    assert_eq!(order(&ground), ["1 one", "2 two", "3 one", "4 two"]);
}

/// Brings a chain over, as a bucket would.
fn mirror(from: &Ground, to: &Ground, host: &Host) {
    let chain = host.journal.chain().as_str();
    let copy = std::process::Command::new("cp").arg("-a").arg(from.journal().join(chain)).arg(to.journal()).status();
    assert!(copy.unwrap().success());
}

#[test]
fn a_chain_that_arrives_late_is_folded_in_its_place() {
    let (ground, apart) = (Ground::new(), Ground::new());
    let (one, two) = (Host::new(&ground, "one"), Host::new(&apart, "two"));
    two.says("early");
    let many = (0..2_500).map(|_| Draft::new(TRIED, "many")).collect();
    one.clock.pass(Duration::from_mins(1));
    one.journal.record_all(many).unwrap().wait().unwrap();
    let before = Folded::<Summary>::open(&ground.journal()).unwrap();
    mirror(&apart, &ground, &two);
    let after = Folded::<Summary>::open(&ground.journal()).unwrap();
    assert_eq!(after.fresh, before.value.events + 2, "all was read again");
    assert_eq!(after.value.subjects["early"].number, 2);
}

#[test]
fn a_chain_that_lost_what_another_has_seen_is_found_out() {
    let ground = Ground::new();
    let (one, two) = (Host::new(&ground, "one"), Host::new(&ground, "two"));
    (0..5).for_each(|_| one.says("one"));
    two.says("two");
    let file = ground.journal().join(one.journal.chain().as_str()).join("000000000001.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    let kept: Vec<&str> = text.lines().take(3).collect();
    std::fs::write(&file, kept.join("\n") + "\n").unwrap();
    let report = ground.verify();
    let broken = report.chains.iter().find_map(|chain| chain.broken.as_ref()).unwrap();
    assert!(matches!(&broken.fault, Fault::CutShort { by, .. } if by.contains("of two-")), "{broken:#?}");
}
