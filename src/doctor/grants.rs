//! What the logins of the plan may not see.

use super::{Area, Check};
use crate::systems::mend;
use crate::watch::Picture;

/// A login that may see everything is not told; there are many of them.
pub(super) fn grants(picture: &Picture) -> Vec<Check> {
    let mut checks = Vec::new();
    for (component, seen) in picture.components() {
        let denied: Vec<&str> =
            seen.latest.iter().chain(&seen.rare).flat_map(|reading| reading.facts.denied()).collect();
        if !denied.is_empty() {
            let why = format!("its login may not see {}", denied.join(", "));
            checks.push(Check::wrong(Area::Logins, &component.name, why, mend::grant(component)));
        }
    }
    checks
}
