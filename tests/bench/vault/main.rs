//! What taking, verifying and listing recovery points costs, against the figures that are promised: a dump into one
//! folder at most 1.15 times `pg_dump -Fc -Z1`, into a bucket as well at most 1.5 times, dump and SQL at most half of
//! one tool after the other; verifying what needs only hashing at 0.8 of the rate of `sha256sum`; Redis at most 1.2
//! times `redis-cli --rdb`; less than 64 MB of memory for an artefact of 10 GB; 10,000 recovery points in 200 ms.
//!
//! Needs postgresql, redis-server, age, curl and openssl, 25 GB of disk, and a quarter of an hour; `-- memory` measures
//! only what has this word in its name. Ends with an error if a figure does not hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

mod ended;
mod platform;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use platform::{ACCESS_KEY, Platform, SECRET};

/// Each is run so often, in turns with what it is compared with.
const ROUNDS: usize = 5;

/// What is measured: what it is called, how, the limit, and of what that is told.
type Figure = (&'static str, fn(&Platform) -> f64, f64, &'static str);

const FIGURES: [Figure; 7] = [
    ("dump into a folder", |platform| dump(platform, "local"), 1.15, "of pg_dump -Fc -Z1"),
    ("dump into a folder and a bucket", |platform| dump(platform, "local --to bucket"), 1.5, "of pg_dump -Fc -Z1"),
    ("dump and SQL into both", one_after_the_other, 0.5, "of one tool after the other"),
    ("Redis", snapshot, 1.2, "of redis-cli --rdb"),
    ("verify by hash", verify, 1.0 / 0.8, "of the time of sha256sum"),
    ("10,000 recovery points", points, 200.0, "ms"),
    ("memory for 10 GB into a folder and a bucket", memory, 64.0, "MB"),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` is no reason to run for minutes.
    if !words.iter().any(|word| word == "--bench") {
        return;
    }
    let mut wanted = words.iter().filter(|word| !word.starts_with("--")).peekable();
    let is_all = wanted.peek().is_none();
    let wanted: Vec<&String> = wanted.collect();
    let platform = Platform::start();
    let mut is_filled = false;
    let mut broken = Vec::new();
    for (what, measure, limit, unit) in FIGURES {
        if !is_all && !wanted.iter().any(|word| what.contains(word.as_str())) {
            continue;
        }
        if what.contains("dump") && !std::mem::replace(&mut is_filled, true) {
            fill_database(&platform);
        }
        let figure = measure(&platform);
        println!("{what}: {figure:.2} {unit} (limit {limit:.2} {unit})");
        if figure > limit {
            broken.push(what);
        }
    }
    assert!(broken.is_empty(), "these do not hold: {broken:?}");
}

/// The median of how many times as long the first takes as the second, in turns.
fn times(mut ours: impl FnMut() -> Duration, mut theirs: impl FnMut() -> Duration) -> f64 {
    let mut pairs: Vec<(Duration, Duration)> = (0..ROUNDS).map(|_| (theirs(), ours())).map(|(a, b)| (b, a)).collect();
    pairs.sort_by(|(a, b), (c, d)| (a.as_secs_f64() / b.as_secs_f64()).total_cmp(&(c.as_secs_f64() / d.as_secs_f64())));
    let (ours, theirs) = pairs[ROUNDS / 2];
    println!("  {:.2} s against {:.2} s", ours.as_secs_f64(), theirs.as_secs_f64());
    ours.as_secs_f64() / theirs.as_secs_f64()
}

#[track_caller]
fn timed(command: &mut Command) -> Duration {
    let begun = Instant::now();
    let status = command.stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
    begun.elapsed()
}

/// Half a gigabyte of rows such as applications write: numbers, times, words, documents, and some that packs badly.
fn fill_database(platform: &Platform) {
    for statement in [
        "CREATE TABLE runs (id bigint PRIMARY KEY, agent text, began timestamptz, state text, input jsonb, note text)",
        "INSERT INTO runs SELECT i, 'agent-' || i % 500, '2024-11-18'::timestamptz + i * '7 s'::interval, \
           (ARRAY['done', 'failed', 'waiting'])[1 + i % 3], \
           jsonb_build_object('task', md5(i::text), 'retries', i % 5, 'words', repeat('the agent went on ', i % 9)), \
           md5((i * 3)::text) || md5((i * 5)::text) FROM generate_series(1, 1600000) i",
        "CREATE TABLE measures (id bigint, at timestamptz, value double precision)",
        "INSERT INTO measures SELECT i, '2024-11-18'::timestamptz + i * '1 s'::interval, sin(i) * 1000 \
           FROM generate_series(1, 2000000) i",
        "VACUUM ANALYZE",
        "CHECKPOINT",
    ] {
        let done = platform.psql(statement);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

fn dump(platform: &Platform, to: &str) -> f64 {
    let file = platform.path("dump");
    times(
        || {
            platform.clear("local");
            platform.run(&format!("backup database --method dump --to {to}"), 0).took
        },
        || timed(platform.of_postgres("pg_dump").args(["-Fc", "-Z1", "-d", "postgres", "-f"]).arg(&file)),
    )
}

/// What a script does: a dump, SQL, gzip, the hashes, and both copied.
fn one_after_the_other(platform: &Platform) -> f64 {
    let (dump, sql) = (platform.path("dump"), platform.path("dump.sql"));
    let tool = |program: &str, arguments: &[&str], file: &Path| timed(Command::new(program).args(arguments).arg(file));
    times(
        || {
            platform.clear("local");
            let dump = platform.run("backup database --method dump", 0).took;
            dump + platform.run("backup database --method sql", 0).took
        },
        || {
            let packed = sql.with_extension("sql.gz");
            let _ = std::fs::remove_file(&packed);
            let mut took = timed(platform.of_postgres("pg_dump").args(["-Fc", "-d", "postgres", "-f"]).arg(&dump));
            took += timed(platform.of_postgres("pg_dump").args(["-Fp", "-d", "postgres", "-f"]).arg(&sql));
            took += tool("gzip", &["-f"], &sql);
            for file in [&dump, &packed] {
                took += tool("sha256sum", &[], file);
                took += upload(platform, file);
            }
            took
        },
    )
}

fn upload(platform: &Platform, file: &Path) -> Duration {
    let url = format!("http://{}/store/theirs/{}", platform.bucket, file.file_name().unwrap().display());
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user"]);
    curl.arg(format!("{ACCESS_KEY}:{SECRET}")).args(["--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]);
    timed(curl.arg("--upload-file").arg(file).arg(url))
}

fn snapshot(platform: &Platform) -> f64 {
    let port = platform.cache.to_string();
    let mut fill = Command::new("redis-cli");
    timed(fill.args(["-p", &port, "DEBUG", "POPULATE", "2000000", "session", "200"]));
    let keys = Command::new("redis-cli").args(["-p", &port, "DBSIZE"]).output().unwrap();
    assert_eq!(keys.stdout, b"2000000\n", "the cache could not be filled");
    let file = platform.path("theirs.rdb");
    times(
        || platform.run("backup cache --method snapshot", 0).took,
        || timed(Command::new("redis-cli").args(["-p", &port, "--rdb"]).arg(&file).stderr(Stdio::null())),
    )
}

/// A file that is only hashed, because only its recipients can read more.
fn verify(platform: &Platform) -> f64 {
    platform.noise(3_000_000_000);
    platform.run("backup large --method export --to sealed", 0);
    let file =
        platform.files("sealed").into_iter().find(|path| path.extension().is_some_and(|it| it == "age")).unwrap();
    let ratio =
        times(|| platform.run("verify --deep --in sealed", 0).took, || timed(Command::new("sha256sum").arg(&file)));
    platform.clear("sealed");
    ratio
}

/// The median time that a list of 10,000 recovery points takes, each with a manifest and a receipt.
fn points(platform: &Platform) -> f64 {
    platform.noise(10_000);
    platform.run("backup large --method export --to many", 0);
    platform.run("verify --in many", 0);
    let files = platform.files("many");
    let stamp = files.iter().find_map(|path| path.file_stem()?.to_str()?.strip_prefix("export_")).unwrap();
    let stamp = &stamp[.."20241118_020000".len()];
    let day = |stamp: &str| format!("{}-{}-{}T", &stamp[..4], &stamp[4..6], &stamp[6..8]);
    for file in files.iter().filter(|file| file.to_str().unwrap().contains(stamp)) {
        let text = std::fs::read(file).unwrap();
        for number in 1..10_000 {
            let (hour, rest) = (number / 3_600, number % 3_600);
            let other = format!("20241118_{hour:02}{:02}{:02}", rest / 60, rest % 60);
            let path = file.to_str().unwrap().replace(stamp, &other);
            let content = match std::str::from_utf8(&text) {
                Ok(text) => text.replace(stamp, &other).replace(&day(stamp), &day(&other)).into_bytes(),
                Err(_) => text.clone(),
            };
            std::fs::write(path, content).unwrap();
        }
    }
    let listed = platform.run("points --json --in many", 0);
    assert_eq!(listed.out.matches("\"id\": \"large/export_").count(), 10_000);
    let took = || platform.run("points --in many", 0).took.as_secs_f64() * 1000.0;
    let mut took: Vec<f64> = (0..9).map(|_| took()).collect();
    took.sort_by(f64::total_cmp);
    took[took.len() / 2]
}

fn memory(platform: &Platform) -> f64 {
    platform.clear("local");
    platform.noise(10_000_000_000);
    let ended = platform.run("backup large --method export --to local --to bucket", 0);
    println!("  {:.0} MB/s into both", 10_000.0 / ended.took.as_secs_f64());
    ended.peak
}
