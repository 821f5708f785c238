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

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_waits_while_its_component_is_unwell() {
    let mut place = Place::with(Server::start(&[]).await, "");
    // The slot began within the last seconds, so that there is time to wait.
    with_jobs(
        &place,
        "[[job]]\nname = 'dump'\ndo = 'backup'\nof = 'agents'\nmethod = 'dump'\nevery = '7d'\nto = ['local']\n\
         [[job]]\nname = 'often'\ndo = 'backup'\nof = 'agents'\nmethod = 'sql'\nevery = '2s'\nto = ['local']\n",
    );
    place.server.down();
    let ran = place.run("backup --due --json --job often");
    let (came, why) = told(&ran, "often");
    assert!(came == "put off" || came == "failed", "{ran:?}");
    assert!(why.contains("refused"), "{ran:?}");
    // A week's slot that began days ago is not put off any more: it is tried, and fails.
    let ran = place.run("backup --due --json --job dump");
    assert!(["put off", "failed"].contains(&told(&ran, "dump").0.as_str()), "{ran:?}");
    place.server.up().await;
    // A slot that was tried is over, and the next one comes within two seconds.
    let is_done = (0..10).any(|_| {
        std::thread::sleep(std::time::Duration::from_secs(1));
        told(&place.run("backup --due --json --job often"), "often").0 == "done"
    });
    assert!(is_done);
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
