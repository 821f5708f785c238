//! Room on the disks of this machine.

use std::path::Path;

use super::{Area, Check, Next, word};
use crate::plan::Plan;
use crate::text::Size;

/// Below this even a journal and a log have no room for a night's work.
const LEAST: u64 = 1 << 30;
/// A store should hold the next recovery points as well.
const TIMES_EXPECTED: u64 = 2;

/// The state folder, temporary files, and the stores that are folders here.
pub(super) fn disk(plan: &Plan, state: Option<&Path>) -> Vec<Check> {
    let temporary = std::env::temp_dir();
    let mut checks: Vec<Check> = Vec::new();
    checks.extend(state.and_then(|path| room("state folder", path, LEAST)));
    checks.extend(room("temporary files", &temporary, LEAST));
    for store in &plan.store {
        let Some(path) = store.path.as_deref().filter(|path| store.is_here() && path.exists()) else { continue };
        let writes = plan.job.iter().filter(|job| job.to.contains(&store.name));
        let largest = writes.filter_map(|job| job.expect.as_ref()?.size).max().unwrap_or(Size(0));
        checks.extend(room(&format!("store {}", store.name), path, LEAST.max(largest.0 * TIMES_EXPECTED)));
    }
    checks
}

fn room(about: &str, path: &Path, least: u64) -> Option<Check> {
    // What is not there yet lies where its nearest folder above does.
    let there = path.ancestors().find(|path| path.exists())?;
    let found = rustix::fs::statvfs(there).ok()?;
    let free = Size(found.f_bavail.saturating_mul(found.f_frsize));
    let (shown, wanted) = (free.approx(), Size(least).approx());
    Some(if free.0 < least {
        let why = format!("{shown} free at {}, less than {wanted}", there.display());
        let look = format!("du -xh --max-depth=1 {} | sort -h", word(&there.to_string_lossy()));
        Check::wrong(Area::Disk, about, why, Next::Look(look))
    } else {
        Check::well(Area::Disk, about, format!("{shown} free"))
    })
}
