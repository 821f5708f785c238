//! The facts: what can be known of a component, a site, a category of data or a store, under which
//! name, in which unit, and from where on it is a reason for concern.
//!
//! Conditions and limits of the plan, probes, screens and documentation all take the names from here.

mod files;
mod info;
mod machines;
mod messaging;
mod monitoring;
mod names;
mod postgres;
mod redis;
mod subjects;
mod value;
mod verdict;
mod web;

pub use info::{FactInfo, Measure, Threshold, Worse};
pub use subjects::{DATA, JOB, SITE, STORE};
pub use value::Value;
pub use verdict::Verdict;

use super::types::Kind;

/// How far a question got. `unasked`: nobody asked, for want of a secret, an address or something else of ours;
/// `strange`: what answers there is something else.
const CONNECTION: &[&str] = &["open", "refused", "denied", "strange", "timeout", "unreachable", "unasked"];

/// Clocks that differ by more confuse what happened when: a restore to a point in time means the server's.
pub const CLOCKS_AGREE_SECS: u64 = 2;

/// What can be known of every component, whatever its kind.
pub const EVERY: &[FactInfo] = &[
    FactInfo::words("verdict", "Verdict", &["healthy", "degraded", "down", "unknown"]),
    FactInfo::words("connection", "Connection", CONNECTION).about("how far the last question got"),
    FactInfo::span("latency", "Answered within").about("from the question to the whole answer"),
    FactInfo::span("clock", "Clock differs by").about("how far its clock is from ours").above_secs(CLOCKS_AGREE_SECS),
    FactInfo::words("clock_is", "Its clock is", &["ahead", "behind"]).about("where it surely differs from ours"),
    FactInfo::text("managed_by", "Managed by").about("who else starts, stops or promotes it"),
    FactInfo::count("log_errors", "Errors in its log").about("lines of its log that tell of an error, in ten minutes"),
];

/// What can be known of a component of this kind besides.
pub const fn of_kind(kind: Kind) -> &'static [FactInfo] {
    match kind {
        Kind::Postgres => postgres::FACTS,
        Kind::Redis => redis::FACTS,
        Kind::Rabbitmq => messaging::FACTS,
        Kind::Http => web::HTTP,
        Kind::LoadBalancer => web::BALANCER,
        Kind::Files => files::FILES,
        Kind::Certificate => files::CERTIFICATE,
        Kind::S3Bucket => files::BUCKET,
        Kind::Elasticsearch => monitoring::ELASTICSEARCH,
        Kind::DnsName => names::FACTS,
        Kind::Prometheus => monitoring::PROMETHEUS,
        Kind::Alertmanager => monitoring::ALERTMANAGER,
        Kind::Grafana => monitoring::GRAFANA,
        Kind::Container => machines::CONTAINER,
        Kind::Host => machines::HOST,
        Kind::TcpPort => &[],
    }
}

/// The facts that say most about a component of this kind, the best first; a narrow screen shows one.
pub const fn key_facts(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Postgres => &["replication_lag", "connections"],
        Kind::Redis => &["loaded", "quorum", "memory", "memory_used", "keys"],
        Kind::Rabbitmq => &["messages", "nodes"],
        Kind::Http => &["golden-flow", "status"],
        Kind::LoadBalancer => &["hosts_up", "golden-flow", "status"],
        Kind::Files => &["changed_since_backup", "presence"],
        Kind::Certificate => &["left", "certificate"],
        Kind::S3Bucket => &["newest_age", "access"],
        Kind::Elasticsearch => &["status"],
        Kind::DnsName => &["site", "addresses"],
        Kind::Prometheus => &["targets_down", "alerts_firing"],
        Kind::Alertmanager | Kind::Grafana => &["alerts_firing"],
        Kind::Container => &["state"],
        Kind::Host => &["disk", "ping"],
        Kind::TcpPort => &["latency"],
    }
}

/// The fact called `name` of a component of this kind. What belongs to one of several things, as
/// `standby.dr.lag`, is known by its last part.
pub fn find(kind: Kind, name: &str) -> Option<&'static FactInfo> {
    of_kind(kind).iter().chain(EVERY).find(|info| info.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_has_two_facts_of_one_name() {
        for kind in Kind::ALL {
            let mut names: Vec<&str> = of_kind(kind).iter().chain(EVERY).map(|info| info.name).collect();
            names.sort_unstable();
            let before = names.len();
            names.dedup();
            assert_eq!(names.len(), before, "{kind}");
        }
    }

    #[test]
    fn key_facts_are_facts() {
        for kind in Kind::ALL {
            for name in key_facts(kind) {
                assert!(find(kind, name).is_some(), "{kind} {name}");
            }
        }
    }

    #[test]
    fn a_threshold_has_the_unit_of_its_fact() {
        for kind in Kind::ALL {
            for info in of_kind(kind).iter().chain(EVERY) {
                if let Some(threshold) = info.threshold {
                    assert!(info.measure.takes(threshold.at), "{kind} {}", info.name);
                }
            }
        }
    }
}
