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
