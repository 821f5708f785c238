//! The facts of a `PostgreSQL` database.

use super::FactInfo;

pub(super) const FACTS: &[FactInfo] = &[
    FactInfo::text("version", "Version"),
    FactInfo::words("role", "Role", &["primary", "standby"]),
    FactInfo::text("system_identifier", "System identifier").about("the same on every copy of one cluster"),
    FactInfo::words("database", "Database", &["present", "missing"]),
    FactInfo::words("storage", "Storage", &["working", "failed"]).about("whether it can read and write its files"),
    FactInfo::flag("read_only", "Read only").about("writes are refused by default"),
    FactInfo::moment("started", "Started"),
    FactInfo::moment("login_ends", "Login ends").about("of the role that asks, where that has an end"),
    FactInfo::words("encryption", "Encrypted", &["verified", "unverified", "none"])
        .about("the way there; verified: by a certificate that is trusted"),
    FactInfo::words("between", "Between here and it", &["nothing", "proxy", "pooler"])
        .about("what takes our connection before the database does"),
    FactInfo::share("connections", "Connections")
        .about("in use, of those that a plain login may have")
        .above_percent(90.0),
    FactInfo::count("connections_used", "Connections in use"),
    FactInfo::count("connections_limit", "Connections allowed"),
    FactInfo::span("longest_transaction", "Longest transaction").above_secs(3600),
    FactInfo::count("blocked_sessions", "Blocked sessions").about("that wait for a lock of another"),
    FactInfo::span("longest_block", "Blocked for").about("how long the first of them has waited").above_secs(60),
    FactInfo::count("commits_waiting", "Commits waiting").about("for a synchronous standby"),
    FactInfo::per_second("transactions", "Transactions"),
    FactInfo::per_second("rollbacks", "Rollbacks"),
    FactInfo::count("deadlocks", "Deadlocks").about("in ten minutes"),
    FactInfo::moment("last_commit", "Last commit").about("where it keeps track of commit times"),
    FactInfo::share("hit_rate", "Read from memory").about("in the last minute"),
    FactInfo::count("standbys", "Standbys").about("that stream from it now"),
    FactInfo::count("standbys_missing", "Standbys missing").about("of those in the plan").above_count(0.0),
    FactInfo::words("replication", "Replication", &["streaming", "catching-up", "stopped", "none"])
        .about("of a standby: what it receives; of a primary: what those that follow it do"),
    FactInfo::size("replication_bytes", "Behind by").about("log that the slowest standby has still to replay"),
    FactInfo::span("replication_lag", "Behind for").about("none while there is nothing to replay").above_secs(30),
    FactInfo::count("slots", "Replication slots"),
    FactInfo::count("slots_inactive", "Slots without a reader").above_count(0.0),
    FactInfo::count("slots_lost", "Slots without their log").above_count(0.0),
    FactInfo::size("slots_hold_back", "Log held for slots").above_size(10_000_000_000),
    FactInfo::words("archiving", "Archiving", &["working", "stalled", "off", "silently-off"]),
    FactInfo::count("archive_backlog", "Segments to archive").above_count(10.0),
    FactInfo::span("archive_waiting", "Oldest of them").about("for how long it has waited"),
    FactInfo::moment("last_archived", "Last archived"),
    FactInfo::count("checksum_failures", "Checksum failures").above_count(0.0),
    FactInfo::flag("checksums", "Data checksums").about("pages are checked when they are read"),
    FactInfo::count("transaction_age", "Transaction-id age").above_count(1_000_000_000.0),
    FactInfo::size("size", "Size").rare(),
    FactInfo::count("tables", "Tables").rare(),
    FactInfo::count("rows", "Rows").about("as estimated by its statistics").rare(),
    FactInfo::count("invalid_indexes", "Invalid indexes").rare().above_count(0.0),
    FactInfo::count("damaged_indexes", "Damaged indexes").about("found by amcheck").rare().above_count(0.0),
    FactInfo::count("damaged_tables", "Damaged tables").about("found by amcheck").rare().above_count(0.0),
    FactInfo::words("integrity", "Integrity", &["passed", "failed"])
        .about("checksums, damaged tables and indexes, and the plan's own checks together")
        .rare(),
    FactInfo::words("consistency", "Consistency", &["passed", "failed"])
        .about("the plan's own questions to the data")
        .rare(),
    FactInfo::count("constraint_violations", "Constraint violations")
        .about("rows that break a constraint, by the plan's own questions")
        .rare()
        .above_count(0.0),
    FactInfo::count("orphans", "Orphaned rows").about("rows whose parent is missing").rare().above_count(0.0),
    FactInfo::words("schema", "Schema", &["complete", "incomplete"]).about("against the last backup").told_by("verify"),
    FactInfo::share("data_loss", "Data lost").about("rows missing against the last backup").told_by("prove"),
];
