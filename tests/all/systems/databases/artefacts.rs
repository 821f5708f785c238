//! What one would restore from, made by real servers, and what becomes of it on a bad disk.

use std::io::Cursor;
use std::process::Command;

use lifeboat::reach::Reach;
use lifeboat::systems::artefact::{Look, look_through};
use lifeboat::text::Redactor;
use lifeboat::vault::Sort;

use super::postgres::server as postgres;
use super::redis::server::Server as Redis;

async fn look(sort: Sort, name: &str, bytes: &[u8]) -> Look {
    look_through(sort, name, Box::new(Cursor::new(bytes.to_vec())), None, &Reach::here(&Redactor::new())).await
}

/// Places in a file that nobody chose, the same in every run.
fn places(length: usize, count: usize) -> impl Iterator<Item = (usize, u8)> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (usize::try_from(state % length as u64).unwrap(), 1 << (state >> 61))
    })
    .take(count)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_of_every_type_is_whole_and_no_flipped_bit_escapes() {
    let server = Redis::start("").await;
    server.fill(500).await;
    let many = |word: &str| (0..700).map(|number| format!("{word}{number}")).collect::<Vec<_>>().join(" ");
    let scored = (0..300).map(|number| format!("{number}.5 member{number}")).collect::<Vec<_>>().join(" ");
    let lines = [
        "RPUSH list a b c".to_owned(),
        format!("RPUSH long {}", many("element")),
        "SADD set a b 1".to_owned(),
        "SADD numbers 1 2 3 70000".to_owned(),
        format!("SADD large {}", many("member")),
        "ZADD scores 1 a 2.5 b".to_owned(),
        format!("ZADD ranks {scored}"),
        "HSET hash f v".to_owned(),
        format!("HSET table {}", many("field")),
        "XADD stream * f v".to_owned(),
        "XGROUP CREATE stream group 0".to_owned(),
        "XREADGROUP GROUP group reader COUNT 1 STREAMS stream >".to_owned(),
        "PFADD counted a b c".to_owned(),
        "SET expiring x EX 1000".to_owned(),
        format!("SET text {}", "abc".repeat(5000)),
        "SAVE".to_owned(),
    ];
    for line in &lines {
        server.run(line).await.unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    let bytes = std::fs::read(server.folder.path().join("dump.rdb")).unwrap();
    let Look::Whole(holds) = look(Sort::Snapshot, "redis/daily/snapshot_20241118.rdb", &bytes).await else {
        panic!("a real snapshot is not taken for one")
    };
    assert!(holds.starts_with("513 keys in 1 database, of Redis "), "{holds}");
    for (at, bit) in places(bytes.len(), 1000) {
        let mut flipped = bytes.clone();
        flipped[at] ^= bit;
        let look = look(Sort::Snapshot, "x.rdb", &flipped).await;
        assert!(matches!(look, Look::Flawed(_)), "byte {at}, bit {bit}: {look:?}");
    }
    for (at, _) in places(bytes.len(), 200) {
        assert!(matches!(look(Sort::Snapshot, "x.rdb", &bytes[..at]).await, Look::Flawed(_)), "cut off at {at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_is_restored_into_nothing_and_a_cut_one_is_found() {
    let server = postgres::Server::start(&[]).await;
    server
        .execute(&[
            "CREATE TABLE agents AS SELECT n, md5(n::text) AS name FROM generate_series(1, 20000) n",
            "CREATE INDEX ON agents (name)",
        ])
        .await;
    let dump = |format: &str| {
        let mut command = Command::new("pg_dump");
        command.args(["-h", "127.0.0.1", "-U", "postgres", "-F", format, "-p", &server.port.to_string(), "postgres"]);
        let output = command.env("PGPASSWORD", postgres::PASSWORD).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    let custom = dump("c");
    assert!(matches!(look(Sort::Dump, "x.dump", &custom).await, Look::Whole(_)));
    for (at, _) in places(custom.len(), 12) {
        let look = look(Sort::Dump, "x.dump", &custom[..at]).await;
        assert!(matches!(&look, Look::Flawed(why) if why.contains("pg_restore")), "cut off at {at}: {look:?}");
    }
    // The list of contents stands at the beginning; what follows is packed, with sums of its own.
    let data = custom.len() / 4;
    for (at, bit) in places(custom.len() * 3 / 4 - 16, 12) {
        let mut flipped = custom.clone();
        flipped[data + at] ^= bit;
        let look = look(Sort::Dump, "x.dump", &flipped).await;
        assert!(matches!(look, Look::Flawed(_)), "byte {}, bit {bit}: {look:?}", data + at);
    }
    let not = look(Sort::Dump, "x.dump", b"no dump at all").await;
    assert!(matches!(not, Look::Flawed(_)), "{not:?}");
    let sql = dump("p");
    assert!(matches!(look(Sort::Sql, "x.sql", &sql).await, Look::Whole(_)));
    assert!(matches!(look(Sort::Sql, "x.sql", &sql[..sql.len() - 200]).await, Look::Flawed(_)));
}

#[tokio::test]
async fn an_archive_is_walked_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("a.conf", 10), ("b.json", 5000), (&*"long".repeat(40), 513)] {
        std::fs::write(folder.path().join(name), vec![b'x'; bytes]).unwrap();
    }
    let output = Command::new("tar").args(["-cf", "-", "-C"]).arg(folder.path()).arg(".").output().unwrap();
    let whole = output.stdout;
    let Look::Whole(holds) = look(Sort::Files, "config/archive_20241118.tar", &whole).await else { panic!() };
    assert!(holds.starts_with("4 files, 5.52KB"), "{holds}");
    for at in [100, 512, 700, 1500, 3000] {
        assert!(matches!(look(Sort::Files, "x.tar", &whole[..at]).await, Look::Flawed(_)), "cut off at {at}");
    }
    let mut flipped = whole.clone();
    flipped[20] ^= 4;
    assert!(matches!(look(Sort::Files, "x.tar", &flipped).await, Look::Flawed(_)));
    assert!(matches!(look(Sort::Files, "x.tar", &[0; 1024]).await, Look::Flawed(_)), "there is nothing in it");
}
