//! Ctrl-C ends `plan check --live` at once, with the commands that it started.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{component, plan, servers};
use crate::support::program::{Home, Ran};

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_does_not_wait_for_servers_that_are_silent() {
    let (address, connected) = servers::silent().await;
    let home = Home::new();
    let sleep = format!("1000.{}", std::process::id());
    let parts = [
        component("silent", "http", &format!("http://{address}/"), "").replace("\"2s\"", "\"60s\""),
        component("host", "host", "here", &format!("password = 'command:[\"sleep\", \"{sleep}\"]'")),
    ];
    let path = plan(home.path(), &parts);
    let mut command = home.command(["--plan", path.to_str().unwrap(), "plan", "check", "--live"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    connected.await.unwrap();
    let argv = format!("sleep\0{sleep}\0");
    let sleeps = || !crate::reach::checks::processes(|_, cmdline| cmdline.ends_with(argv.as_bytes())).is_empty();
    crate::reach::checks::until("the secret is asked for", sleeps).await;
    let start = Instant::now();
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let ran = tokio::task::spawn_blocking(|| Ran::from(child.wait_with_output().unwrap())).await.unwrap();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert!(start.elapsed() < Duration::from_secs(7), "{:?}", start.elapsed());
    assert!(!sleeps(), "the program for the secret is left");
}
