//! What reading alone finds of damage, where no manifest tells the hash: what scripts left has none.

use std::io::{Cursor, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use lifeboat::reach::Reach;
use lifeboat::systems::artefact::{Look, look_through};
use lifeboat::text::Redactor;
use lifeboat::vault::{Contents, Opened, Sort, open};

use super::keeping::Trial;
use crate::systems::component;
use crate::systems::databases::redis::server::Server;

/// A file as it lies in a store, by its name there.
struct File {
    name: &'static str,
    sort: Sort,
    bytes: Vec<u8>,
    /// Whether every flipped bit is found, because it has a checksum.
    is_summed: bool,
}

impl File {
    /// What is in it, where that can be unpacked.
    fn plain(&self, bytes: Vec<u8>) -> Option<Vec<u8>> {
        let Opened { contents: Contents::Plain(mut plain), .. } =
            open(Box::new(Cursor::new(bytes)), self.name, None).ok()?
        else {
            return None;
        };
        let mut all = Vec::new();
        plain.read_to_end(&mut all).ok().map(|_| all)
    }

    async fn look(&self, bytes: Vec<u8>) -> Look {
        let opened = open(Box::new(Cursor::new(bytes)), self.name, None);
        let Ok(Opened { contents: Contents::Plain(plain), .. }) = opened else {
            return Look::Flawed("it cannot be opened".to_owned());
        };
        look_through(self.sort, self.name, plain, None, &Reach::here(&Redactor::new())).await
    }
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// One of each sort, of real servers where it takes one.
async fn files() -> Vec<File> {
    let server = Server::start("appendonly yes\n").await;
    server.fill(300).await;
    server.run("BGREWRITEAOF").await.unwrap();
    let trial = Trial::new(&[server.component("cache", "")]);
    let snapshot = trial.take("cache", "method = 'snapshot'").await.kept.piece("rdb").1.clone();
    server.fill(400).await;
    let appended = trial.take("cache", "method = 'aof'").await.kept.piece("tar").1.clone();
    let folder = tempfile::tempdir().unwrap();
    for number in 0..20 {
        std::fs::write(folder.path().join(format!("file-{number}")), format!("{number} ").repeat(300)).unwrap();
    }
    let trial = Trial::new(&[component("config", "files", &folder.path().display().to_string(), "")]);
    let archive = trial.take("config", "method = 'files'").await.kept.piece("tar").1.clone();
    let queues: Vec<String> = (0..200).map(|number| format!("{{\"name\":\"q{number}\",\"vhost\":\"/\"}}")).collect();
    let definitions = format!("{{\"users\":[],\"queues\":[\n{}\n]}}\n", queues.join(",\n")).into_bytes();
    let rows: Vec<String> = (0..300).map(|number| format!("{number}\trow {number}\n")).collect();
    let rows = rows.concat();
    let sql =
        format!("COPY public.t (a, b) FROM stdin;\n{rows}\\.\n\n--\n-- PostgreSQL database dump complete\n--\n\n");
    let file = |name, sort, bytes: &[u8], is_summed| File { name, sort, bytes: bytes.to_vec(), is_summed };
    vec![
        file("snapshot.rdb", Sort::Snapshot, &snapshot, true),
        file("snapshot.rdb.gz", Sort::Snapshot, &gz(&snapshot), true),
        file("appendonly.tar", Sort::Appendonly, &appended, false),
        file("appendonly.tar.gz", Sort::Appendonly, &gz(&appended), true),
        file("archive.tar", Sort::Files, &archive, false),
        file("archive.tar.zst", Sort::Files, &zst(&archive), true),
        file("definitions.json", Sort::Definitions, &definitions, false),
        file("backup.sql", Sort::Sql, sql.as_bytes(), false),
        file("backup.sql.gz", Sort::Sql, &gz(sql.as_bytes()), true),
        file("backup.sql.zst", Sort::Sql, &zst(sql.as_bytes()), true),
    ]
}

/// What a file may lack at its end without lacking anything: empty lines, and the padding of an archive.
fn is_nothing(rest: &[u8]) -> bool {
    rest.iter().all(|byte| b"\0\n-".contains(byte))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_off_is_found_and_every_flip_where_there_is_a_checksum() {
    let rounds = if std::env::var_os("LIFEBOAT_FULL").is_some() { 1000 } else { 100 };
    let mut seed = 4711_u64;
    for file in files().await {
        let whole = file.look(file.bytes.clone()).await;
        assert!(matches!(whole, Look::Whole(_)), "{}: {whole:?}", file.name);
        let mut found = 0;
        for _ in 0..rounds {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(seed >> 33).unwrap() % file.bytes.len();
            let cut = file.look(file.bytes[..at].to_vec()).await;
            let is_found = !matches!(cut, Look::Whole(_)) || is_nothing(&file.bytes[at..]);
            assert!(is_found, "{} cut off at {at} of {}: {cut:?}", file.name, file.bytes.len());
            let mut flipped = file.bytes.clone();
            flipped[at] ^= 1 << (seed % 8);
            let is_found = !matches!(file.look(flipped.clone()).await, Look::Whole(_));
            found += usize::from(is_found);
            // Some bits only say how it was packed: what is in it stays the same.
            let is_found = is_found || !file.is_summed || file.plain(flipped) == file.plain(file.bytes.clone());
            assert!(is_found, "{} flipped at {at}", file.name);
        }
        println!("{}: {found} of {rounds} flips are found by reading alone", file.name);
    }
}
