//! Who follows whom, and how far behind.

use super::info::{Info, Item};
use super::trouble::quoted;
use super::wanted::{Replica, Wanted};
use crate::plan::facts::{Value, Verdict};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::{Size, Span};

/// A primary that has nothing to say says so every ten seconds.
const QUIET: Span = Span::from_secs(12);

/// What a server says of its replication.
pub fn told(info: &Info<'_>, wanted: &Wanted, told: &mut Told) {
    if info.is("role", "slave") { follows(info, wanted, told) } else { leads(info, wanted, told) }
}

/// What a primary says of its replicas.
fn leads(info: &Info<'_>, wanted: &Wanted, told: &mut Told) {
    let replicas = info.items("slave");
    let end = info.count("master_repl_offset");
    let facts = &mut told.facts;
    facts.set_some("offset", end.map(Value::Count));
    facts.set_some("replicas", info.count("connected_slaves").map(Value::Count));
    let online: Vec<&Item<'_>> = replicas.iter().filter(|replica| replica.word("state") == "online").collect();
    let missing = missing(&wanted.replicas, &online);
    facts.set("replicas_missing", Value::Count(missing.len() as u64));
    if replicas.is_empty() {
        if !wanted.replicas.is_empty() {
            let sentence = format!("no replica follows it: {} should", missing.join(", "));
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "replicas_missing", sentence));
        }
        return;
    }
    let behind = |replica: &Item<'_>| Some(end?.saturating_sub(replica.count("offset")?));
    let furthest = online.iter().filter_map(|replica| behind(replica)).max();
    facts.set_some("replication_bytes", furthest.map(|bytes| Value::Size(Size(bytes))));
    let slowest = online.iter().filter_map(|replica| replica.count("lag")).max();
    facts.set_some("replication_lag", slowest.map(|seconds| Value::Span(Span::from_secs(seconds))));
    let table = replicas.iter().map(|replica| {
        vec![
            format!("{}:{}", replica.word("ip"), replica.word("port")),
            replica.word("state").to_owned(),
            replica.word("offset").to_owned(),
            behind(replica).map_or_else(String::new, |bytes| Size(bytes).approx()),
            replica.count("lag").map_or_else(String::new, |seconds| Span::from_secs(seconds).brief()),
        ]
    });
    let columns = ["replica", "state", "offset", "behind by", "last heard of"];
    facts.list("Replicas", &columns, table.collect());
    if !missing.is_empty() {
        let sentence = format!("no replica follows that could be {}", missing.join(" or "));
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "replicas_missing", sentence));
    }
}

/// The replicas of the plan that none of these can be: one whose address is nobody else's may be any that is left.
fn missing(wanted: &[Replica], online: &[&Item<'_>]) -> Vec<String> {
    let mut unknown: Vec<(String, Option<u64>)> =
        online.iter().map(|item| (item.word("ip").to_owned(), item.count("port"))).collect();
    let mut left = Vec::new();
    for replica in wanted {
        let place = replica.place.as_ref().map(|(host, port)| (host.clone(), Some(u64::from(*port))));
        match unknown.iter().position(|known| Some(known) == place.as_ref()) {
            Some(index) => drop(unknown.swap_remove(index)),
            None => left.push(replica.name.clone()),
        }
    }
    left.split_off(unknown.len().min(left.len()))
}

/// What a replica says of its primary.
fn follows(info: &Info<'_>, wanted: &Wanted, told: &mut Told) {
    let up = info.is("master_link_status", "up");
    let syncing = info.is("master_sync_in_progress", "1");
    let facts = &mut told.facts;
    facts.set("primary_link", Value::word(if up { "up" } else { "down" }));
    facts.set("syncing", Value::Flag(syncing));
    let offset = info.count("slave_repl_offset");
    facts.set_some("offset", offset.map(Value::Count));
    let down_for = info.secs("master_link_down_since_seconds").filter(|_| !up);
    facts.set_some("primary_link_down", down_for.map(Value::Span));
    let read = info.count("slave_read_repl_offset").zip(offset);
    facts.set_some("replication_bytes", read.map(|(read, done)| Value::Size(Size(read.saturating_sub(done)))));
    let quiet = info.secs("master_last_io_seconds_ago").filter(|quiet| *quiet > QUIET);
    let lag = if up { Some(quiet.unwrap_or(Span::ZERO)) } else { down_for };
    facts.set_some("replication_lag", lag.map(Value::Span));
    facts.set_some("replicas", info.count("connected_slaves").map(Value::Count));
    if up {
        return;
    }
    let host = info.text("master_host").unwrap_or_default();
    let primary = wanted.follows.clone().unwrap_or_else(|| quoted(host));
    let sentence = match (syncing, info.real("master_sync_perc")) {
        (true, Some(percent)) if percent > 0.0 => format!("it copies everything from {primary}: {percent:.0}% done"),
        (true, _) => format!("it copies everything from {primary}"),
        (false, _) => match down_for {
            Some(span) => format!("its link to {primary} has been down for {}", span.brief()),
            None => format!("its link to {primary} is down"),
        },
    };
    told.reasons.push(Reason::of_fact(Verdict::Degraded, "primary_link", sentence));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(info: &str, replicas: &[(&str, &str)]) -> Told {
        let place = |host: &str| Some((host.to_owned(), 6379));
        let replicas = replicas.iter().map(|(name, host)| Replica { name: (*name).to_owned(), place: place(host) });
        let wanted = Wanted { replicas: replicas.collect(), ..Wanted::default() };
        let mut told = Told::default();
        super::told(&Info::of(info), &wanted, &mut told);
        told
    }

    const PRIMARY: &str = "role:master\nconnected_slaves:2\nmaster_repl_offset:1000\n\
        slave0:ip=10.0.0.2,port=6379,state=online,offset=900,lag=1\n\
        slave1:ip=10.0.0.3,port=6379,state=wait_bgsave,offset=0,lag=0\n";

    #[test]
    fn a_replica_that_is_still_being_copied_to_is_missing() {
        let told = said(PRIMARY, &[("r2", "10.0.0.2"), ("r3", "10.0.0.3")]);
        assert_eq!(told.facts.get("replicas_missing"), Some(&Value::Count(1)));
        assert_eq!(told.facts.get("replication_bytes"), Some(&Value::Size(Size(100))));
        assert_eq!(told.reasons[0].sentence, "no replica follows that could be r3");
        assert_eq!(told.facts.lists()[0].rows.len(), 2);
    }

    #[test]
    fn a_link_that_is_down_is_told_with_its_time() {
        let down = "role:slave\nmaster_host:10.0.0.1\nmaster_link_status:down\nmaster_link_down_since_seconds:75\n\
                    master_sync_in_progress:0\nslave_repl_offset:5\n";
        let told = said(down, &[]);
        assert_eq!(told.facts.get("primary_link"), Some(&Value::word("down")));
        assert_eq!(told.facts.get("replication_lag"), Some(&Value::Span(Span::from_secs(75))));
        assert_eq!(told.reasons[0].sentence, "its link to 10.0.0.1 has been down for 1min 15s");
        let copies = down.replace("in_progress:0", "in_progress:1\nmaster_sync_perc:42.3");
        assert_eq!(said(&copies, &[]).reasons[0].sentence, "it copies everything from 10.0.0.1: 42% done");
    }

    #[test]
    fn a_quiet_primary_is_no_lag() {
        let up = |quiet: u32| {
            format!("role:slave\nmaster_link_status:up\nmaster_last_io_seconds_ago:{quiet}\nslave_repl_offset:5\n")
        };
        assert_eq!(said(&up(9), &[]).facts.get("replication_lag"), Some(&Value::Span(Span::ZERO)));
        assert_eq!(said(&up(40), &[]).facts.get("replication_lag"), Some(&Value::Span(Span::from_secs(40))));
    }
}
