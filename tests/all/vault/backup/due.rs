//! `lifeboat backup --due`: every sort of job, each slot once, in the order that they need.

use super::Place;
use crate::systems::databases::postgres::server::Server;

/// The jobs of a plan in place of its own: all of them due every second.
fn with_jobs(place: &Place, jobs: &str) {
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let own = plan.split("[[job]]").next().unwrap();
    place.home.write("plan.toml", format!("{own}{jobs}"));
}

fn told(ran: &crate::support::program::Ran, job: &str) -> (String, String) {
    let report = ran.json();
    let line = report["jobs"].as_array().unwrap().iter().find(|line| line["job"] == job).unwrap().clone();
    (line["came"].as_str().unwrap().to_owned(), line["told"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_taken_and_then_verified_once_a_slot() {
    let place = Place::with(Server::start(&[]).await, "");
    place.server.execute(super::DATA).await;
    with_jobs(
        &place,
        "[[job]]\nname = 'look'\ndo = 'verify'\ntakes = ['dump']\nevery = '1h'\n\
         [[job]]\nname = 'dump'\ndo = 'backup'\nof = 'agents'\nmethod = 'dump'\nevery = '1h'\nto = ['local', 'second']\n",
    );
    let ran = place.run("backup --due --json");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(told(&ran, "dump").0 == "done" && told(&ran, "dump").1.contains("in local and second"), "{ran:?}");
    assert_eq!(told(&ran, "look"), ("done".to_owned(), "2 copies are whole".to_owned()));
    let again = place.run("backup --due");
    assert!(again.code == Some(0) && again.err.contains("nothing is due"), "{again:?}");
    assert_eq!(place.points().len(), 1);
    let jobs = place.run("jobs --json");
    assert_eq!(jobs.code, Some(0), "{jobs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_upload_has_copied_is_verified_where_only_the_upload_is_named() {
    let place = Place::with(Server::start(&[]).await, "");
    place.server.execute(super::DATA).await;
    with_jobs(
        &place,
        "[[job]]\nname = 'look'\ndo = 'verify'\ntakes = ['up']\nevery = '1h'\nto = ['second']\n\
         [[job]]\nname = 'up'\ndo = 'upload'\ntakes = ['dump']\nevery = '1h'\nto = ['second']\n\
         [[job]]\nname = 'dump'\ndo = 'backup'\nof = 'agents'\nmethod = 'dump'\nevery = '1h'\nto = ['local']\n",
    );
    let ran = place.run("backup --due --json");
    assert_eq!(told(&ran, "look"), ("done".to_owned(), "1 copies are whole".to_owned()), "{ran:?}");
}

/// A slot once a day, of which the newest was so many minutes ago.
fn slot(minutes: i64) -> String {
    let at = chrono::Utc::now() - chrono::TimeDelta::minutes(minutes);
    format!("cron = '{}'", at.format("%M %H * * *"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_waits_while_its_component_is_unwell() {
    let place = Place::with(Server::start(&[]).await, "");
    place.server.execute(super::DATA).await;
    let job = |name: &str, when: &str| {
        format!("[[job]]\nname = '{name}'\ndo = 'backup'\nof = 'agents'\nmethod = 'dump'\n{when}\nto = ['local']\n")
    };
    with_jobs(&place, &[job("now", &slot(0)), job("before", &slot(20))].concat());
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    // One session is more than this allows: it answers, and is degraded.
    let limited = plan.replacen("rto = '1h'", "rto = '1h'\nlimits = { connections = \"0.1%\" }", 1);
    place.home.write("plan.toml", &limited);
    let ran = place.run("backup --due --json --job now");
    let (came, why) = told(&ran, "now");
    assert_eq!(came, "put off", "{ran:?}");
    assert!(why.starts_with("agents is degraded: ") && why.contains("connections"), "{ran:?}");
    assert_eq!(ran.code, Some(0), "nothing has failed: {ran:?}");
    assert!(place.points().is_empty());
    // A late one is better than none.
    assert_eq!(told(&place.run("backup --due --json --job before"), "before").0, "done");
    place.home.write("plan.toml", &plan);
    assert_eq!(told(&place.run("backup --due --json --job now"), "now").0, "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_database_is_no_success_of_its_job() {
    let place = Place::with(Server::start(&[]).await, "");
    place.server.execute(super::DATA).await;
    with_jobs(
        &place,
        "[[job]]\nname = 'dump'\ndo = 'backup'\nof = 'agents'\nmethod = 'dump'\nevery = '2s'\nto = ['local']\n",
    );
    let due = || {
        std::thread::sleep(std::time::Duration::from_secs(2));
        place.run("backup --due --json --job dump")
    };
    assert_eq!(told(&due(), "dump").0, "done");
    place.server.execute(&["DELETE FROM orders"]).await;
    let ran = due();
    let (came, why) = told(&ran, "dump");
    assert!(came == "failed" && why.contains(" is usual"), "{ran:?}");
    assert_eq!((ran.code, place.points().len()), (Some(1), 2), "it was taken all the same: {ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_prints_is_taken_by_schedule_whatever_the_method_and_gently() {
    let place = Place::with(Server::start(&[]).await, "");
    let job = |name: &str, method: &str| {
        let run = "run = ['sh', '-c', 'cut -d\" \" -f19 /proc/self/stat']";
        format!(
            "[[job]]\nname = '{name}'\ndo = 'backup'\nof = 'agents'\nmethod = '{method}'\nevery = '1h'\nto = ['local']\n{run}\n"
        )
    };
    with_jobs(&place, &[job("log", "log"), job("messages", "messages"), job("files", "files")].concat());
    let ran = place.run("backup --due --json --nice 7");
    for name in ["log", "messages", "files"] {
        assert_eq!(told(&ran, name).0, "done", "{ran:?}");
    }
    let points = place.points();
    assert_eq!(points.len(), 3, "{points:#?}");
    assert!(points.iter().all(|point| point["can_be_restored_from"] == true), "{points:#?}");
    let is_output =
        |path: &&std::path::PathBuf| path.extension().is_some_and(|ending| ending == "gz" || ending == "bin");
    let output = place.files("local").iter().find(is_output).map(|path| std::fs::read(path).unwrap()).unwrap();
    let plain = if output.starts_with(&[0x1f, 0x8b]) { gunzip(&output) } else { output };
    assert_eq!(plain, b"7\n", "the programs of a backup are as gentle as it");
    let by_hand = place.run("backup agents --method log");
    assert_eq!(by_hand.code, Some(0), "{by_hand:?}");
}

fn gunzip(packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(packed), &mut plain).unwrap();
    plain
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_as_fast_as_it_may_and_so_do_the_copies_it_makes() {
    let place = Place::with(Server::start(&[]).await, "");
    place.server.execute(&["CREATE TABLE noise AS SELECT md5(i::text) a FROM generate_series(1, 60000) i"]).await;
    assert_eq!(place.back_up("--to local")["outcome"], "taken");
    let bytes: u64 = place.files("local").iter().map(|path| path.metadata().unwrap().len()).sum();
    let rate = bytes / 4;
    with_jobs(
        &place,
        &format!(
            "[[job]]\nname = 'daily'\ndo = 'backup'\nof = 'agents'\nmethod = 'dump'\nevery = '10y'\nto = ['local']\n\
             [[job]]\nname = 'up'\ndo = 'upload'\ntakes = ['daily']\nevery = '1h'\nto = ['second']\nrate = '{rate}B'\n"
        ),
    );
    let begun = std::time::Instant::now();
    let ran = place.run("backup --due --json --job up");
    assert_eq!(told(&ran, "up").0, "done", "{ran:?}");
    let took = begun.elapsed().as_secs_f64();
    assert!((2.5..20.0).contains(&took), "{bytes} bytes at {rate} a second took {took:.1} s");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_at_once_run_a_slot_once() {
    let place = Place::with(Server::start(&[]).await, "");
    place.server.execute(super::DATA).await;
    with_jobs(
        &place,
        "[[job]]\nname = 'dump'\ndo = 'backup'\nof = 'agents'\nmethod = 'dump'\nevery = '1h'\nto = ['local']\n",
    );
    // Each has a state folder of its own, as two hosts have.
    let begin = |state: &str| {
        let line = format!("--plan plan.toml --state {state} backup --due");
        place.home.command(line.split_whitespace()).stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = (0..4).map(|host| begin(&format!("state-{host}"))).collect();
    for mut child in children {
        assert!(child.wait().unwrap().code().is_some_and(|code| code == 0));
    }
    assert_eq!(place.points().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_store_missed_is_copied_there_after_the_next_backup() {
    let place = Place::with(Server::start(&[]).await, "");
    place.server.execute(super::DATA).await;
    with_jobs(
        &place,
        "[[job]]\nname = 'dump'\ndo = 'backup'\nof = 'agents'\nmethod = 'dump'\nevery = '1s'\nto = ['local', 'second']\n\
         [[job]]\nname = 'other'\ndo = 'backup'\nof = 'agents'\nmethod = 'dump'\nevery = '7d'\nto = ['local']\n",
    );
    let run = || {
        std::thread::sleep(std::time::Duration::from_secs(1));
        told(&place.run("backup --due --json --job dump"), "dump")
    };
    let (second, away) = (place.home.path().join("second"), place.home.path().join("away"));
    std::fs::rename(&second, &away).unwrap();
    let (came, why) = run();
    assert!(came == "failed" && why.contains("missing in second") && !why.contains("copied"), "{why}");
    // What another job takes stays where the plan has it.
    let ran = place.run("backup --due --json --job other");
    assert_eq!(told(&ran, "other").0, "done", "{ran:?}");
    std::fs::rename(&away, &second).unwrap();
    let (came, why) = run();
    assert!(came == "done" && why.contains("what was missing: 1 recovery point copied"), "{why}");
    let mut lie: Vec<usize> = place.points().iter().map(|point| point["copies"].as_array().unwrap().len()).collect();
    lie.sort_unstable();
    assert_eq!(lie, [1, 2, 2]);
    assert!(!run().1.contains("copied"), "nothing is missing any more");
    // That it cannot be copied fails no backup, and is told.
    let dump = place.files("local").into_iter().find(|path| path.extension().is_some_and(|it| it == "dump")).unwrap();
    std::fs::write(&dump, vec![7; usize::try_from(dump.metadata().unwrap().len()).unwrap()]).unwrap();
    let id = super::name(&dump).trim_end_matches(".dump").to_owned();
    for path in place.files("second").into_iter().filter(|path| super::name(path).starts_with(&id)) {
        std::fs::remove_file(path).unwrap();
    }
    let (came, why) = run();
    assert!(came == "done" && why.contains("is not whole"), "{came}: {why}");
}
