//! Every fault the lab knows, in a line each.

use super::FaultError;
use crate::lab::LabError;
use crate::text::{Shape, untrusted};

/// How one gets rid of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Heals {
    /// `--undo` takes it back.
    Undo,
    /// It destroys something: only a recovery brings that back.
    Restore,
}

/// One fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The part of the platform that it breaks.
    pub breaks: &'static str,
    /// Its name on the command line.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What it can act on.
    pub takes: &'static str,
    /// What it acts on if nothing is named.
    pub usual: &'static str,
    /// How one gets rid of it.
    pub heals: Heals,
}

const fn fault(name: &'static str, about: &'static str, takes: &'static str, usual: &'static str) -> Fault {
    Fault { breaks: breaks(name), name, about, takes, usual, heals: Heals::Undo }
}

/// The faults are listed in the order of these.
const fn breaks(name: &str) -> &'static str {
    match name.as_bytes() {
        b"kill" | b"freeze" => "Servers",
        b"stop-dns" | b"stale-names" => "Names",
        b"refuse-logins" | b"exhaust-connections" => "Logins",
        b"drop-table" | b"delete-rows" | b"break-foreign-key" | b"flip-bytes" | b"zero-page" | b"break-index" => {
            "What PostgreSQL holds"
        }
        b"stop-archiving" | b"hang-archiving" | b"disable-archiving" | b"lag-standby" => "The way of the WAL",
        b"remove-certificate" | b"expire-certificate" => "Certificates",
        b"flush-redis" | b"corrupt-aof" | b"exhaust-memory" => "Redis",
        b"delete-queues" | b"delete-exchanges" | b"purge-messages" => "RabbitMQ",
        _ => "Stores of backups",
    }
}

const fn loss(name: &'static str, about: &'static str, takes: &'static str, usual: &'static str) -> Fault {
    Fault { heals: Heals::Restore, ..fault(name, about, takes, usual) }
}

const SERVER: &str = "a server like dr/redis, or a site: primary, dr, outside";
const TABLE: &str = "a table of the platform's database; a large one if none is named";
/// What a fault takes that needs no target.
pub(super) const NOTHING: &str = "no target";
const FILE: &str = "a file below the primary site's store; the newest one if none is named";
const STORE: &str = "primary, dr, primary/s3 or dr/s3";
const OBJECT: &str = "a key in the bucket; the first one if none is named";
const SITE: &str = "primary or dr";

/// Every fault, in the order in which they are listed.
pub const FAULTS: &[Fault] = &[
    fault("kill", "Kill a server, or all servers of a site, without warning", SERVER, "primary/postgres"),
    fault("freeze", "Freeze a server, or a whole site: ports stay open, nothing answers", SERVER, "primary/postgres"),
    fault("stop-dns", "Stop the authoritative name server", NOTHING, ""),
    fault("stale-names", "Let the caching resolver keep its answers for an hour, whatever their TTL", NOTHING, ""),
    fault("refuse-logins", "Let the application no longer log in", "postgres, redis or rabbitmq", "postgres"),
    fault("exhaust-connections", "Take every connection that the database has left", NOTHING, ""),
    loss("drop-table", "Drop a table, with all that hangs on it", TABLE, ""),
    loss("delete-rows", "Delete every second row of a table", TABLE, ""),
    loss(
        "break-foreign-key",
        "Delete rows that others refer to, past the foreign key",
        "the table that refers to others; a large one if none is named",
        "",
    ),
    fault("flip-bytes", "Flip bytes in a page of a table's file", TABLE, ""),
    fault("zero-page", "Overwrite a page of a table's file with zeros", TABLE, ""),
    fault("break-index", "Damage the first leaf of a primary key's index", TABLE, ""),
    fault("stop-archiving", "Let archiving of WAL fail", NOTHING, ""),
    fault("hang-archiving", "Let archiving of WAL hang", NOTHING, ""),
    fault("disable-archiving", "Set an empty archive_command: WAL piles up, nothing fails", NOTHING, ""),
    fault("lag-standby", "Stop the standby from replaying what it receives", NOTHING, ""),
    fault("fill-store", "Fill a store: a site's folder (as root), or its S3 endpoint", STORE, "primary"),
    fault("truncate-backup", "Cut a file in the local store to half its length", FILE, ""),
    fault("corrupt-backup", "Flip bytes in the middle of a file in the local store", FILE, ""),
    loss("delete-object", "Delete an object from the primary region's bucket", OBJECT, ""),
    fault("corrupt-object", "Flip bytes in an object of the primary region's bucket", OBJECT, ""),
    fault("remove-certificate", "Remove a certificate of the primary site", "the name of a certificate", "app"),
    fault("expire-certificate", "Put an expired certificate in its place", "the name of a certificate", "app"),
    loss("flush-redis", "Delete every key in Redis", NOTHING, ""),
    fault("corrupt-aof", "Stop Redis and damage its append-only file: it will not start", NOTHING, ""),
    fault("exhaust-memory", "Fill Redis up to its limit and evict nothing: writes fail", NOTHING, ""),
    loss("delete-queues", "Delete every queue of the broker", SITE, "primary"),
    loss("delete-exchanges", "Delete every exchange that is not built in", SITE, "primary"),
    loss("purge-messages", "Throw away every message that waits in a queue", SITE, "primary"),
];

/// The fault called `name`.
pub(super) fn find(name: &str) -> Result<&'static Fault, LabError> {
    FAULTS.iter().find(|fault| fault.name == name).ok_or_else(|| {
        let near = |fault: &&Fault| strsim::jaro_winkler(fault.name, name) > 0.8;
        let nearest = FAULTS.iter().find(near).map(|fault| fault.name.to_owned());
        FaultError::Unknown { name: untrusted(name, Shape::line(60)), nearest }.into()
    })
}
