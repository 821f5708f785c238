//! Job control: Ctrl-Z, the signal for it, and back.

use std::time::Duration;

use rustix::process::Signal;

use super::Place;
use crate::support::terminal::Terminal;

#[test]
fn it_stops_for_the_shell_and_comes_back_whole() {
    let place = Place::new();
    let mut terminal =
        Terminal::start("bash", &["--norc", "--noprofile", "-i"], place.home.path(), &[("PS1", "ready> ")]);
    terminal.wait_for("ready>");
    terminal.keys(format!("{} console\r", env!("CARGO_BIN_EXE_lifeboat")));
    terminal.wait_for("agent-db");
    for round in 0..2 {
        if round == 0 {
            terminal.keys("\x1a");
        } else {
            // The console is in the foreground: all of its job gets the signal.
            let pid = pid_of_console(terminal.pid());
            rustix::process::kill_process(pid, Signal::TSTP).unwrap();
        }
        terminal.wait_until("the shell", |screen| !screen.alternate_screen() && screen.contents().contains("Stopped"));
        assert!(!terminal.look(vt100::Screen::hide_cursor));
        terminal.keys("clear; echo still $((40 + 2))\r");
        terminal.wait_for("still 42");
        terminal.keys("fg\r");
        terminal
            .wait_until("the console", |screen| screen.alternate_screen() && screen.contents().contains("agent-db"));
        terminal.keys("?");
        terminal.wait_for("What can be done here");
        terminal.keys("\x1b");
        terminal.wait_until("closed", |screen| !screen.contents().contains("What can be done here"));
    }
    terminal.keys("q");
    // What is typed before the shell is back is thrown away.
    terminal.wait_until("the shell", |screen| {
        !screen.alternate_screen() && screen.contents().trim_end().ends_with("ready>")
    });
    terminal.keys("exit 7\r");
    assert_eq!(terminal.end(), 7);
}

fn pid_of_console(shell: rustix::process::Pid) -> rustix::process::Pid {
    let shell = shell.as_raw_nonzero();
    let text = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
    let first = text.split_whitespace().next().unwrap().parse().unwrap();
    rustix::process::Pid::from_raw(first).unwrap()
}

#[test]
fn without_a_shell_above_it_does_not_stop_for_ever() {
    let place = Place::new();
    goes_on_after_ctrl_z(place.open(&["console"]));
}

/// In a container started from a terminal of outside, the job and its session are nobody the container knows.
#[test]
fn with_a_shell_outside_of_its_container_it_does_not_stop_for_ever() {
    let own_processes = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"];
    let can = std::process::Command::new("unshare").args(own_processes).arg("true").output();
    if !can.is_ok_and(|output| output.status.success()) {
        eprintln!("not tested: no container can be made here");
        return;
    }
    let place = Place::new();
    let arguments: Vec<&str> = own_processes.into_iter().chain([env!("CARGO_BIN_EXE_lifeboat"), "console"]).collect();
    goes_on_after_ctrl_z(Terminal::start("unshare", &arguments, place.home.path(), &[]));
}

fn goes_on_after_ctrl_z(mut terminal: Terminal) {
    let said = "no shell here";
    let mut is_told = false;
    for _ in 0..3 {
        terminal.keys("\x1a");
        // The word goes after a while: on a machine that stood still it may be gone before anybody looks.
        is_told |= terminal.comes_within(Duration::from_secs(10), |screen| screen.contents().contains(said))
            || String::from_utf8_lossy(&terminal.raw()).contains(said);
        terminal.keys("?");
        let goes_on = terminal.comes_within(Duration::from_secs(30), |screen| {
            screen.alternate_screen() && screen.contents().contains("What can be done here")
        });
        assert!(goes_on, "{}\n{}", state_of(terminal.pid()), terminal.text());
        terminal.keys("\x1b");
        terminal.wait_until("closed", |screen| !screen.contents().contains("What can be done here"));
    }
    assert!(is_told, "{}\n{}", state_of(terminal.pid()), String::from_utf8_lossy(&terminal.raw()).escape_debug());
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

/// What the kernel says of a process and of the one that started it.
fn state_of(process: rustix::process::Pid) -> String {
    let of = |process: &str| {
        let read = |name| std::fs::read_to_string(format!("/proc/{process}/{name}")).unwrap_or_default();
        let signals = read("status").lines().filter(|line| line.starts_with("Sig")).collect::<Vec<_>>().join(" ");
        format!("{} {} {signals}", read("stat").trim(), read("wchan"))
    };
    format!("{}\n{}", of(&process.as_raw_nonzero().to_string()), of("self"))
}

#[test]
fn a_stopped_console_can_be_ended_from_its_shell() {
    let place = Place::new();
    let mut terminal =
        Terminal::start("bash", &["--norc", "--noprofile", "-i"], place.home.path(), &[("PS1", "ready> ")]);
    terminal.wait_for("ready>");
    for by_key in [true, false] {
        terminal.keys(format!("clear; {} console\r", env!("CARGO_BIN_EXE_lifeboat")));
        terminal.wait_for("agent-db");
        let pid = pid_of_console(terminal.pid());
        if by_key {
            terminal.keys("\x1a");
        } else {
            rustix::process::kill_process(pid, Signal::STOP).unwrap();
        }
        terminal.wait_for("Stopped");
        terminal.keys("kill %1\r");
        // The shell tells what became of a job beside its next prompt.
        let ended = format!("Exit {}", lifeboat::text::Exit::Interrupted as i32);
        let is_told = (0..60).any(|_| {
            terminal.keys("\r");
            terminal.comes_within(Duration::from_millis(500), |screen| screen.contents().contains(&ended))
        });
        assert!(is_told, "{}", terminal.text());
    }
    terminal.keys("exit 7\r");
    assert_eq!(terminal.end(), 7);
}
