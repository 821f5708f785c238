//! Checks the sense of a plan that could be read: what cannot work is an error, an objective that
//! does not hold is a warning. A file per family of rules, a function per rule.
//!
//! Looks at the plan alone. Opens no connection and resolves no secret.

mod address_form;
mod addresses;
mod bases;
mod capacity;
mod circles;
mod clean_ups;
mod cost;
mod cycles;
mod duplicates;
mod escalation;
mod examined;
mod exposure;
mod facts;
mod further_addresses;
mod governance;
mod keeps;
mod kinds;
mod known;
mod late;
mod loss;
mod masked;
mod messages;
mod misplaced;
mod missing;
mod names;
mod nonsense;
mod order;
mod people;
mod places;
mod promises;
mod recipients;
mod recoveries;
mod retention;
mod room;
mod schedules;
mod secret_cover;
mod secret_programs;
mod secret_shapes;
mod secret_text;
mod secrets;
mod sites;
mod stated;
mod store_folders;
mod subjects;
mod telling;
mod thaw;
mod times;
mod unprotected;
mod verdicts;
mod ways_out;
mod words;

#[cfg(test)]
mod testing;

use chrono::{DateTime, Utc};

use super::{Finding, Loaded};
use examined::Examined;
pub use examined::{named_zone, zone_of};

pub use masked::masked;
pub(super) use secret_cover::{cover_source, cover_words};
pub use secrets::without_secrets;

/// A rule: what it finds goes to the end of the list.
type Rule = fn(&Examined<'_>, &mut Vec<Finding>);

/// Everything that is wrong with a plan, by file and position, errors and warnings together.
pub fn check(loaded: &Loaded, now: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = secrets::replace(loaded);
    if let Some(plan) = &loaded.plan {
        let examined = Examined::new(plan, loaded, now);
        // Where a file could not be read, what its part of the plan means to the rest is not known.
        let rules: Vec<&Rule> = if loaded.is_partial { duplicates::RULES.iter().collect() } else { rules().collect() };
        for rule in rules {
            rule(&examined, &mut findings);
        }
    }
    findings.sort_by_key(|finding| {
        finding.places.first().map(|(place, _)| (place.file, place.start, place.end, finding.level))
    });
    findings
}

fn rules() -> impl Iterator<Item = &'static Rule> {
    const FAMILIES: [&[Rule]; 38] = [
        names::RULES,
        store_folders::RULES,
        subjects::RULES,
        verdicts::RULES,
        facts::RULES,
        duplicates::RULES,
        cycles::RULES,
        recoveries::RULES,
        addresses::RULES,
        address_form::RULES,
        further_addresses::RULES,
        nonsense::RULES,
        kinds::RULES,
        schedules::RULES,
        late::RULES,
        messages::RULES,
        missing::RULES,
        unprotected::RULES,
        loss::RULES,
        ways_out::RULES,
        bases::RULES,
        order::RULES,
        recipients::RULES,
        retention::RULES,
        keeps::RULES,
        clean_ups::RULES,
        room::RULES,
        sites::RULES,
        misplaced::RULES,
        thaw::RULES,
        times::RULES,
        promises::RULES,
        capacity::RULES,
        cost::RULES,
        people::RULES,
        escalation::RULES,
        governance::RULES,
        stated::RULES,
    ];
    FAMILIES.into_iter().flatten()
}
