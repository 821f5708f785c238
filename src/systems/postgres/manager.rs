//! Who else starts, stops and promotes a database, by the traces they leave in it.

use super::answers::Row;
use super::session::Session;
use crate::systems::reading::Facts;

/// How the names begin under which managers log in, and what they are called.
const MANAGERS: [(&str, &str); 6] = [
    ("patroni", "Patroni"),
    ("repmgr", "repmgr"),
    ("cnpg", "CloudNativePG"),
    ("pgautofailover", "pg_auto_failover"),
    ("pg_auto_failover", "pg_auto_failover"),
    ("stolon", "Stolon"),
];

/// The program that an operator puts into every database it runs, to take the log.
const OPERATORS_ARCHIVER: &str = "/controller/manager wal-archive";

/// Says who manages it, if anybody was recognised.
pub fn told(sessions: Option<&Row>, archiver: Option<&Row>, session: &Session, facts: &mut Facts) {
    let connected = sessions.map_or("", |row| row.word("managers"));
    let command = archiver.map_or("", |row| row.word("command"));
    if let Some(manager) = recognised(connected, command).or(session.rights.cloud) {
        facts.set_text("managed_by", manager);
    }
}

fn recognised(connected: &str, archive_command: &str) -> Option<&'static str> {
    let begins = |name: &str| {
        let name = name.to_ascii_lowercase();
        MANAGERS.iter().find(|(start, _)| name.starts_with(start)).map(|(_, manager)| *manager)
    };
    let operator = archive_command.contains(OPERATORS_ARCHIVER).then_some("CloudNativePG");
    connected.lines().find_map(begins).or(operator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managers_are_known_by_their_names() {
        assert_eq!(recognised("Patroni heartbeat\nPatroni restapi", ""), Some("Patroni"));
        assert_eq!(recognised("repmgrd", "cp %p /archive/%f"), Some("repmgr"));
        assert_eq!(recognised("cnpg-instance-manager", ""), Some("CloudNativePG"));
        assert_eq!(recognised("", "/controller/manager wal-archive --log-destination x %p"), Some("CloudNativePG"));
        assert_eq!(recognised("psql\nmy-patroni-tool", ""), None);
    }
}
