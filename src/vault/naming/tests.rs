//! What names tell.

use proptest::prelude::*;

use super::*;

fn told(key: &str) -> Option<(String, String, String)> {
    let named = named(key)?;
    let part = match named.part {
        Part::Artefact(sort) => sort.word(),
        Part::Note(_) => "notes",
    };
    Some((format!("{}/{}", named.folder, named.point), part.to_owned(), named.taken.at.to_string()))
}

#[test]
fn everything_that_scripts_left_is_recognised() {
    let two = "2024-11-18 02:00:00";
    let midnight = "2024-11-18 00:00:00";
    for (key, point, part, at) in [
        ("postgres/daily/backup_20241118_020000.dump.gz", "postgres/backup_20241118_020000", "dump", two),
        ("postgres/daily/backup_20241118_020000.sql.gz", "postgres/backup_20241118_020000", "sql", two),
        ("postgres/daily/backup_20241118_020000.dump", "postgres/backup_20241118_020000", "dump", two),
        ("postgres/daily/backup_20241118_020000.sql.zst.age", "postgres/backup_20241118_020000", "sql", two),
        ("postgres/metadata/backup_20241118_020000.json", "postgres/backup_20241118_020000", "notes", two),
        ("postgres/2024/11/daily/backup_20241118_020000/.dump.gz", "postgres/backup_20241118_020000", "dump", two),
        (
            "postgres/2024/11/daily/backup_20241118_020000/backup_20241118_020000.sql.gz",
            "postgres/backup_20241118_020000",
            "sql",
            two,
        ),
        ("postgres/2024/11/daily/backup_20241118_020000/.json", "postgres/backup_20241118_020000", "notes", two),
        (
            "postgres/monthly/2024-11-backup-full/x.dump.gz",
            "postgres/2024-11-backup-full",
            "dump",
            "2024-11-01 00:00:00",
        ),
        ("postgres/monthly/2024-11-backup-full/all", "postgres/2024-11-backup-full", "archive", "2024-11-01 00:00:00"),
        ("redis/hourly/snapshot_20241118_02.rdb", "redis/snapshot_20241118_02", "snapshot", two),
        ("redis/daily/snapshot_20241118.rdb.gz", "redis/snapshot_20241118", "snapshot", midnight),
        ("redis/daily/snapshot_20241118.tar.gz", "redis/snapshot_20241118", "snapshot", midnight),
        ("redis/metadata/snapshot_20241118.json", "redis/snapshot_20241118", "notes", midnight),
        ("rabbitmq/daily/definitions_20241118.json", "rabbitmq/definitions_20241118", "definitions", midnight),
        ("rabbitmq/daily/definitions_20241118.json.gz", "rabbitmq/definitions_20241118", "definitions", midnight),
        ("rabbitmq/daily/queues_20241118.json", "rabbitmq/queues_20241118", "queues", midnight),
        ("rabbitmq/daily/metadata_20241118.json", "rabbitmq/definitions_20241118", "notes", midnight),
        ("rabbitmq/messages/dump_20241118.txt", "rabbitmq/messages_20241118", "messages", midnight),
        ("rabbitmq/daily/messages_20241118.tar.gz", "rabbitmq/messages_20241118", "messages", midnight),
        ("redis/daily/appendonly_20241118_020000.tar", "redis/appendonly_20241118_020000", "appendonly", two),
        ("redis/metadata/appendonly_20241118_020000.json", "redis/appendonly_20241118_020000", "notes", two),
        ("redis/metadata/snapshot_20241118_020000.acl.age", "redis/snapshot_20241118_020000", "settings", two),
        ("redis/metadata/snapshot_20241118_020000.conf", "redis/snapshot_20241118_020000", "settings", two),
        ("config/archive_20241118.tar.gz", "config/archive_20241118", "files", midnight),
        ("config/archive_20241118_020000.env.tar.age", "config/archive_20241118_020000", "files", two),
        ("tls/archive_20241118_020000.key.tar.zst.age", "tls/archive_20241118_020000", "files", two),
        ("memory/daily/export_20241118_020000.ndjson.zst", "memory/export_20241118_020000", "export", two),
        ("memory/daily/export_20241118_020000.bin.gz", "memory/export_20241118_020000", "export", two),
        ("search/daily/export_20241118_020000.json", "search/export_20241118_020000", "export", two),
        ("memory/metadata/export_20241118_020000.json", "memory/export_20241118_020000", "notes", two),
        ("2024/2024-01-compliance-archive.tar", "/2024-01-compliance-archive", "archive", "2024-01-01 00:00:00"),
    ] {
        assert_eq!(told(key), Some((point.to_owned(), part.to_owned(), at.to_owned())), "{key}");
    }
}

#[test]
fn pieces_of_the_log_are_known() {
    for key in ["postgres/wal/000000010000000000000001", "wal/000000010000000000000001.gz", "wal/00000002.history"] {
        assert!(is_segment(key), "{key}");
    }
    for key in ["postgres/daily/000000010000000000000001", "wal/00000001", "wal/x", "000000010000000000000001"] {
        assert!(!is_segment(key), "{key}");
    }
}

#[test]
fn what_only_looks_like_one_is_none() {
    for key in [
        "postgres/daily/backup_20241118_020000",
        "postgres/daily/backup_20241118_020000.dump.gz.tmp",
        "postgres/daily/backup_20241318_020000.dump.gz",
        "postgres/daily/.backup_20241118_020000.dump.gz",
        "postgres/daily/snapshot_latest.rdb",
        "postgres/daily/old/backup_20241118_020000.dump.gz",
        "memory/daily/export_20241118_020000.exe",
        "memory/daily/export_20241118_020000.binary",
        "config/archive_20241118_020000.env",
        "redis/metadata/snapshot_20241118_020000.acl.tmp",
        "2023/2024-01-compliance-archive.tar",
        "postgres/wal/000000010000000000000001",
        "backup_20241118_020000.dump.gz",
        "",
        "/",
    ] {
        assert_eq!(told(key), None, "{key}");
    }
}

proptest! {
    #[test]
    fn no_name_is_too_strange(key in ".{0,80}") {
        let _ = named(&key);
    }

    #[test]
    fn a_strange_end_is_no_known_one(end in "[a-z]{1,6}") {
        prop_assume!(!matches!(end.as_str(), "gz" | "zst" | "age"));
        let key = format!("postgres/daily/backup_20241118_020000.dump.{end}");
        prop_assert!(named(&key).is_none());
    }
}
