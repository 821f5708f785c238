//! `lifeboat verify`: each file is read as what it claims to be, packed as it is.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::points::{place, put_bytes};

const SQL: &str = "SELECT 1;\n--\n-- PostgreSQL database dump complete\n--\n\n";
const WRITTEN: &str = "2024-11-18T01:04:00Z";

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_is_whole_is_told_with_what_it_holds() {
    let home = place("");
    put_bytes(&home, "local/postgres/daily/backup_20241118_020000.sql.gz", &packed(SQL), WRITTEN);
    let zst = zstd::encode_all(SQL.as_bytes(), 3).unwrap();
    put_bytes(&home, "local/postgres/daily/backup_20241117_020000.sql.zst", &zst, WRITTEN);
    let queues = br#"{"queues":[{"name":"tasks"}],"users":[{}]}"#;
    put_bytes(&home, "local/rabbitmq/daily/definitions_20241118.json", queues, WRITTEN);
    let ran = home.run("--plan plan.toml verify");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.out.contains("next:"), "{ran:?}");
    assert!(ran.out.contains("All 3 files are whole.") && ran.out.contains("1 queue"), "{ran:?}");
    let one = home.run("--plan plan.toml verify agents --last 1 --json");
    let report = one.json();
    let file = &report["copies"][0]["files"][0];
    assert_eq!((file["outcome"].as_str(), file["holds"].as_str()), (Some("whole"), Some("sql")));
    assert_eq!(report["copies"].as_array().unwrap().len(), 1);
    assert_eq!(report["copies"][0]["remembered"], true, "it was read before");
}

#[test]
fn what_is_not_whole_or_cannot_be_read_is_said_and_ends_with_three() {
    let home = place("");
    let whole = packed(SQL);
    let mut flipped = whole.clone();
    flipped[15] ^= 1;
    let daily = |day: u32, ending: &str| format!("local/postgres/daily/backup_202411{day:02}_020000.{ending}");
    put_bytes(&home, &daily(18, "sql.gz"), &whole[..whole.len() - 3], WRITTEN);
    put_bytes(&home, &daily(17, "sql.gz"), &flipped, WRITTEN);
    put_bytes(&home, &daily(16, "sql.gz"), &packed("SELECT 1;"), WRITTEN);
    put_bytes(&home, &daily(15, "sql.gz"), SQL.as_bytes(), WRITTEN);
    put_bytes(&home, &daily(14, "sql.gz.age"), b"age-encryption.org/v1", WRITTEN);
    put_bytes(&home, &daily(13, "sql.gz"), &whole, WRITTEN);
    let ran = home.run("--plan plan.toml verify --json");
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let report = ran.json();
    let outcomes: Vec<&str> =
        report["copies"].as_array().unwrap().iter().map(|copy| copy["files"][0]["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["flawed", "flawed", "flawed", "flawed", "not looked at", "whole"], "{report:#}");
    let told = |index: usize| report["copies"][index]["files"][0]["told"].as_str().unwrap().to_owned();
    assert!(told(0).contains("ends too early") && told(2).contains("the line is missing"), "{report:#}");
    assert!(told(4).contains("encrypted"), "{report:#}");
    let ran = home.run("--plan plan.toml verify");
    assert!(ran.out.contains("4 flawed, 1 not looked at, 1 of 6 files whole."), "{ran:?}");
    assert!(ran.out.contains("next: agents: restore from postgres/backup_20241113_020000 in local"), "{ran:?}");
    let listed = home.run("--plan plan.toml points");
    assert!(listed.out.contains("next: agents: restore from "), "{listed:?}");
    // Nothing that is looked at is changed.
    assert_eq!(std::fs::read(home.path().join(daily(13, "sql.gz"))).unwrap(), whole);
}

#[test]
fn a_manifest_that_is_no_longer_one_is_told() {
    let home = place("");
    home.run("--plan plan.toml paths");
    let sql = "local/postgres/daily/backup_20241118_020000.sql";
    let note = "local/postgres/metadata/backup_20241118_020000.json";
    put_bytes(&home, sql, SQL.as_bytes(), WRITTEN);
    for manifest in ["{\"lifeboat\": 1, \"point\": 7}", "{\"lifeboat\": 1,", "{\"lifeboat\": 999}", "\u{1b}[2J"] {
        put_bytes(&home, note, manifest.as_bytes(), WRITTEN);
        let ran = home.run("--plan plan.toml verify agents --json");
        assert_eq!(ran.code, Some(3), "{manifest}: {ran:?}");
        assert!(ran.json()["copies"][0]["partial"].is_string(), "{manifest}: {ran:?}");
        let points = home.run("--plan plan.toml points agents --json").json();
        assert_eq!(points["points"][0]["can_be_restored_from"], false, "{manifest}: {points:#}");
    }
}

#[test]
fn what_is_too_old_is_told_where_all_of_its_stores_were_seen() {
    let home = place("");
    put_bytes(&home, "local/postgres/daily/backup_20241118_020000.sql", SQL.as_bytes(), WRITTEN);
    put_bytes(&home, "second/postgres/daily/backup_20241118_020000.sql", SQL.as_bytes(), WRITTEN);
    let plan = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
    home.write("plan.toml", plan.replace("method = 'dump'", "method = 'sql'"));
    let all = home.run("--plan plan.toml verify");
    assert!(all.code == Some(3) && all.out.contains("is allowed"), "{all:?}");
    let one = home.run("--plan plan.toml verify --in local");
    assert_eq!(one.code, Some(0), "nobody knows what the other holds: {one:?}");
}
