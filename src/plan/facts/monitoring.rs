//! The facts of what watches, and of what keeps logs.

use super::FactInfo;

pub(super) const PROMETHEUS: &[FactInfo] = &[
    FactInfo::text("version", "Version"),
    FactInfo::count("targets", "Targets"),
    FactInfo::count("targets_down", "Targets down").above_count(0.0),
    FactInfo::count("rules_failing", "Rules that fail").above_count(0.0),
    FactInfo::count("alerts_firing", "Alerts firing"),
    FactInfo::count("alertmanagers", "Alertmanagers it tells").below_count(1.0),
];

pub(super) const ALERTMANAGER: &[FactInfo] = &[
    FactInfo::text("version", "Version"),
    FactInfo::count("alerts_firing", "Alerts firing"),
    FactInfo::count("alerts_critical", "Critical alerts firing"),
    FactInfo::count("silences", "Silences"),
    FactInfo::count("alerts_silenced", "Alerts silenced"),
    FactInfo::words("cluster", "Cluster", &["ready", "settling", "disabled"]),
];

pub(super) const GRAFANA: &[FactInfo] = &[
    FactInfo::text("version", "Version"),
    FactInfo::words("database", "Its database", &["ok", "failing"]),
    FactInfo::count("alerts_firing", "Alerts firing"),
];

pub(super) const ELASTICSEARCH: &[FactInfo] = &[
    FactInfo::text("version", "Version"),
    FactInfo::words("status", "Status", &["green", "yellow", "red"]),
    FactInfo::count("nodes", "Nodes"),
    FactInfo::count("nodes_missing", "Nodes missing").about("of those in the plan").above_count(0.0),
    FactInfo::count("shards_unassigned", "Shards without a node").above_count(0.0),
    FactInfo::count("indexes_missing", "Indexes missing").about("of those in the plan").above_count(0.0).rare(),
    FactInfo::share("disk", "Disk in use").about("on the fullest node").above_percent(85.0).rare(),
    FactInfo::moment("last_snapshot", "Last snapshot").rare(),
    FactInfo::words("snapshot", "Last snapshot was", &["whole", "partial", "failed", "none"]).rare(),
];
