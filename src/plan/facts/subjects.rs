//! The facts of what is no component: sites, the network, data, stores and jobs.

use super::FactInfo;

/// The facts of a site.
pub const SITE: &[FactInfo] = &[
    FactInfo::words("verdict", "Verdict", &["healthy", "degraded", "down", "unknown"])
        .about("down when everything of the first priority there is"),
    FactInfo::words("region", "Region", &["there", "lost"])
        .about("lost when nothing there answers while another site does"),
    FactInfo::count("components_down", "Components down"),
    FactInfo::words("partition", "Network", &["detected", "none"])
        .about("detected when vantage points disagree about what they can reach"),
];

/// The facts of a category of data.
pub const DATA: &[FactInfo] = &[
    FactInfo::span("age", "Newest recovery point is").about("how old").told_by("verify"),
    FactInfo::share("data_loss", "Data lost").told_by("prove"),
    FactInfo::words("integrity", "Integrity", &["passed", "failed"]).told_by("prove"),
];

/// The facts of a store.
pub const STORE: &[FactInfo] = &[
    FactInfo::words("access", "Access", &["allowed", "denied", "missing"]),
    FactInfo::words("integrity", "Integrity", &["passed", "failed"]).told_by("verify"),
];

/// The facts of a job.
pub const JOB: &[FactInfo] = &[FactInfo::moment("last_run", "Last run").told_by("its record")];
