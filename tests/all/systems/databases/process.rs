//! A server of a test: gone with it, frozen and thawed at will.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A port of the loopback interface that is free now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The processes that this one has started.
fn children(parent: Pid) -> Vec<Pid> {
    let parent = parent.as_raw_nonzero().to_string();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let is_child = |number: &i32| {
        let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        // The name is in brackets and may hold anything.
        stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1)) == Some(parent.as_str())
    };
    numbers.filter(is_child).filter_map(Pid::from_raw).collect()
}

/// A process with all that it starts; all of it ends with this value.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a server in a group of its own.
    #[track_caller]
    pub fn start(command: &mut Command) -> Process {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        Process { child: command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")) }
    }

    fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Sends it a signal, and it alone.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.id(), signal).unwrap();
    }

    /// Stops it and what it started where they are.
    pub fn freeze(&self) {
        self.signal_all(Signal::STOP);
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.signal_all(Signal::CONT);
    }

    /// What it started may have made groups of their own.
    fn signal_all(&self, signal: Signal) {
        self.signal(signal);
        for child in children(self.id()) {
            // It may have ended meanwhile.
            let _ = kill_process(child, signal);
        }
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Ends it by a signal, and waits until it has.
    pub fn end(&mut self, signal: Signal) {
        if self.has_ended() {
            return;
        }
        self.thaw();
        self.signal(signal);
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal_all(Signal::KILL);
            let _ = self.child.wait();
        }
    }
}
