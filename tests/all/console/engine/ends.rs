//! However the console ends, the terminal is given back; and when its user has gone, it ends and spins no more.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::Place;

#[test]
fn every_way_to_leave_gives_the_terminal_back() {
    let place = Place::new();
    for (keys, code) in [("q", 0), ("\x1c", 0), ("\x03\x03", 0), (":quit\r", 0)] {
        let mut terminal = place.open(&["console"]);
        assert!(terminal.look(vt100::Screen::alternate_screen));
        terminal.keys(keys);
        assert_eq!(terminal.end(), code, "{keys:?}");
        terminal.assert_given_back();
    }
}

#[test]
fn a_signal_ends_it_and_gives_the_terminal_back() {
    let place = Place::new();
    for signal in [Signal::TERM, Signal::INT, Signal::QUIT, Signal::HUP, Signal::USR1, Signal::ALARM] {
        let mut terminal = place.open(&["console"]);
        terminal.signal(signal);
        assert_eq!(terminal.end(), 130, "{signal:?}");
        terminal.assert_given_back();
    }
}

#[test]
fn when_the_terminal_is_closed_it_ends() {
    let place = Place::new();
    // The reader in this process would keep the terminal open: the program runs on one of `script`, which is killed.
    let log = place.home.path().join("log");
    let command = format!("exec {} console", env!("CARGO_BIN_EXE_lifeboat"));
    let mut script = std::process::Command::new("script");
    script.args(["-q", "-f", "-c", &command]).arg(&log).stdin(std::process::Stdio::piped());
    script.stdout(std::process::Stdio::null()).env("HOME", place.home.path()).env("TERM", "xterm");
    script.env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME").env_remove("LIFEBOAT_PLAN");
    let mut script = script.spawn().unwrap();
    let shown = || std::fs::read(&log).unwrap_or_default();
    let wait = |is_so: &dyn Fn() -> bool| {
        let start = Instant::now();
        while !is_so() {
            assert!(start.elapsed() < Duration::from_secs(30), "{}", String::from_utf8_lossy(&shown()));
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    wait(&|| shown().windows(8).any(|part| part == b"agent-db"));
    let child = children(script.id()).pop().unwrap();
    script.kill().unwrap();
    script.wait().unwrap();
    wait(&|| !std::path::Path::new(&format!("/proc/{child}/exe")).exists());
}

/// The processes that a process started.
fn children(pid: u32) -> Vec<u32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    text.split_whitespace().map(|word| word.parse().unwrap()).collect()
}

#[test]
fn a_terminal_that_takes_nothing_holds_up_nothing_but_its_own_picture() {
    let place = Place::new();
    for ends in [true, false] {
        let mut terminal = place.open(&["console"]);
        terminal.stall(true);
        // Far more than any terminal keeps for later.
        for _ in 0..200 {
            terminal.keys("\x0c");
            std::thread::sleep(Duration::from_millis(2));
        }
        if ends {
            terminal.keys("q");
        } else {
            terminal.signal(Signal::TERM);
        }
        let start = Instant::now();
        assert_eq!(terminal.end(), if ends { 0 } else { 130 });
        assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    }
}
