//! `lifeboat points`: whatever scripts left in a store is recognised, dated and listed.

use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use crate::support::program::Home;

const PLAN: &str = "[platform]\nname = 'p'\ntime_zone = 'Europe/Berlin'\n\
    [[component]]\nname = 'agents'\nkind = 'postgres'\n[[component]]\nname = 'cache'\nkind = 'redis'\n\
    [[component]]\nname = 'queues'\nkind = 'rabbitmq'\n\
    [[store]]\nname = 'local'\nkind = 'directory'\npath = 'STORE/local'\n\
    [[store]]\nname = 'second'\nkind = 'directory'\npath = 'STORE/second'\n\
    [[job]]\nname = 'a'\ndo = 'backup'\nof = 'agents'\nmethod = 'dump'\ncron = '0 2 * * *'\nto = ['local', 'second']\n\
    [[job]]\nname = 'c'\ndo = 'backup'\nof = 'cache'\nmethod = 'snapshot'\nevery = '10y'\nto = ['local']\n\
    [[job]]\nname = 'q'\ndo = 'backup'\nof = 'queues'\nmethod = 'definitions'\nevery = '10y'\nto = ['local']\n";

/// A home with a plan and two stores.
pub fn place(more: &str) -> Home {
    let home = Home::new();
    let plan = PLAN.replace("STORE", &home.path().display().to_string());
    home.write("plan.toml", format!("{plan}{more}"));
    for store in ["local", "second"] {
        std::fs::create_dir(home.path().join(store)).unwrap();
    }
    home
}

fn put(home: &Home, key: &str, bytes: usize, written: &str) {
    put_bytes(home, key, &vec![7; bytes], written);
}

/// A file of a store, written at a time.
pub fn put_bytes(home: &Home, key: &str, bytes: &[u8], written: &str) {
    let path = home.write(key, bytes);
    let written: chrono::DateTime<chrono::Utc> = written.parse().unwrap();
    std::fs::File::options().write(true).open(path).unwrap().set_modified(SystemTime::from(written)).unwrap();
}

fn points(home: &Home, more: &str) -> Value {
    home.run(&format!("--plan plan.toml points --json {more}")).json()
}

fn ids(report: &Value) -> Vec<&str> {
    report["points"].as_array().unwrap().iter().map(|point| point["id"].as_str().unwrap()).collect()
}

#[test]
fn what_scripts_left_is_listed_the_newest_first() {
    let home = place("");
    put(&home, "local/postgres/daily/backup_20241118_020000.dump.gz", 3000, "2024-11-18T01:04:00Z");
    put(&home, "local/postgres/daily/backup_20241118_020000.sql.gz", 500, "2024-11-18T01:09:00Z");
    put(&home, "local/postgres/metadata/backup_20241118_020000.json", 20, "2024-11-18T01:09:00Z");
    put(&home, "local/redis/hourly/snapshot_20241118_05.rdb", 100, "2024-11-18T05:00:02Z");
    put(&home, "local/rabbitmq/daily/definitions_20241117.json", 50, "2024-11-17T01:00:00Z");
    put(&home, "local/postgres/daily/notes.txt", 1, "2024-11-18T01:00:00Z");
    put(&home, "second/postgres/2024/11/daily/backup_20241118_020000/.dump.gz", 3000, "2024-11-18T04:00:00Z");
    let report = points(&home, "");
    let wanted = ["redis/snapshot_20241118_05", "postgres/backup_20241118_020000", "rabbitmq/definitions_20241117"];
    assert_eq!(ids(&report), wanted);
    let dump = &report["points"][1];
    assert_eq!((&dump["component"], &dump["holds"]), (&"agents".into(), &serde_json::json!(["dump", "sql"])));
    assert_eq!(
        dump["taken"], "2024-11-18T01:00:00.000Z",
        "two o'clock in Berlin, as the file says that was written then"
    );
    assert_eq!((dump["bytes"].as_u64(), dump["copies"].as_array().unwrap().len()), (Some(3500), 2));
    assert_eq!(report["points"][0]["taken"], "2024-11-18T05:00:00.000Z", "this script ran in UTC");
    assert_eq!(report["no_part_of_any"], serde_json::json!([{ "store": "local", "files": 1 }]));
    let ran = home.run("--plan plan.toml points");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("age") && lines[2].contains("postgres/backup_20241118_020000"), "{lines:#?}");
    assert!(lines[2].contains("local, second") && lines[2].contains("present"), "{lines:#?}");
    // A command stays whole, to be copied.
    let mut folded = lines.iter().filter(|line| !line.contains('`'));
    assert!(folded.all(|line| line.chars().count() <= 80), "{lines:#?}");
    assert!(
        ran.out.contains("3 recovery points") && ran.out.replace('\n', " ").contains("1 file in local is part of none"),
        "{ran:?}"
    );
}

#[test]
fn they_are_chosen_by_what_they_are() {
    let home = place("");
    put(&home, "local/postgres/daily/backup_20241118_020000.dump.gz", 3, "2024-11-18T01:04:00Z");
    put(&home, "local/postgres/daily/backup_20241117_020000.dump.gz", 3, "2024-11-17T01:04:00Z");
    put(&home, "local/redis/daily/snapshot_20241118.rdb.gz", 3, "2024-11-18T01:04:00Z");
    put(&home, "second/postgres/daily/backup_20241116_020000.sql", 3, "2024-11-16T01:04:00Z");
    let of = |more: &str| points(&home, more)["points"].as_array().unwrap().len();
    assert_eq!((of("agents"), of("--sort snapshot"), of("--in second"), of("postgres/*")), (3, 1, 1, 3));
    assert_eq!((of("agents --last 1"), of("--newer-than 1d"), of("--older-than 1d")), (1, 0, 4));
    let one = home.run("--plan plan.toml points postgres/backup_20241118_020000");
    assert!(one.out.contains("postgres/daily/backup_20241118_020000.dump.gz"), "{one:?}");
    assert!(one.out.contains("agents") && one.out.contains("written 2024-11-18T01:04:00.000Z"), "{one:?}");
    let none = home.run("--plan plan.toml points nobody");
    assert_eq!(none.code, Some(2));
    assert!(none.err.contains("nobody") && none.err.contains("points` shows what there is"), "{none:?}");
    let wrong = home.run("--plan plan.toml points --in locl");
    assert!(wrong.code == Some(2) && wrong.err.contains("did you mean \"local\"?"), "{wrong:?}");
}

#[test]
fn what_cannot_be_restored_from_is_said() {
    let home = place("");
    put(&home, "local/postgres/daily/backup_20241118_020000.dump.gz", 3000, "2024-11-18T01:04:00Z");
    put(&home, "second/postgres/daily/backup_20241118_020000.dump.gz", 2999, "2024-11-18T01:04:00Z");
    put(&home, "local/postgres/daily/backup_20241117_020000.dump.gz", 0, "2024-11-17T01:04:00Z");
    put(&home, "local/redis/metadata/snapshot_20241116.json", 9, "2024-11-16T01:04:00Z");
    let report = points(&home, "");
    let state = |index: usize| {
        let point = &report["points"][index];
        (point["can_be_restored_from"].as_bool().unwrap(), point["copies_differ"].as_bool().unwrap())
    };
    assert_eq!([0, 1, 2].map(state), [(true, true), (false, false), (false, false)]);
    let ran = home.run("--plan plan.toml points");
    for words in ["its copies differ in size", "local: partial: an empty file", "local: partial: only notes"] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
}

#[test]
fn a_store_that_is_not_there_hides_no_other() {
    let home = place("[[store]]\nname = 'offsite'\nkind = 's3'\nbucket = 'b'\nendpoint = 'http://127.0.0.1:1'\n");
    std::fs::remove_dir(home.path().join("second")).unwrap();
    put(&home, "local/redis/daily/snapshot_20241118.rdb.gz", 3, "2024-11-18T01:04:00Z");
    let ran = home.run("--plan plan.toml points");
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.contains("redis/snapshot_20241118") && ran.out.contains("Not looked into second"), "{ran:?}");
    assert!(ran.out.contains("Not looked into offsite"), "{ran:?}");
    let report = points(&home, "");
    let unseen: Vec<&str> =
        report["not_looked_into"].as_array().unwrap().iter().map(|one| one["store"].as_str().unwrap()).collect();
    assert_eq!(unseen, ["second", "offsite"]);
    let ran = home.run("--plan plan.toml points --in local");
    assert_eq!(ran.code, Some(0), "what nobody asked for is not missed: {ran:?}");
}

#[test]
fn names_are_harmless_on_a_terminal() {
    let home = place("");
    put(&home, "local/po\u{1b}[2Jst/daily/backup_20241118_020000.dump.gz", 3, "2024-11-18T01:04:00Z");
    put(&home, "local/new\nline/daily/backup_20241118_020000.dump.gz", 3, "2024-11-18T01:04:00Z");
    let ran = home.run("--plan plan.toml points");
    assert!(!ran.out.contains('\u{1b}') && !ran.out.contains("new\nline"), "{:?}", ran.out);
    assert!(ran.out.contains("2 recovery points"), "{:?}", ran.out);
}

#[test]
fn ten_thousand_are_listed_at_once() {
    let home = place("");
    for number in 0..10_000_u32 {
        let (day, hour) = (number / 24 % 28 + 1, number % 24);
        let (year, month) = (2000 + number / 24 / 28 / 12, number / 24 / 28 % 12 + 1);
        home.write(&format!("local/redis/hourly/snapshot_{year}{month:02}{day:02}_{hour:02}.rdb"), "x");
    }
    let begun = Instant::now();
    let ran = home.run("--plan plan.toml points --last 10");
    let took = begun.elapsed();
    assert!(ran.out.contains("10 of 10000 recovery points"), "{ran:?}");
    // The promise is 200 ms of a release; this is neither that nor alone on its machine.
    assert!(took < Duration::from_secs(5), "{took:?}");
}
