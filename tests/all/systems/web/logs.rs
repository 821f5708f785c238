//! Errors in the log of a service, here and elsewhere.

use std::io::Write;
use std::path::Path;

use chrono::{TimeDelta, Utc};
use lifeboat::plan::facts::{Value, Verdict};
use lifeboat::reach::Secrets;
use lifeboat::systems::Contact;
use lifeboat::systems::logs::{Level, LogError, tail};
use lifeboat::text::SystemClock;
use tokio_util::sync::CancellationToken;

use super::server::{Server, page};
use crate::systems::asking::{Asker, shown};

fn add(path: &Path, text: &str) {
    let mut file = std::fs::File::options().create(true).append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn ago(minutes: i64) -> String {
    (Utc::now() - TimeDelta::minutes(minutes)).to_rfc3339()
}

fn settings(log: &Path) -> String {
    format!("http = {{ log = '{}' }}", log.display())
}

#[tokio::test]
async fn errors_of_the_last_ten_minutes_are_counted_once_each() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(|_| page(200, "")).await);
    let log = folder.path().join("app.log");
    add(&log, &format!("{} ERROR long gone\n{} ERROR the cache is gone\n{} INFO fine\n", ago(60), ago(3), ago(2)));
    let mut asker = Asker::of("app", "http", &server.url(), &settings(&log));
    let reading = asker.vital().await;
    assert_eq!(["log_errors", "database_errors"].map(|name| shown(&reading, name)), ["1", "0"], "{reading:#?}");
    let line = format!(
        "{{\"at\":\"{}\",\"level\":\"error\",\"message\":\"no answer\",\"reason\":\"PostgreSQL refused\"}}\n",
        ago(0)
    );
    let (half, rest) = line.split_at(30);
    add(&log, &format!("an undated line\nERROR undated\n{half}"));
    let more =
        |count| move |reading: &lifeboat::systems::Reading| reading.fact("log_errors") == Some(&Value::Count(count));
    let reading = asker.until("the new line counts", more(2)).await;
    assert_eq!(shown(&reading, "database_errors"), "0", "half a line is not read yet");
    add(&log, rest);
    let reading = asker.until("its end counts too", more(3)).await;
    assert_eq!((reading.verdict, reading.reason()), (Verdict::Degraded, "database errors in ten minutes: 1"));
    let lines = &reading.facts.lists()[0].rows;
    assert_eq!((lines[0][1].as_str(), lines.len()), ("no answer: PostgreSQL refused", 3));
}

#[tokio::test]
async fn a_log_that_was_rotated_is_read_from_its_beginning() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(|_| page(200, "")).await);
    let log = folder.path().join("app.log");
    add(&log, &"a long line without anything in it\n".repeat(100));
    let mut asker = Asker::of("app", "http", &server.url(), &settings(&log));
    assert_eq!(shown(&asker.vital().await, "log_errors"), "0");
    std::fs::rename(&log, folder.path().join("app.log.1")).unwrap();
    add(&log, "ERROR in the new file\n");
    asker.until("the new file is read", |reading| reading.fact("log_errors") == Some(&Value::Count(1))).await;
    std::fs::write(&log, "ERROR x\n").unwrap();
    asker.until("the file that was cut is read", |reading| reading.fact("log_errors") == Some(&Value::Count(2))).await;
}

#[tokio::test]
async fn of_a_large_log_only_the_end_is_read() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(|_| page(200, "")).await);
    let log = folder.path().join("app.log");
    let line = format!("{} ERROR this is one of very many\n", ago(0));
    add(&log, &line.repeat(40_000));
    let reading = Asker::of("app", "http", &server.url(), &settings(&log)).vital().await;
    let Some(Value::Count(count)) = reading.fact("log_errors") else { panic!("{reading:#?}") };
    assert!((3_000..6_000).contains(count), "{count}");
}

#[tokio::test]
async fn a_log_that_cannot_be_read_is_said_and_is_no_outage() {
    let server = Server::start(|_| page(200, "")).await;
    for (log, why) in [("/no/such/app.log", "No such file"), ("/dev/zero", "no regular file")] {
        let reading = Asker::of("app", "http", &server.url(), &settings(Path::new(log))).vital().await;
        assert_eq!(reading.verdict, Verdict::Healthy);
        let unseen: Vec<_> = reading.facts.unseen().collect();
        assert!(unseen.len() == 2 && unseen[0].1.contains(why), "{unseen:?}");
    }
}

#[tokio::test]
async fn a_log_elsewhere_is_read_through_reach() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(|_| page(200, "")).await);
    let log = folder.path().join("app.log");
    add(&log, &format!("{} ERROR old\n{} ERROR new\n", ago(60), ago(1)));
    let more = format!("reach = {{ prefix = ['env', 'LC_ALL=C'] }}\n{}", settings(&log));
    let mut asker = Asker::of("app", "http", &server.url(), &more);
    assert_eq!(shown(&asker.vital().await, "log_errors"), "1");
}

async fn last(asker: &Asker, lines: usize) -> Result<Vec<(Level, String, bool)>, LogError> {
    let secrets = Secrets::new(&asker.settings.redactor);
    let with = Contact {
        secrets: &secrets,
        reach: &asker.settings,
        clock: &SystemClock,
        stop: CancellationToken::new(),
        only_looks: false,
    };
    let lines = tail(&asker.plan.component[0], &asker.plan, &with, lines).await?;
    Ok(lines.into_iter().map(|line| (line.level, line.text, line.at.is_some())).collect())
}

#[tokio::test]
async fn its_end_can_be_read_wherever_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("app.log");
    add(&log, &format!("first\n{} WARN \u{1b}[31mred hunter2hunter2\nlast\n", ago(1)));
    for reach in ["", "reach = { prefix = ['env'] }\n"] {
        let asker = Asker::of("app", "http", "http://127.0.0.1:1", &format!("{reach}{}", settings(&log)));
        asker.settings.redactor.register(b"hunter2hunter2");
        let lines = last(&asker, 2).await.unwrap();
        let expected =
            [(Level::Warning, "WARN \\x1b[31mred [***]".to_owned(), true), (Level::Unknown, "last".to_owned(), false)];
        assert_eq!(lines, expected);
    }
    let asker = Asker::of("app", "http", "http://127.0.0.1:1", "");
    assert!(matches!(last(&asker, 2).await, Err(LogError::NoLog { .. })));
}

/// The journal is asked through a program of the test's own: no unit of this machine is looked at.
#[tokio::test]
async fn a_journal_is_read_by_its_units_name() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("journalctl");
    let script = "#!/bin/sh\necho \"$*\" >>\"${0%/*}/asked\"\n\
        printf '{\"__CURSOR\":\"c1\",\"__REALTIME_TIMESTAMP\":\"%s000000\",\"PRIORITY\":\"3\",\"MESSAGE\":\"it broke\"}\\n' \"$(date +%s)\"\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let server = Server::start(|_| page(200, "")).await;
    let path = format!("PATH={}:/usr/bin:/bin", folder.path().display());
    let more = format!("log = 'journal:app.service'\nreach = {{ prefix = ['env', '{path}'] }}");
    let mut asker = Asker::of("app", "http", &server.url(), &more);
    assert_eq!(shown(&asker.vital().await, "log_errors"), "1");
    let asked = std::fs::read_to_string(folder.path().join("asked")).unwrap();
    assert!(asked.contains("--unit=app.service") && asked.contains("--since=-10min"), "{asked}");
    let lines = last(&asker, 5).await.unwrap();
    assert_eq!(lines, [(Level::Error, "it broke".to_owned(), true)]);
}
