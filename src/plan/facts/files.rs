//! The facts of files, certificates and buckets.

use super::FactInfo;

pub(super) const FILES: &[FactInfo] = &[
    FactInfo::words("presence", "Files", &["present", "missing", "partial"]),
    FactInfo::count("files", "Files").rare(),
    FactInfo::count("files_missing", "Files missing").about("of those that the plan names").above_count(0.0).rare(),
    FactInfo::size("size", "Size").rare(),
    FactInfo::moment("changed", "Last changed").rare(),
    FactInfo::count("changed_since_backup", "Changed since the backup").rare(),
    FactInfo::words("git", "Git", &["clean", "changed", "none"]).rare(),
    FactInfo::text("commit", "Commit").rare(),
    FactInfo::size("disk_free", "Disk free"),
    FactInfo::share("disk", "Disk in use").above_percent(90.0),
    FactInfo::share("inodes", "Inodes in use").above_percent(90.0),
    FactInfo::share("data_loss", "Data lost").told_by("prove"),
    FactInfo::words("integrity", "Integrity", &["passed", "failed"]).told_by("verify"),
];

pub(super) const CERTIFICATE: &[FactInfo] = &[
    FactInfo::text("subject", "For"),
    FactInfo::text("names", "Names"),
    FactInfo::text("issuer", "Signed by"),
    FactInfo::text("serial", "Serial number"),
    FactInfo::moment("begins", "Valid from"),
    FactInfo::moment("ends", "Valid until"),
    FactInfo::span("left", "Valid for").below_secs(30 * 24 * 3600),
    FactInfo::count("chain", "Certificates in the chain"),
    FactInfo::words("chain_state", "Chain", &["whole", "broken", "untrusted"]),
    FactInfo::words("key", "Key", &["matches", "different", "missing", "unreadable"]),
    FactInfo::words("served", "Served", &["the-same", "another", "silent"]),
    FactInfo::words("certificate", "Certificate", &["valid", "expired", "not-yet", "wrong-name", "untrusted"]),
];

pub(super) const BUCKET: &[FactInfo] = &[
    FactInfo::words("access", "Access", &["allowed", "denied", "missing"]),
    FactInfo::words("versioning", "Versioning", &["on", "suspended", "off"]),
    FactInfo::text("encryption", "Encryption"),
    FactInfo::text("replication", "Replicated to"),
    FactInfo::words("deletes", "Deletes", &["allowed", "denied"])
        .about("whether this login could destroy what is there")
        .rare(),
    FactInfo::moment("newest", "Newest object").rare(),
    FactInfo::span("newest_age", "Newest object is").about("how old").rare(),
    FactInfo::count("objects", "Objects").rare(),
    FactInfo::size("size", "Size").rare(),
    FactInfo::share("data_loss", "Data lost").told_by("prove"),
    FactInfo::words("integrity", "Integrity", &["passed", "failed"]).told_by("verify"),
];
