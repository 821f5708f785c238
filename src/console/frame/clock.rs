//! The clocks of the header: the one with seconds in the zone that is chosen, the other beside it.

use chrono::{DateTime, Local, Utc};

use crate::console::Zone;
use crate::plan::{Plan, named_zone};

/// The clock with seconds, and the other one; nothing beside it where both show the same.
pub fn clocks(plan: &Plan, zone: Zone, now: DateTime<Utc>) -> (String, Option<String>) {
    let (local, name) = if let Some(zone) = named_zone(&plan.platform) {
        let local = now.with_timezone(&zone);
        (local.fixed_offset(), local.format("%Z").to_string())
    } else {
        let local = now.with_timezone(&Local);
        (local.fixed_offset(), local.format("%:z").to_string())
    };
    let is_same = local.offset().local_minus_utc() == 0;
    match zone {
        Zone::Local if !is_same => {
            (format!("{} {name}", local.format("%H:%M:%S")), Some(format!("{} UTC", now.format("%H:%M"))))
        }
        _ => {
            let beside = (!is_same).then(|| format!("{} {name}", local.format("%H:%M")));
            (format!("{} UTC", now.format("%H:%M:%S")), beside)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assemble;
    use crate::plan::source::File;

    fn plan(zone: &str) -> Plan {
        let text = format!("[platform]\nname = 'p'\n{zone}");
        assemble(vec![File { path: "p".into(), text }], Vec::new()).plan.unwrap()
    }

    #[test]
    fn both_clocks_are_there_where_they_differ() {
        let now: DateTime<Utc> = "2024-11-18T02:12:45Z".parse().unwrap();
        let berlin = plan("time_zone = 'Europe/Berlin'");
        let told = |plan: &Plan, zone| clocks(plan, zone, now);
        assert_eq!(told(&berlin, Zone::Local), ("03:12:45 CET".to_owned(), Some("02:12 UTC".to_owned())));
        assert_eq!(told(&berlin, Zone::Utc), ("02:12:45 UTC".to_owned(), Some("03:12 CET".to_owned())));
        assert_eq!(told(&plan("time_zone = 'UTC'"), Zone::Local), ("02:12:45 UTC".to_owned(), None));
    }
}
