//! What the counters of the database did lately, and those whose total already tells.

use std::time::Duration;

use super::answers::Row;
use super::rights::Rights;
use crate::plan::facts::{Value, Verdict};
use crate::systems::lately::Lately;
use crate::systems::meter::Meter;
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::Zone;
use crate::text::instant::both;

const COMMITS: usize = 0;
const ROLLBACKS: usize = 1;
const DEADLOCKS: usize = 2;
const HITS: usize = 3;
const READS: usize = 4;
/// So many pages must have been read for a hit rate to mean something.
const ENOUGH_READS: u64 = 100;

/// Rates, checksum failures, and the age of transaction ids.
pub fn told(row: Option<&Row>, rights: &Rights, now: Duration, past: (&mut Meter<5>, &mut Lately), told: &mut Told) {
    let Some(row) = row else { return };
    let counts = ["commits", "rollbacks", "deadlocks", "hits", "reads"].map(|column| row.count(column));
    let (meter, deadlocks) = past;
    let counts = counts.map(Option::unwrap_or_default);
    meter.note(now, counts);
    let deadlocks = deadlocks.note(counts[DEADLOCKS], now);
    if let Some(change) = meter.lately() {
        told.facts.set("transactions", Value::PerSecond(change.rate(COMMITS) + change.rate(ROLLBACKS)));
        told.facts.set("rollbacks", Value::PerSecond(change.rate(ROLLBACKS)));
        told.facts.set("deadlocks", Value::Count(deadlocks));
        told.facts.set_some("hit_rate", change.share(HITS, READS, ENOUGH_READS).map(Value::Share));
    }
    if rights.checksums {
        let failures = row.count("checksum_failures").unwrap_or_default();
        told.facts.set("checksum_failures", Value::Count(failures));
        if let Some(last) = row.moment("checksum_last").filter(|_| failures > 0) {
            let sentence = format!("a damaged page was read, the last time at {}", both(last, Zone::UTC));
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "checksum_failures", sentence));
        }
    } else {
        told.facts.hide("checksum_failures", "the cluster was made without data checksums");
    }
    let Some(age) = row.count("age") else { return };
    told.facts.set("transaction_age", Value::Count(age));
    if let Some(freeze) = row.count("freeze_age").filter(|freeze| is_overdue(age, *freeze)) {
        let sentence = format!(
            "transaction ids are {} old, and autovacuum should have frozen them at {}",
            Value::Count(age),
            Value::Count(freeze)
        );
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "transaction_age", sentence));
    }
}

/// Whether autovacuum does not keep up: it begins at its limit, and takes its time on large tables.
fn is_overdue(age: u64, freeze: u64) -> bool {
    age > freeze.saturating_add(freeze / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn autovacuum_may_take_its_time_and_not_for_ever() {
        assert!(!is_overdue(200_000_001, 200_000_000));
        assert!(is_overdue(300_000_001, 200_000_000));
    }
}
