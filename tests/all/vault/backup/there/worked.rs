//! What is taken at another place is what would have been taken here, and its bytes do not come here.

use std::path::Path;

use super::{There, far_processes, holds_a_secret, with_stores};
use crate::lab::s3::Endpoint;
use crate::reach::image::Box;
use crate::support::waiting::until;
use crate::systems::databases::postgres::server::Server;
use crate::vault::backup::name;

const SENTENCE: &str = "the work is done at ssh there; the bytes go from there to local and second";

#[tokio::test(flavor = "multi_thread")]
async fn its_bytes_go_from_there_to_the_stores_and_a_second_time_nothing_is_copied() {
    let Some(there) = There::new().await else { return };
    let backup = there.back_up();
    assert_eq!((&backup["outcome"], &backup["worked"]), (&"taken".into(), &SENTENCE.into()), "{backup:#}");
    let (out, _) = there.line.carried();
    assert!(out > std::fs::metadata(crate::support::program::PROGRAM).unwrap().len(), "the program went there: {out}");
    let again = there.run("backup agents");
    let told = again.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(again.code == Some(0) && told.contains(SENTENCE), "{again:?}");
    let (out, back) = there.line.carried();
    let size = backup["manifest"]["files"][0]["bytes"].as_u64().unwrap();
    assert!(size > 9_000_000 && out < 500_000 && back < 500_000, "{size}: {out} out, {back} back");
    let files = there.far_files();
    let mut names: Vec<&str> = files.iter().map(|path| name(path).split_once('.').unwrap().1).collect();
    names.sort_unstable();
    assert_eq!(names, ["dump", "dump", "json", "json", "roles.sql", "roles.sql"]);
    let keys = there.keys().await;
    let dumps: Vec<&String> = keys.iter().filter(|key| key.rsplit('.').next() == Some("dump")).collect();
    let stored = crate::lab::s3::read(&there.endpoint.client(), "store", dumps[0]).await;
    assert!(files.iter().any(|path| std::fs::read(path).unwrap() == stored));
    let journal = there.run("journal show --json").out;
    assert!(journal.contains(SENTENCE) && journal.contains("\"tag\""), "{journal}");
    until("nobody is left there", || far_processes(there.far()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_can_be_read_of_what_runs_there_and_stopping_it_leaves_nothing() {
    let Some(there) = There::new().await else { return };
    let child = there.begun();
    let running = far_processes(there.far());
    assert!(running.iter().all(|(_, text)| !holds_a_secret(text)));
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    until("nothing runs there", || far_processes(there.far()).is_empty());
    assert!(there.far_files().is_empty() && there.keys().await.is_empty());
    assert_eq!(there.back_up()["outcome"], "taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_taken_there_too() {
    let Some(there) = There::new().await else { return };
    let plan = std::fs::read_to_string(there.place.home.path().join("plan.toml")).unwrap();
    there.place.home.write("plan.toml", plan.replace("cron = '0 2 * * *'", "every = '1h'"));
    let ran = there.run("backup --due --job daily --json");
    let told = ran.json()["jobs"][0]["told"].as_str().unwrap().to_owned();
    assert!(ran.code == Some(0) && told.contains(SENTENCE), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_there_is_told_as_if_it_were_here() {
    let Some(there) = There::new().await else { return };
    let plan = std::fs::read_to_string(there.place.home.path().join("plan.toml")).unwrap();
    let absent = "[component.postgres]\nprograms = '/no/such/programs'\n[[store]]\nname = 'local'";
    there.place.home.write("plan.toml", plan.replacen("[[store]]\nname = 'local'", absent, 1));
    let ran = there.run("backup agents --json");
    let backup = &ran.json()["backups"][0];
    assert_eq!((ran.code, &backup["outcome"]), (Some(1), &"failed".into()), "{ran:?}");
    assert!(backup["why"].as_str().unwrap().contains("there is no pg_dump at"), "{backup:#}");
    assert!(backup["next"].as_str().unwrap().contains("postgresql-client"), "{backup:#}");
    assert!(there.far_files().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_store_lies_here_the_bytes_come_here_and_that_is_said() {
    let Some(there) = There::new().await else { return };
    let plan = std::fs::read_to_string(there.place.home.path().join("plan.toml")).unwrap();
    there.place.home.write("plan.toml", plan.replacen("reach = { ssh = 'there' }\n", "", 1));
    let backup = there.back_up();
    assert_eq!(backup["outcome"], "taken", "{backup:#}");
    let worked = backup["worked"].as_str().unwrap();
    assert_eq!(worked, "the bytes come through this machine: local is a folder on this machine");
    assert!(!there.far().exists(), "nothing was copied");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_container_it_is_the_same() {
    let endpoint = Endpoint::start().await;
    // The programs of this machine, which the image is made of the packages of.
    let options = ["--network", "host", "-v", "/usr:/usr:ro", "--mount", "type=tmpfs,destination=/store"];
    let Some(container) = Box::start_with(&options, "while :; do sleep 1; done") else { return };
    let at = format!("{{ docker = '{}' }}", container.name);
    let place = with_stores(Server::start(&[]).await, endpoint.address, &at, Some("unused"));
    place.server.execute(super::LARGE).await;
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let there = format!("{}/unused", place.home.path().display());
    place.home.write("plan.toml", plan.replace(&there, "/store"));
    for _ in 0..2 {
        let backup = place.back_up("");
        assert_eq!(backup["outcome"], "taken", "{backup:#}");
        let worked = backup["worked"].as_str().unwrap();
        assert!(worked.starts_with(&format!("the work is done at container {}", container.name)), "{worked}");
    }
    assert!(!Path::new("/store").exists());
    let listed = container.run(&["find", "/store", "-name", "*.dump"]);
    assert_eq!(listed.lines().count(), 2, "{listed}");
}
