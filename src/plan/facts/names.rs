//! The facts of a name in the DNS.

use super::FactInfo;

pub(super) const FACTS: &[FactInfo] = &[
    FactInfo::text("addresses", "Points to").about("as the server of the zone says"),
    FactInfo::text("cached", "Users are told").about("what the caching resolver answers"),
    FactInfo::text("site", "Site").about("to which it points, by the plan"),
    FactInfo::text("site_cached", "Site for users").about("to which the caching resolver points"),
    FactInfo::words("agreement", "Servers agree", &["yes", "no"]),
    FactInfo::span("ttl", "May be kept for"),
    FactInfo::count("serial", "Serial of the zone"),
];
