//! Replication slots, and the log they hold back: one that nobody reads any more fills the disk.

use super::answers::Row;
use super::trouble::quoted;
use crate::plan::facts::{Value, Verdict};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::Size;

/// What the slots are and hold.
pub fn told(rows: &[Row], told: &mut Told) {
    let slots: Vec<Slot> = rows.iter().map(Slot::of).collect();
    let facts = &mut told.facts;
    facts.set("slots", Value::Count(slots.len() as u64));
    facts.set("slots_inactive", Value::Count(slots.iter().filter(|slot| !slot.active).count() as u64));
    facts.set("slots_lost", Value::Count(slots.iter().filter(|slot| slot.kept == "lost").count() as u64));
    let most = slots.iter().filter_map(|slot| slot.holds).max().unwrap_or_default();
    facts.set("slots_hold_back", Value::Size(Size(most)));
    if !slots.is_empty() {
        facts.list("Slots", &["slot", "kind", "reader", "holds back", "log"], slots.iter().map(Slot::row).collect());
    }
    told.reasons.extend(slots.iter().filter_map(Slot::concern));
}

struct Slot {
    name: String,
    kind: String,
    active: bool,
    kept: String,
    holds: Option<u64>,
}

impl Slot {
    fn of(row: &Row) -> Slot {
        let (name, kind, kept) = (row.word("name"), row.word("slot_type"), row.word("kept"));
        Slot {
            name: quoted(name),
            kind: kind.to_owned(),
            active: row.flag("active").unwrap_or_default(),
            kept: kept.to_owned(),
            holds: row.count("holds"),
        }
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.kind.clone(),
            if self.active { "connected" } else { "none" }.to_owned(),
            self.holds.map_or_else(String::new, |bytes| Size(bytes).approx()),
            self.kept.clone(),
        ]
    }

    /// What is wrong with it in itself.
    fn concern(&self) -> Option<Reason> {
        let sentence = match self.kept.as_str() {
            "lost" => format!("the log that slot {} needs is gone: its reader must be made anew", self.name),
            "unreserved" => format!("slot {} is about to lose the log it needs", self.name),
            _ => return None,
        };
        Some(Reason::of_fact(Verdict::Degraded, "slots_lost", sentence))
    }
}
