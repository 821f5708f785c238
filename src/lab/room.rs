//! Whether there is room for a lab, asked before anything is made of it.

use std::path::Path;

use super::{LabError, Nodes};
use crate::text::Size;

/// What a lab needs whatever its data, and what it needs for data of scale 1: 1 GB in sum.
const BASE: f64 = 600e6;
const DATA: f64 = 400e6;
/// What clusters need besides.
const CLUSTERS: f64 = 200e6;

/// Refuses if there is too little room where the sites are to be.
pub(super) fn check(sites: &Path, scale: f64, nodes: Nodes) -> Result<(), LabError> {
    let Some(place) = sites.ancestors().find(|place| place.is_dir()) else { return Ok(()) };
    let Ok(found) = rustix::fs::statvfs(place) else { return Ok(()) };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let needed = needed(scale, nodes);
    if free >= needed.0 {
        return Ok(());
    }
    Err(LabError::NoRoom { place: place.to_owned(), free: Size(free), needed })
}

// A scale is at most 100, so this fits with all its digits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn needed(scale: f64, nodes: Nodes) -> Size {
    let clusters = if nodes == Nodes::One { 0.0 } else { CLUSTERS };
    Size((BASE + clusters + DATA * scale).max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_data_need_more_room() {
        assert_eq!(needed(1.0, Nodes::One), Size(1_000_000_000));
        assert_eq!(needed(1.0, Nodes::Three), Size(1_200_000_000));
        assert_eq!(needed(100.0, Nodes::One), Size(40_600_000_000));
        assert!(check(Path::new("/"), 1e12, Nodes::One).is_err());
        assert!(check(Path::new("/nowhere/at/all"), 0.0, Nodes::One).is_ok());
    }
}
