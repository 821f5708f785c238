//! A process that writes to a journal or takes claims: this test binary once more, so that the product
//! needs no hidden verb for it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use lifeboat::journal::claim::{ClaimName, Claims};
use lifeboat::journal::{Draft, Journal, Settings, State};
use lifeboat::text::{Explain, Size};
use serde::{Deserialize, Serialize};

use super::ground::{TRIED, settings, until};

const ORDERS: &str = "LIFEBOAT_TRIAL_ORDERS";

/// What the process is to do.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Orders {
    pub state: std::path::PathBuf,
    pub group: Option<String>,
    /// Goes before the number of each event.
    pub name: String,
    pub threads: usize,
    /// How many events each thread writes; without it, until it is killed.
    pub count: Option<usize>,
    /// A segment is closed when it has grown to this many bytes.
    pub segment: Option<u64>,
    /// Claims to try for; those that were got are kept until standard input ends.
    pub claims: Vec<ClaimName>,
}

impl Orders {
    pub fn new(state: &Path, name: &str) -> Orders {
        Orders { state: state.to_owned(), name: name.to_owned(), threads: 1, ..Orders::default() }
    }

    /// The command line that carries them out, behind another command if one is given.
    pub fn command(&self, before: &[&str], program: &Path) -> Command {
        let mut words: Vec<&std::ffi::OsStr> = before.iter().map(AsRef::as_ref).collect();
        words.push(program.as_ref());
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        command.args(["journal::writer::as_a_process", "--exact", "--nocapture", "--test-threads=1"]);
        command.env(ORDERS, serde_json::to_string(self).unwrap());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        command
    }

    pub fn start(&self) -> Process {
        Process::start(self.command(&[], &std::env::current_exe().unwrap()))
    }
}

/// A running writer; killed when dropped.
pub struct Process {
    child: Child,
    said: Option<JoinHandle<Vec<String>>>,
    count: Arc<AtomicUsize>,
}

impl Process {
    pub fn start(mut command: Command) -> Process {
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let ours = |line: String| line.split_once("SAID ").map(|(_, said)| said.to_owned());
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        // A line cut off by the kill was not said.
        let said = std::thread::spawn(move || {
            let mut lines = Vec::new();
            let mut out = out;
            let mut line = String::new();
            while out.read_line(&mut line).is_ok_and(|length| length > 0) {
                if line.ends_with('\n') {
                    lines.extend(ours(line.trim_end().to_owned()));
                    counted.store(lines.len(), Ordering::Relaxed);
                }
                line.clear();
            }
            lines
        });
        Process { child, said: Some(said), count }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has said so many things.
    pub fn wait_until_said(&self, count: usize) {
        until("the process has said enough", || self.count.load(Ordering::Relaxed) >= count);
    }

    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.pid().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Ends it as a power cut would, and tells what it had said.
    pub fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.said.take().unwrap().join().unwrap()
    }

    /// Lets it end by itself, and tells what it said.
    pub fn finish(mut self) -> Vec<String> {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
        self.said.take().unwrap().join().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Said in one write, so that it is said wholly or not at all.
fn say(what: &str) {
    std::io::stdout().lock().write_all(format!("\nSAID {what}\n").as_bytes()).unwrap();
}

#[test]
fn as_a_process() {
    let Ok(orders) = std::env::var(ORDERS) else { return };
    let orders: Orders = serde_json::from_str(&orders).unwrap();
    let state = match State::open(&orders.state, orders.group.as_deref()) {
        Ok(state) => state,
        Err(error) => return say(&format!("refused: {error} | {}", error.next_step())),
    };
    if !orders.claims.is_empty() {
        return claim(&state, &orders);
    }
    let journal =
        Journal::open(&state, Settings { segment: Size(orders.segment.unwrap_or(32 << 10)), ..settings() }).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..orders.threads {
            let (journal, orders) = (&journal, &orders);
            scope.spawn(move || {
                for number in 0..orders.count.unwrap_or(usize::MAX) {
                    let id = format!("{}-{thread}-{number}", orders.name);
                    journal.record(Draft::new(TRIED, id.as_str())).unwrap().wait().unwrap();
                    say(&id);
                }
            });
        }
    });
}

fn claim(state: &State, orders: &Orders) {
    let claims = Claims::here(state).unwrap();
    let mut kept = Vec::new();
    for name in &orders.claims {
        match claims.acquire(name, "a trial") {
            Ok(held) => {
                kept.push(held);
                say(&format!("got {name}"));
            }
            Err(error) => say(&format!("no {name}: {error}")),
        }
    }
    let mut rest = String::new();
    std::io::stdin().read_line(&mut rest).unwrap();
}
