//! Base backups: the log that comes with them, and servers that are made of them.

use std::path::Path;
use std::process::Command;

use lifeboat::reach::Reach;
use lifeboat::systems::artefact::{Look, look_through};
use lifeboat::text::Redactor;
use lifeboat::vault::Sort;

use super::keeping::Trial;
use crate::systems::databases::account::Account;
use crate::systems::databases::postgres::server::Server;

async fn look(tar: Vec<u8>) -> Look {
    let file = Box::new(std::io::Cursor::new(tar));
    look_through(Sort::Base, "base.tar", file, None, &Reach::here(&Redactor::new())).await
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn packed(data: &Path) -> Vec<u8> {
    let output = Command::new("tar").args(["--format=ustar", "-cf", "-", "-C"]).arg(data).arg(".").output().unwrap();
    assert!(output.status.success());
    output.stdout
}

/// The segments of the log in a folder of a server, in their order.
fn segments(data: &Path) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(data.join("pg_wal")).unwrap().map(|entry| entry.unwrap().path());
    let is_one = |path: &std::path::PathBuf| path.file_name().unwrap().len() == 24 && path.is_file();
    let mut segments: Vec<_> = files.filter(is_one).collect();
    segments.sort();
    segments
}

/// When the last transaction in them was committed, as the program of `PostgreSQL` reads it.
fn last_commit(segments: &[std::path::PathBuf]) -> String {
    let program = crate::systems::databases::postgres::server::programs().join("pg_waldump");
    let (first, last) = (&segments[0], segments.last().unwrap());
    let output =
        Command::new(program).env("TZ", "UTC").args(["-r", "Transaction"]).args([first, last]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let commits = said.lines().filter_map(|line| line.split_once("COMMIT ")?.1.split(" UTC").next());
    let last = commits.max().unwrap_or_else(|| panic!("{said}"));
    let at = chrono::NaiveDateTime::parse_from_str(last, "%Y-%m-%d %H:%M:%S%.f").unwrap().and_utc();
    lifeboat::text::instant::stamp(at)
}

/// A base backup during which so much was written that its log has several segments; without their server's.
async fn unpacked(standby: bool) -> (Vec<u8>, tempfile::TempDir, lifeboat::vault::Account) {
    let server = Server::start(&["max_wal_size=1GB"]).await;
    server
        .execute(&[
            "CREATE TABLE t (a int, b text)",
            "INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(1, 100000) i",
        ])
        .await;
    let follower = if standby { Some(Server::follow(&server, "far", "far", &[]).await) } else { None };
    let of = follower.as_ref().unwrap_or(&server);
    let trial = Trial::new(&[of.component("db", "postgres", "")]);
    let busy = server.superuser().await;
    let (written, taken) = tokio::join!(
        busy.batch_execute("INSERT INTO t SELECT i, repeat('y', 500) FROM generate_series(1, 120000) i"),
        trial.take("db", "method = 'base'"),
    );
    written.unwrap();
    let tar = taken.kept.piece("tar").1.clone();
    let data = tempfile::tempdir().unwrap();
    let file = taken.kept.write("tar", data.path());
    std::fs::create_dir(data.path().join("data")).unwrap();
    run(Command::new("tar").arg("-xf").arg(file).arg("-C").arg(data.path().join("data")));
    (tar, data, taken.account.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_log_is_not_all_there_is_no_backup() {
    let (tar, folder, account) = unpacked(false).await;
    let whole = look(tar).await;
    assert!(matches!(whole, Look::Whole(_)), "{whole:?}");
    let data = folder.path().join("data");
    let whole = look(packed(&data)).await;
    assert!(matches!(whole, Look::Whole(_)), "packed anew it is the same: {whole:?}");
    let segments = segments(&data);
    assert!(segments.len() > 1, "{segments:?}");
    assert_eq!(account.about["last_commit"], last_commit(&segments));
    for segment in &segments {
        let bytes = std::fs::read(segment).unwrap();
        std::fs::remove_file(segment).unwrap();
        let told = look(packed(&data)).await;
        assert!(matches!(&told, Look::Flawed(why) if why.contains("the log in it has a hole")), "{told:?}");
        let mut flipped = bytes.clone();
        flipped[20_000] ^= 1;
        for damaged in [flipped, bytes[..bytes.len() / 2].to_vec(), vec![0; bytes.len()]] {
            std::fs::write(segment, damaged).unwrap();
            let told = look(packed(&data)).await;
            assert!(matches!(told, Look::Flawed(_)), "{}: {told:?}", segment.display());
        }
        std::fs::write(segment, bytes).unwrap();
    }
    // One in the place of another.
    std::fs::copy(&segments[0], &segments[1]).unwrap();
    let told = look(packed(&data)).await;
    assert!(matches!(&told, Look::Flawed(why) if why.contains("is a segment of another log")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_gives_one_from_which_a_server_starts() {
    let (tar, folder, _) = unpacked(true).await;
    let whole = look(tar).await;
    assert!(matches!(whole, Look::Whole(_)), "{whole:?}");
    let data = folder.path().join("data");
    // As the line that restores it says: else it would follow the primary.
    std::fs::remove_file(data.join("standby.signal")).unwrap();
    run(Command::new("chmod").args(["-R", "u=rwX,go="]).arg(&data));
    let account = Account::of("postgres");
    run(Command::new("chmod").arg("755").arg(folder.path()));
    run(Command::new("chown").arg("-R").arg("postgres").arg(&data));
    let mut postgres = Command::new(crate::systems::databases::postgres::server::programs().join("postgres"));
    account.run(&mut postgres);
    // A single user of it: what is not consistent does not come that far.
    let output = postgres
        .args(["--single", "-D"])
        .arg(&data)
        .args(["-c", "archive_mode=off", "postgres"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .current_dir(folder.path())
        .spawn()
        .and_then(|mut started| {
            let asked = b"SELECT 'rows: ' || count(*) FROM t\n";
            std::io::Write::write_all(started.stdin.as_mut().unwrap(), asked)?;
            drop(started.stdin.take());
            started.wait_with_output()
        })
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("rows: "), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_standby_does_not_have_is_told_and_the_rest_is_dumped() {
    let server = Server::start(&[]).await;
    server.execute(&["CREATE TABLE kept AS SELECT 1 AS a", "CREATE UNLOGGED TABLE scratch AS SELECT 1 AS a"]).await;
    let standby = Server::follow(&server, "far", "far", &[]).await;
    for method in ["dump", "sql"] {
        let take = async |of: &Server| {
            Trial::new(&[of.component("db", "postgres", "")]).take("db", &format!("method = '{method}'")).await
        };
        let taken = take(&standby).await;
        assert_eq!(taken.account().counts, [("public.kept".to_owned(), 1)].into(), "{method}");
        assert!(taken.leaves_out("the rows of public.scratch: it is not logged"), "{:#?}", taken.account());
        let taken = take(&server).await;
        assert_eq!(taken.account().counts.len(), 2, "a primary has them: {method}");
    }
}
