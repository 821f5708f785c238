//! What goes through a server: reads that found something, what was thrown away, what was refused.

use std::time::Duration;

use super::info::Info;
use crate::plan::facts::{Value, Verdict};
use crate::systems::lately::Lately;
use crate::systems::meter::Meter;
use crate::systems::number::percent;
use crate::systems::probe::Told;
use crate::systems::reading::Reason;

/// Codes of errors with which writes are refused.
const REFUSED: [&str; 4] = ["OOM", "MISCONF", "READONLY", "NOREPLICAS"];
/// So many reads are needed for a share of them to mean something.
const ENOUGH_READS: u64 = 20;

const HITS: usize = 0;
const MISSES: usize = 1;
const EVICTED: usize = 2;
const REFUSED_WRITES: usize = 3;
const CANNOT_SAVE: usize = 4;

/// What the counters of a server showed.
#[derive(Debug, Default)]
pub struct Counters {
    meter: Meter<5>,
    turned_away: Lately,
    out_of_memory: Lately,
    refused_writes: Lately,
    has_answered: bool,
}

impl Counters {
    /// Whether writes were refused lately because nothing can be saved.
    pub fn cannot_save(&self) -> bool {
        self.meter.lately().is_some_and(|change| change.counts[CANNOT_SAVE] > 0)
    }
}

/// Rates, clients, and what was refused in the last ten minutes.
pub fn told(info: &Info<'_>, now: Duration, counters: &mut Counters, told: &mut Told) {
    let facts = &mut told.facts;
    facts.set_some("commands", info.real("instantaneous_ops_per_sec").map(Value::PerSecond));
    let clients = info.count("connected_clients").zip(info.count("maxclients").filter(|most| *most > 0));
    facts.set_some("clients", clients.map(|(some, most)| Value::Share(percent(some, most))));
    let mut refused = REFUSED.iter().map(|code| info.errors(code));
    let refused = refused.try_fold(0, |all: u64, count| Some(all.saturating_add(count?)));
    let number = |name| info.count(name).unwrap_or_default();
    let errors = |code| info.errors(code).unwrap_or_default();
    let [found, missed, evicted] = ["keyspace_hits", "keyspace_misses", "evicted_keys"].map(number);
    let refused_so_far = refused.unwrap_or_default();
    counters.meter.note(now, [found, missed, evicted, refused_so_far, errors("MISCONF")]);
    let turned_away = counters.turned_away.note(number("rejected_connections"), now);
    let out_of_memory = counters.out_of_memory.note(errors("OOM"), now);
    let refused_writes = counters.refused_writes.note(refused_so_far, now);
    if refused.is_none() {
        facts.hide("rejected_writes", "this version does not count what it refuses");
        facts.hide("memory_errors", "this version does not count what it refuses");
    }
    // A total says nothing about now: there must be a second answer to compare with.
    if std::mem::replace(&mut counters.has_answered, true) {
        facts.set("rejected_connections", Value::Count(turned_away));
        if refused.is_some() {
            facts.set("memory_errors", Value::Count(out_of_memory));
            facts.set("rejected_writes", Value::Count(refused_writes));
        }
    }
    let Some(change) = counters.meter.lately() else { return };
    facts.set("evictions", Value::PerSecond(change.rate(EVICTED)));
    let codes = REFUSED.iter().filter(|code| info.errors(code).is_some_and(|count| count > 0));
    if change.counts[REFUSED_WRITES] > 0 {
        let codes: Vec<&str> = codes.copied().collect();
        let sentence = format!("it refuses writes: {}", codes.join(", "));
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "rejected_writes", sentence));
    }
    hits(counters, told);
}

/// The share of reads that found something, and whether that has become less.
fn hits(counters: &Counters, told: &mut Told) {
    let lately = counters.meter.last_minute().and_then(|change| change.share(HITS, MISSES, ENOUGH_READS));
    let Some(lately) = lately else { return };
    told.facts.set("hit_rate", Value::Share(lately));
    told.facts.set("miss_rate", Value::Share(100.0 - lately));
    if let Some(before) = counters.meter.before().and_then(|change| change.share(HITS, MISSES, ENOUGH_READS)) {
        told.facts.set("hit_rate_drop", Value::Share((before - lately).max(0.0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(counters: &mut Counters, second: u64, hits: u64, misses: u64, more: &str) -> Told {
        let text = format!("keyspace_hits:{hits}\nkeyspace_misses:{misses}\ntotal_error_replies:0\n{more}");
        let mut told = Told::default();
        super::told(&Info::of(&text), Duration::from_secs(second), counters, &mut told);
        told
    }

    #[test]
    fn hits_of_last_year_hide_no_misses_of_now() {
        let mut counters = Counters::default();
        // A long life of hits; in the last minute nothing is found any more.
        let told: Vec<Told> = (0..=30)
            .map(|minute| after(&mut counters, minute * 60, 1_000_000 + minute * 900, minute * 100, ""))
            .collect();
        assert_eq!(told[0].facts.get("hit_rate"), None, "a total says nothing about now");
        assert_eq!(told[30].facts.get("hit_rate"), Some(&Value::Share(90.0)));
        assert_eq!(told[30].facts.get("hit_rate_drop"), Some(&Value::Share(0.0)));
        let cold = after(&mut counters, 31 * 60, 1_027_000, 4_000, "");
        assert_eq!(cold.facts.get("miss_rate"), Some(&Value::Share(100.0)));
        assert_eq!(cold.facts.get("hit_rate_drop"), Some(&Value::Share(90.0)));
    }

    #[test]
    fn what_was_refused_is_told_for_ten_minutes() {
        let mut counters = Counters::default();
        let full = "errorstat_OOM:count=5";
        assert!(after(&mut counters, 0, 0, 0, "errorstat_OOM:count=2").reasons.is_empty(), "that was long ago");
        let told = after(&mut counters, 5, 0, 0, full);
        assert_eq!(told.facts.get("memory_errors"), Some(&Value::Count(3)));
        assert_eq!(told.reasons[0].sentence, "it refuses writes: OOM");
        assert_eq!(after(&mut counters, 50, 0, 0, full).facts.get("rejected_writes"), Some(&Value::Count(3)));
        let told = after(&mut counters, 590, 0, 0, full);
        assert!(told.reasons.is_empty(), "it refuses nothing any more");
        assert_eq!(told.facts.get("rejected_writes"), Some(&Value::Count(3)), "a trigger may need it for minutes");
        assert_eq!(told.facts.get("memory_errors"), Some(&Value::Count(3)));
        assert_eq!(after(&mut counters, 610, 0, 0, full).facts.get("rejected_writes"), Some(&Value::Count(0)));
    }
}
