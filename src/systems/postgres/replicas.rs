//! Who streams from a server, and how far behind each of them is.

use std::collections::BTreeSet;
use std::time::Duration;

use super::answers::{Answers, Row};
use super::probe::Postgres;
use super::questions::{REPLICAS, WHO};
use super::rights::NEEDS_MONITOR;
use super::session::Session;
use super::trail::Trail;
use super::wanted::Standby;
use crate::plan::facts::{Value, Verdict};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::{Shape, Size, Span, untrusted};

/// One that streams.
struct Replica {
    name: String,
    address: String,
    state: String,
    sync: String,
    behind: Option<u64>,
    lag: Option<Span>,
}

/// What the server says of those that stream from it.
pub fn told(probe: &Postgres, answers: &Answers, session: &Session, now: Duration, told: &mut Told) {
    let rows = answers.rows(REPLICAS).iter().filter(|row| is_standby(row));
    let replicas: Vec<Replica> = rows.map(|row| replica(row, &probe.past.trail, now)).collect();
    let is_primary = answers.row(WHO).and_then(|who| who.flag("standby")) == Some(false);
    told.facts.set("standbys", Value::Count(replicas.len() as u64));
    let missing = missing(&probe.wanted.standbys, &replicas);
    if is_primary {
        told.facts.set("standbys_missing", Value::Count(missing.len() as u64));
        if !missing.is_empty() {
            let sentence = match replicas.len() {
                0 => format!("no standby streams from it: {} should", missing.join(", ")),
                _ => format!("no standby streams that could be {}", missing.join(" or ")),
            };
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "standbys_missing", sentence));
        }
        told.facts.set("replication", Value::word(state(&replicas, !probe.wanted.standbys.is_empty())));
        synchronous(answers, &replicas, told);
    }
    if !replicas.is_empty() {
        if is_primary {
            distances(&replicas, session.rights.statistics, told);
        }
        told.facts.list("Standbys", &["standby", "address", "state", "commits", "behind by", "for"], table(&replicas));
    } else if is_primary && probe.wanted.standbys.is_empty() {
        told.facts.hide("replication_lag", "nobody follows it");
    }
}

/// A copy that is made once, or a stream of changes to tables, is no standby.
fn is_standby(row: &Row) -> bool {
    row.word("state") != "backup"
        && row.word("slot_type") != "logical"
        && !["pg_receivewal", "pg_basebackup"].contains(&row.word("name"))
}

fn replica(row: &Row, trail: &Trail, now: Duration) -> Replica {
    let behind = row.count("behind");
    let seen = row.count("replayed").and_then(|replayed| trail.behind_for(now, replayed)).map(Span::from);
    Replica {
        name: row.word("name").to_owned(),
        address: row.text("address").unwrap_or("a socket").to_owned(),
        state: row.word("state").to_owned(),
        sync: row.word("sync_state").to_owned(),
        behind,
        lag: lag(behind, row.span("lag"), seen),
    }
}

/// How long it has been behind. What the server measured is old news once the standby is silent, and missing once it
/// has caught up; what was seen here is never too long.
fn lag(behind: Option<u64>, measured: Option<Span>, seen: Option<Span>) -> Option<Span> {
    match behind? {
        0 => Some(Span::ZERO),
        _ => measured.into_iter().chain(seen).max(),
    }
}

/// The word for all of them together.
fn state(replicas: &[Replica], wanted: bool) -> &'static str {
    let catching_up = |replica: &Replica| ["startup", "catchup"].contains(&replica.state.as_str());
    match replicas {
        [] if wanted => "stopped",
        [] => "none",
        some if some.iter().any(catching_up) => "catching-up",
        _ => "streaming",
    }
}

/// The standbys of the plan that none of these can be. Names and addresses may both be hidden behind others: whoever
/// is nobody else of the plan may be any of those that are left.
fn missing(wanted: &[Standby], replicas: &[Replica]) -> Vec<String> {
    let mut unknown: BTreeSet<usize> = (0..replicas.len()).collect();
    let mut left: Vec<&Standby> = Vec::new();
    for standby in wanted {
        match unknown.iter().copied().find(|index| is_surely(standby, &replicas[*index])) {
            Some(index) => {
                unknown.remove(&index);
            }
            None => left.push(standby),
        }
    }
    left.iter().skip(unknown.len()).map(|standby| standby.name.clone()).collect()
}

fn is_surely(standby: &Standby, replica: &Replica) -> bool {
    let names = [Some(&standby.name), standby.host.as_ref(), standby.site.as_ref()];
    let plain = |text: &str| text.replace('_', "-").to_lowercase();
    names.into_iter().flatten().any(|name| plain(name) == plain(&replica.name) || *name == replica.address)
}

fn distances(replicas: &[Replica], sees: bool, told: &mut Told) {
    if !sees {
        for fact in ["replication_bytes", "replication_lag"] {
            told.facts.deny(fact, NEEDS_MONITOR);
        }
        return;
    }
    let furthest = replicas.iter().filter_map(|replica| replica.behind).max();
    told.facts.set_some("replication_bytes", furthest.map(|bytes| Value::Size(Size(bytes))));
    if replicas.iter().any(|replica| replica.lag.is_none()) {
        told.facts.hide("replication_lag", "not known before the second question");
    } else {
        told.facts.set_some("replication_lag", replicas.iter().filter_map(|it| it.lag).max().map(Value::Span));
    }
}

/// With nobody to wait for, every commit waits for ever.
fn synchronous(answers: &Answers, replicas: &[Replica], told: &mut Told) {
    let names = answers.row(WHO).map_or("", |who| who.word("synchronous"));
    let is_served = replicas.iter().any(|replica| ["sync", "quorum", ""].contains(&replica.sync.as_str()));
    if !names.is_empty() && !is_served {
        let sentence = format!(
            "commits wait: they must reach a synchronous standby ({}), and none streams",
            untrusted(names, Shape::line(80))
        );
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "commits_waiting", sentence));
    }
}

fn table(replicas: &[Replica]) -> Vec<Vec<String>> {
    let row = |replica: &Replica| {
        vec![
            replica.name.clone(),
            replica.address.clone(),
            replica.state.clone(),
            replica.sync.clone(),
            replica.behind.map_or_else(String::new, |bytes| Size(bytes).approx()),
            replica.lag.map_or_else(String::new, Span::brief),
        ]
    };
    replicas.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replica(name: &str, address: &str) -> Replica {
        let (name, address, state) = (name.to_owned(), address.to_owned(), "streaming".to_owned());
        Replica { name, address, state, sync: "async".to_owned(), behind: Some(0), lag: Some(Span::ZERO) }
    }

    fn standby(name: &str, host: &str) -> Standby {
        Standby { name: name.to_owned(), host: Some(host.to_owned()), site: None }
    }

    #[test]
    fn a_missing_standby_is_named_if_the_others_are_known() {
        let wanted = [standby("db-2", "10.0.0.2"), standby("db-3", "10.0.0.3")];
        assert_eq!(missing(&wanted, &[]), ["db-2", "db-3"]);
        assert_eq!(missing(&wanted, &[replica("db_2", "172.17.0.1")]), ["db-3"]);
        assert_eq!(missing(&wanted, &[replica("walreceiver", "10.0.0.3")]), ["db-2"]);
        assert_eq!(missing(&wanted, &[replica("walreceiver", "172.17.0.1")]).len(), 1, "it may be either");
        assert!(missing(&wanted, &[replica("a", "172.17.0.1"), replica("b", "172.17.0.1")]).is_empty());
    }

    #[test]
    fn lag_is_nothing_when_nothing_is_to_be_done_and_unknown_is_not_nothing() {
        let second = Span::from_secs;
        assert_eq!(lag(Some(0), Some(second(9)), Some(second(9))), Some(Span::ZERO));
        assert_eq!(lag(Some(10), None, None), None);
        assert_eq!(lag(Some(10), Some(second(1)), Some(second(60))), Some(second(60)), "it has fallen silent");
        assert_eq!(lag(Some(10), Some(second(8)), None), Some(second(8)));
        assert_eq!(lag(None, None, None), None);
    }

    #[test]
    fn the_word_for_all() {
        assert_eq!(state(&[], false), "none");
        assert_eq!(state(&[], true), "stopped");
        let mut late = replica("a", "b");
        late.state = "catchup".to_owned();
        assert_eq!(state(&[replica("c", "d"), late], true), "catching-up");
        assert_eq!(state(&[replica("c", "d")], true), "streaming");
    }
}
