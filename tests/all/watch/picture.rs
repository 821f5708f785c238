//! What readings come to together.

use lifeboat::plan::facts::Verdict::{Degraded, Down, Healthy, Unknown};
use lifeboat::plan::facts::{Value, Verdict};
use lifeboat::watch::{Because, OwnNetwork, Picture, Update};

use super::made_up::{Told, at, plan};

const TWO: &str = "
[[site]]
name = 'primary'
role = 'primary'
[[site]]
name = 'dr'
[[component]]
name = 'db'
kind = 'postgres'
site = 'primary'
priority = 1
every = '5s'
deadline = '3s'
[[component]]
name = 'db-dr'
kind = 'postgres'
site = 'dr'
priority = 1
every = '5s'
deadline = '3s'
";

#[test]
fn a_verdict_changes_when_two_readings_agree_and_the_raw_one_is_there_at_once() {
    let mut told = Told::new(TWO);
    assert!(told.hears("db", 0, Healthy, &[]).unwrap().first);
    assert_eq!(told.hears("db", 5, Down, &[]), None);
    assert_eq!(told.verdict("db"), Healthy);
    assert_eq!(told.0.seen(0).raw(), Some(Down));
    let change = told.hears("db", 10, Down, &[]).unwrap();
    assert_eq!((change.from, change.to, change.at, change.first), (Healthy, Down, at(5), false));
    assert_eq!(change.reason, "it says so");
}

#[test]
fn what_is_asked_rarely_makes_it_worse_and_never_better() {
    let mut told = Told::new(TWO);
    told.hears("db", 0, Healthy, &[]);
    let change = told.hears_rarely("db", 1, Degraded, &[("invalid_indexes", Value::Count(2))]).unwrap();
    assert_eq!((change.from, change.to), (Healthy, Degraded));
    told.hears("db", 5, Healthy, &[]);
    assert_eq!(told.verdict("db"), Degraded);
    told.hears("db", 10, Down, &[]);
    told.hears("db", 15, Down, &[]);
    assert_eq!(told.verdict("db"), Down);
    told.hears_rarely("db", 16, Healthy, &[]);
    assert_eq!(told.verdict("db"), Down);
}

#[test]
fn an_answer_that_grew_old_is_no_longer_believed() {
    let mut told = Told::new(TWO);
    told.hears("db", 0, Healthy, &[]);
    assert!(told.0.settle(at(18)).is_empty());
    let changes = told.0.settle(at(19));
    assert_eq!((changes.len(), changes[0].to), (1, Unknown));
    assert_eq!(told.verdict("db"), Unknown);
    // Who looks once tells everything when the slowest has answered, and that may take long.
    let mut once = Told(Picture::of_one_look(plan(TWO)));
    once.hears("db", 0, Healthy, &[]);
    assert!(once.0.settle(at(60)).is_empty());
    assert_eq!(once.verdict("db"), Healthy);
}

#[test]
fn when_nobody_can_be_reached_our_own_network_is_the_suspect() {
    let mut told = Told::new(TWO);
    told.0.settle(at(0));
    assert_eq!(told.0.network(), OwnNetwork::Untried);
    told.hears_nothing("db", 1);
    told.hears_nothing("db-dr", 1);
    told.0.settle(at(2));
    assert_eq!(told.0.network(), OwnNetwork::Suspect { since: at(2) });
    told.hears_nothing("db", 6);
    told.0.settle(at(7));
    assert_eq!(told.0.network(), OwnNetwork::Suspect { since: at(2) });
    // A refusal is a sign of life of the network too.
    told.hears("db-dr", 8, Down, &[("connection", Value::word("refused"))]);
    told.0.settle(at(9));
    assert_eq!(told.0.network(), OwnNetwork::Proven);
}

#[test]
fn who_is_silent_counts_as_unavailable_only_while_our_network_is_proven() {
    let mut told = Told::new(TWO);
    told.stays_silent("db", 0);
    told.stays_silent("db-dr", 0);
    told.0.settle(at(1));
    assert!(!told.0.is_unavailable(told.0.seen(0)));
    told.hears("db-dr", 5, Healthy, &[]);
    told.hears("db-dr", 6, Healthy, &[]);
    told.0.settle(at(7));
    assert!(told.0.is_unavailable(told.0.seen(0)));
    assert_eq!(told.why("db", 360), ["unreachable from here for 6min", "it says so"]);
}

#[test]
fn an_answer_from_before_the_silence_proves_the_network_for_a_moment_only() {
    let slow = format!("{TWO}[[component]]\nname = 'slow'\nkind = 'redis'\nevery = '10min'\n");
    let mut told = Told::new(&slow);
    for name in ["db", "db-dr", "slow"] {
        told.hears(name, 0, Healthy, &[]);
    }
    told.0.settle(at(1));
    assert_eq!(told.0.network(), OwnNetwork::Proven);
    told.stays_silent("db", 20);
    told.stays_silent("db-dr", 20);
    told.0.settle(at(30));
    assert_eq!(told.0.network(), OwnNetwork::Proven, "it answered half a minute ago");
    told.hears_nothing("db", 36);
    told.0.settle(at(36));
    assert_eq!(told.0.network(), OwnNetwork::Suspect { since: at(36) }, "it may be silent too by now");
    told.hears("slow", 40, Healthy, &[]);
    for second in [41, 500] {
        told.hears_nothing("db", second);
        told.hears_nothing("db-dr", second);
        told.0.settle(at(second));
        assert_eq!(told.0.network(), OwnNetwork::Proven, "it answered after they had fallen silent");
    }
}

#[test]
fn what_runs_on_this_machine_proves_no_network() {
    let here = format!("{TWO}[[component]]\nname = 'here'\nkind = 'redis'\naddress = 'redis://localhost:6379'\n");
    let mut told = Told::new(&here);
    told.stays_silent("db", 0);
    told.stays_silent("db-dr", 0);
    told.hears("here", 1, Healthy, &[]);
    told.0.settle(at(1));
    assert_eq!(told.0.network(), OwnNetwork::Suspect { since: at(1) });
    // Where everything runs here, nothing else can.
    let mut told = Told::new("[[component]]\nname = 'here'\nkind = 'redis'\naddress = 'redis://127.0.0.1'\n");
    told.hears("here", 1, Healthy, &[]);
    told.0.settle(at(1));
    assert_eq!(told.0.network(), OwnNetwork::Proven);
}

#[test]
fn who_is_to_look_from_elsewhere_is_heard_first() {
    let seen = format!("{TWO}[[vantage]]\nname = 'there'\nreach = {{ ssh = 'there' }}\n");
    let mut told = Told::new(&seen);
    told.hears("db-dr", 0, Healthy, &[]);
    told.stays_silent("db", 0);
    told.0.settle(at(1));
    assert!(!told.0.is_unavailable(told.0.seen(0)), "nobody knows what is seen from there");
    told.0.apply(Update::VantageLost { vantage: "there".into(), why: "no route".to_owned() });
    told.0.settle(at(2));
    assert!(told.0.is_unavailable(told.0.seen(0)), "who is lost cannot be waited for");
}

#[test]
fn who_was_not_even_asked_is_not_silent_and_proves_nothing_about_the_network() {
    let mut told = Told::new(TWO);
    let word = |word| [("connection", Value::word(word))];
    told.hears("db", 0, Unknown, &word("unasked"));
    told.hears("db-dr", 0, Unknown, &word("unasked"));
    told.0.settle(at(1));
    assert_eq!(told.0.network(), OwnNetwork::Untried);
    for second in [2, 3] {
        told.hears("db-dr", second, Healthy, &word("open"));
    }
    told.0.settle(at(4));
    told.hears("db", 4, Unknown, &word("unasked"));
    for (said, is_silent) in [("unasked", false), ("strange", false), ("denied", false), ("unreachable", true)] {
        told.hears("db", 5, Unknown, &word(said));
        assert_eq!(told.0.is_unavailable(told.0.seen(0)), is_silent, "{said}");
        assert_eq!(told.why("db", 6)[0].starts_with("unreachable from here"), is_silent, "{said}");
    }
}

#[test]
fn another_vantage_point_that_sees_it_says_so() {
    let mut told = Told::new(TWO);
    told.hears("db-dr", 0, Healthy, &[]);
    told.stays_silent("db", 0);
    told.elsewhere("db", "there", 0, Healthy);
    told.0.settle(at(1));
    assert!(!told.0.is_unavailable(told.0.seen(0)));
    assert_eq!(told.why("db", 1)[0], "unknown from here, healthy from there");
    told.elsewhere("db", "there", 2, Unknown);
    told.0.settle(at(3));
    assert!(told.0.is_unavailable(told.0.seen(0)));
    assert_eq!(told.why("db", 120)[0], "unreachable from here and there for 2min");
}

#[test]
fn a_site_is_lost_when_nothing_there_answers_and_another_site_does() {
    let mut told = Told::new(TWO);
    let lost = |told: &Told| -> Vec<bool> { told.0.sites().iter().map(|site| site.is_lost).collect() };
    told.stays_silent("db", 0);
    told.stays_silent("db-dr", 0);
    told.0.settle(at(1));
    assert_eq!(lost(&told), [false, false]);
    told.hears("db-dr", 2, Healthy, &[]);
    told.hears("db-dr", 3, Healthy, &[]);
    told.0.settle(at(4));
    told.0.settle(at(5));
    assert_eq!(lost(&told), [true, false]);
    let verdicts: Vec<Verdict> = told.0.sites().iter().map(|site| site.verdict).collect();
    assert_eq!(verdicts, [Unknown, Healthy]);
    assert!(told.0.sites()[0].is_unavailable);
}

#[test]
fn the_active_site_is_where_dns_points_else_that_of_the_plan() {
    let mut told = Told::new(&format!("{TWO}[[component]]\nname = 'name'\nkind = 'dns-name'\n"));
    let active = told.0.active_site().unwrap();
    assert_eq!((active.name.as_str(), active.because), ("primary", Because::Plan));
    told.hears("name", 0, Healthy, &[("site", Value::word("dr"))]);
    let active = told.0.active_site().unwrap();
    assert_eq!((active.name.as_str(), active.because), ("dr", Because::Dns));
    told.hears("name", 1, Healthy, &[("site", Value::word("elsewhere"))]);
    assert_eq!(told.0.active_site().unwrap().because, Because::Plan);
}

#[test]
fn a_clock_that_jumps_makes_nothing_old_and_fires_no_trigger() {
    let mut told = Told::new(
        "[[component]]\nname = 'db'\nkind = 'postgres'\nevery = '5s'\ndeadline = '2s'\nconfirm = 1\n\
         [[component]]\nname = 'web'\nkind = 'http'\nevery = '5s'\ndeadline = '2s'\n\
         [[scenario]]\nname = 's'\ntriggers = ['db.verdict == down for 5min']\n",
    );
    told.hears("db", 0, Down, &[]);
    told.hears("web", 0, Healthy, &[]);
    told.0.settle(at(1));
    let hour = chrono::TimeDelta::hours(1);
    told.0.clock_jumped(hour);
    assert!(told.0.settle(at(3_602)).is_empty(), "nothing became too old");
    assert_eq!(told.verdict("web"), Healthy);
    assert!(!told.0.triggers()[0].fired, "it has held for two seconds, not for an hour");
    told.0.clock_jumped(-hour);
    told.hears("db", 3, Down, &[]);
    assert_eq!(told.0.settle(at(20)).len(), 1, "and what grew old by both clocks is still told");
    assert_eq!(told.verdict("web"), Unknown);
}

#[test]
fn one_silence_at_the_opening_makes_nobody_unavailable_and_a_second_one_does() {
    let scenario = "[[scenario]]\nname = 's'\ntriggers = ['db.verdict == unknown for 5min']\n";
    let mut told = Told::new(&format!("{TWO}{scenario}"));
    told.hears("db-dr", 0, Healthy, &[]);
    told.hears_nothing("db", 3);
    told.0.settle(at(4));
    assert!(!told.0.is_unavailable(told.0.seen(0)));
    assert!(!told.0.sites()[0].is_lost && told.0.triggers()[0].since.is_none());
    told.hears_nothing("db", 7);
    told.0.settle(at(8));
    assert!(told.0.is_unavailable(told.0.seen(0)));
    assert_eq!(told.why("db", 9)[0], "unreachable from here for 5s");
}

#[test]
fn a_rare_answer_is_let_go_of_when_no_newer_one_comes() {
    let mut told = Told::new(TWO);
    told.hears("db", 0, Healthy, &[]);
    told.hears_rarely("db", 1, Down, &[("invalid_indexes", Value::Count(2))]);
    assert!(told.refuses_rarely("db", 800).is_none());
    assert_eq!(told.verdict("db"), Down);
    told.hears("db", 950, Healthy, &[]);
    let change = told.refuses_rarely("db", 960).unwrap();
    assert_eq!((change.from, change.to), (Down, Healthy));
    assert!(told.0.seen(0).rare_trouble.is_some());
}

#[test]
fn what_is_down_by_a_rare_answer_is_unknown_once_nobody_answers() {
    let mut told = Told::new(TWO);
    told.hears("db", 0, Healthy, &[]);
    told.hears_rarely("db", 1, Down, &[]);
    assert_eq!(told.verdict("db"), Down);
    let told_once: Vec<usize> = [60, 61, 62].map(|second| told.0.settle(at(second)).len()).to_vec();
    assert_eq!((told_once, told.verdict("db")), (vec![1, 0, 0], Unknown));
}

#[test]
fn a_primary_is_behind_nobody() {
    let mut told = Told::new(TWO);
    let lag = |role, seconds| {
        let lag = Value::Span(lifeboat::text::Span::from_secs(seconds));
        [("role", Value::word(role)), ("replication_lag", lag), ("connections", Value::Share(12.0))]
    };
    let matters = |told: &Told| told.0.seen(0).matters(&told.0.plan().component[0]);
    told.hears("db", 0, Healthy, &lag("primary", 0));
    assert!(!matters(&told).contains("behind"), "{}", matters(&told));
    told.hears("db", 5, Healthy, &lag("primary", 40));
    assert!(matters(&told).contains("behind for 40s"), "{}", matters(&told));
    told.hears("db", 10, Healthy, &lag("standby", 0));
    assert!(matters(&told).contains("behind for 0s"), "{}", matters(&told));
}
