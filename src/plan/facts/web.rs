//! The facts of what speaks HTTP.

use super::FactInfo;

pub(super) const HTTP: &[FactInfo] = &[
    FactInfo::count("status", "Status"),
    FactInfo::words("body", "Body", &["as-expected", "different"]),
    FactInfo::text("server", "Server"),
    FactInfo::text("moved_to", "Sends on to"),
    FactInfo::moment("certificate_ends", "Certificate ends"),
    FactInfo::span("certificate_left", "Certificate valid for").below_secs(14 * 24 * 3600),
    FactInfo::text("certificate_names", "Certificate for"),
    FactInfo::words("certificate", "Certificate", &["valid", "expired", "not-yet", "wrong-name", "untrusted"]),
    FactInfo::share("golden-flow", "Golden flow").about("runs that succeeded, of the last twenty").below_percent(0.0),
    FactInfo::words("flow", "Last golden flow", &["passed", "failed"]),
    FactInfo::span("flow_took", "Golden flow took"),
    FactInfo::count("database_errors", "Database errors in ten minutes").about("told in its log").above_count(0.0),
    FactInfo::words("intrusion", "Intrusion", &["detected", "none"]).told_by("a person"),
    FactInfo::share("data_loss", "Data lost").told_by("prove"),
    FactInfo::words("integrity", "Integrity", &["passed", "failed"]).told_by("verify"),
];

pub(super) const BALANCER: &[FactInfo] = &[
    FactInfo::count("status", "Status"),
    FactInfo::words("body", "Body", &["as-expected", "different"]),
    FactInfo::text("server", "Server"),
    FactInfo::text("moved_to", "Sends on to"),
    FactInfo::count("hosts", "Hosts behind it"),
    FactInfo::count("hosts_up", "Hosts up").below_count(1.0),
    FactInfo::count("hosts_down", "Hosts down").above_count(0.0),
    FactInfo::count("sessions", "Sessions"),
    FactInfo::per_second("errors", "Errors").about("answers of 500 and above, and connections that failed"),
    FactInfo::moment("certificate_ends", "Certificate ends"),
    FactInfo::span("certificate_left", "Certificate valid for").below_secs(14 * 24 * 3600),
    FactInfo::text("certificate_names", "Certificate for"),
    FactInfo::words("certificate", "Certificate", &["valid", "expired", "not-yet", "wrong-name", "untrusted"]),
    FactInfo::share("golden-flow", "Golden flow").about("runs that succeeded, of the last twenty").below_percent(0.0),
    FactInfo::words("flow", "Last golden flow", &["passed", "failed"]),
    FactInfo::span("flow_took", "Golden flow took"),
    FactInfo::count("database_errors", "Database errors in ten minutes").about("told in its log").above_count(0.0),
];
