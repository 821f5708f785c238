//! The unit of systemd: its command line is run as it stands, with its folders in a home of the test.

use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::service::{ask, home_with};
use crate::support::program::{Home, PROGRAM};

const UNIT: &str = include_str!("../../../assets/systemd/lifeboat-watch@.service");

fn setting(name: &str) -> &'static str {
    let mut found = UNIT.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let value = found.next().unwrap_or_else(|| panic!("{name} is missing"));
    assert_eq!(found.next(), None, "{name} stands there twice");
    value
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The command line for a platform, with the folders of the machine below `root`.
fn line(root: &Path, metrics: &str) -> Vec<String> {
    let line = setting("ExecStart").replace("${METRICS}", metrics).replace("%i", "p");
    let here = |word: &str| match word {
        "/usr/bin/lifeboat" => PROGRAM.to_owned(),
        word if word.starts_with('/') => format!("{}{word}", root.display()),
        word => word.to_owned(),
    };
    line.split_whitespace().map(here).collect()
}

fn runs_with(plan: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = home_with(&listener);
    let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
    std::fs::remove_file(home.path().join("plan.toml")).unwrap();
    home.write(&format!("root/etc/lifeboat/{plan}"), text);
    let root = home.path().join("root");
    // As systemd makes it.
    let state = root.join("var/lib").join(setting("StateDirectory").replace("%i", "p"));
    std::fs::create_dir_all(&state).unwrap();
    let before = files(home.path());
    let place = home.path().join("notify");
    let socket = UnixDatagram::bind(&place).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let line = line(&root, &metrics.to_string());
    let mut command = home.command_of(&line[0], &line[1..]);
    let mut child = command.env("NOTIFY_SOCKET", &place).stdout(Stdio::null()).spawn().unwrap();
    let mut message = [0; 100];
    let told = socket.recv(&mut message).map(|count| message[..count].to_vec());
    let answer = told.as_ref().map(|_| ask(metrics, "/metrics")).unwrap_or_default();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let code = child.wait().unwrap().code().unwrap();
    std::fs::remove_file(&place).unwrap();
    assert!(told.unwrap().starts_with(b"READY=1"), "Type={} waits for it", setting("Type"));
    assert!(answer.contains("lifeboat_component_verdict"), "{answer}");
    assert_eq!(code.to_string(), setting("SuccessExitStatus"));
    // ProtectSystem and ProtectHome leave nothing else that can be written to.
    let written: Vec<PathBuf> = files(home.path()).into_iter().filter(|path| !before.contains(path)).collect();
    assert!(!written.is_empty() && written.iter().all(|path| path.starts_with(&state)), "{written:#?}");
}

#[test]
fn the_unit_runs_with_a_plan_file_and_with_a_folder() {
    runs_with("p.toml");
    runs_with("p/plan.toml");
}

#[test]
fn the_settings_of_the_unit_fit_the_program() {
    assert_eq!((setting("Type"), setting("KillSignal")), ("notify", "SIGTERM"));
    assert_eq!((setting("ProtectSystem"), setting("ProtectHome")), ("strict", "read-only"));
    assert!(setting("WatchdogSec").parse::<u64>().unwrap() >= 20);
    let metrics = setting("Environment").strip_prefix("METRICS=").unwrap();
    assert!(metrics.parse::<std::net::SocketAddr>().unwrap().ip().is_loopback());
    let home = Home::new();
    let help = home.run("watch --help");
    assert!(help.out.contains("--metrics"), "{help:?}");
}
