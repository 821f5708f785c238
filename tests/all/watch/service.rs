//! `lifeboat watch`: without a screen, recorded once a host, with metrics.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt;
use std::os::unix;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::program::Home;

pub struct Watcher {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watcher {
    pub fn start(home: &Home, more: &str) -> Watcher {
        Watcher::on(home, "state", more)
    }

    pub fn on(home: &Home, state: &str, more: &str) -> Watcher {
        Watcher::of(home, &format!("--plan plan.toml --state {state} watch {more}"))
    }

    /// Another verb that goes on.
    pub fn of(home: &Home, line: &str) -> Watcher {
        let mut child = home.command(line.split_whitespace()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Watcher { child, lines }
    }

    pub fn until(&mut self, words: &str) -> String {
        self.lines.by_ref().map(Result::unwrap).find(|line| line.contains(words)).unwrap()
    }

    pub fn end(mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn home_with(listener: &TcpListener) -> Home {
    let home = Home::new();
    let address = listener.local_addr().unwrap();
    home.write(
        "plan.toml",
        format!(
            "[platform]\nname = 'p'\n[[component]]\nname = 'port'\nkind = 'tcp-port'\naddress = '{address}'\nevery = '200ms'\n\
             [[scenario]]\nname = 'lost'\ntriggers = ['port.verdict == down']\n"
        ),
    );
    home
}

fn verdicts(home: &Home) -> Vec<(String, String)> {
    let told = home.run("--plan plan.toml --state state journal show --kind watch.verdict");
    assert!(told.out.contains("  port  down, was healthy: ") && !told.out.contains('{'), "{}", told.out);
    let shown = home.run("--plan plan.toml --state state journal show --kind watch.verdict --json");
    let events = shown.out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let word = |event: &serde_json::Value, key: &str| event["body"][key].as_str().unwrap_or("none").to_owned();
    events.map(|event| (word(&event, "from"), word(&event, "to"))).collect()
}

#[test]
fn changes_are_told_recorded_and_remembered() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let home = home_with(&listener);
    let mut watcher = Watcher::start(&home, "");
    watcher.until("port healthy");
    drop(listener);
    watcher.until("port down, was healthy");
    watcher.until("trigger fired: lost: port.verdict == down");
    let listener = TcpListener::bind(address).unwrap();
    watcher.until("port healthy, was down");
    watcher.until("trigger over: lost");
    drop(listener);
    watcher.until("port down, was healthy");
    assert_eq!(watcher.end(), Some(130));
    let told = verdicts(&home);
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(told, [pair("healthy", "down"), pair("down", "healthy"), pair("healthy", "down")]);
    // The next one finds it as it was: nothing has changed, and nothing is recorded.
    let mut watcher = Watcher::start(&home, "");
    watcher.until("port down");
    assert_eq!(watcher.end(), Some(130));
    assert_eq!(verdicts(&home).len(), 3);
}

#[test]
fn a_host_is_watched_by_one() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = home_with(&listener);
    let mut watcher = Watcher::start(&home, "");
    watcher.until("port healthy");
    let second = home.run("--plan plan.toml --state state watch");
    assert_eq!(second.code, Some(4), "{second:?}");
    assert!(second.err.contains("this host is watched already, by another Lifeboat that "), "{}", second.err);
    assert_eq!(watcher.end(), Some(130));
    // What was killed leaves its claim behind; the next one takes it over.
    let mut killed = Watcher::start(&home, "");
    killed.until("port healthy");
    drop(killed);
    let mut watcher = Watcher::start(&home, "");
    watcher.until("port healthy");
    drop(listener);
    watcher.until("port down");
    assert_eq!(watcher.end(), Some(130));
    assert_eq!(verdicts(&home).len(), 1);
}

pub fn ask(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn metrics_are_served_and_a_dawdler_holds_up_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = home_with(&listener);
    let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut watcher = Watcher::start(&home, &format!("--metrics {metrics}"));
    watcher.until("port healthy");
    let _dawdlers: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(metrics).unwrap()).collect();
    let line = "lifeboat_component_verdict{component=\"port\",kind=\"tcp-port\",site=\"\",verdict=\"healthy\"} 1";
    // The first pictures may be older than the change that was told.
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut answer = ask(metrics, "/metrics");
    while !answer.contains(line) && Instant::now() < deadline {
        answer = ask(metrics, "/metrics");
    }
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(line), "{answer}");
    assert!(ask(metrics, "/else").starts_with("HTTP/1.1 404"));
    let second = home.run(&format!("--plan plan.toml --state other watch --metrics {metrics}"));
    assert_eq!(second.code, Some(1));
    assert!(second.err.contains("the metrics cannot be served"), "{}", second.err);
    assert_eq!(watcher.end(), Some(130));
}

#[test]
fn systemd_is_told_that_it_is_ready_and_goes_on() {
    let place = |home: &Home| home.path().join("notify").display().to_string();
    tells_systemd(place, |place| UnixDatagram::bind(place).unwrap());
    // A name without a file.
    let name = |home: &Home| format!("@lifeboat-test{}", home.path().display());
    tells_systemd(name, |name| {
        UnixDatagram::bind_addr(&unix::net::SocketAddr::from_abstract_name(&name[1..]).unwrap()).unwrap()
    });
}

fn tells_systemd(place: impl Fn(&Home) -> String, bind: impl Fn(&str) -> UnixDatagram) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = home_with(&listener);
    let place = place(&home);
    let socket = bind(&place);
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut command = home.command("--plan plan.toml --state state watch".split(' '));
    let mut child = command.env("NOTIFY_SOCKET", &place).stdout(Stdio::null()).spawn().unwrap();
    let mut told = Vec::new();
    while told.len() < 2 {
        let mut message = [0; 100];
        let count = socket.recv(&mut message).unwrap();
        told.push(String::from_utf8_lossy(&message[..count]).into_owned());
    }
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    child.wait().unwrap();
    assert!(told[0].starts_with("READY=1"), "{told:?}");
    assert_eq!(told[1], "WATCHDOG=1");
}
