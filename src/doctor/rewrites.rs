//! Servers that do not rewrite their append-only file by themselves, because a backup that was killed held that back:
//! the file grows until the disk is full.

use futures_util::future::join_all;

use super::{Area, Check};
use crate::plan::Plan;
use crate::plan::types::{Component, Kind, Method};
use crate::systems::mend;
use crate::watch::Means;

/// A backup that runs now looks the same, for as long as it runs.
pub(super) async fn rewrites(plan: &Plan, means: &Means) -> Vec<Check> {
    let is_copied = |component: &&Component| {
        let of_it = |name: &String| *name == component.name;
        let copies = plan.job.iter().filter(|job| job.method == Some(Method::Aof));
        component.kind == Kind::Redis && copies.filter_map(|job| job.of.as_ref()).any(of_it)
    };
    let check = async |component: &Component| {
        let next = mend::rewrites_left(component, &means.contact()).await?;
        let why = "a backup holds automatic rewrites of its append-only file back: one that runs now, or one that was \
            killed. The next backup sets them back, too";
        Some(Check::wrong(Area::Logins, &component.name, why, next))
    };
    let checks = join_all(plan.component.iter().filter(is_copied).map(check)).await;
    checks.into_iter().flatten().collect()
}
