//! What watching costs, and how soon `status` answers, against the figures that are promised:
//! `status` at most 50 ms after its slowest probe; 50 components in 20 MB; 1,000 every 5 s below 10 % of a core and
//! 100 MB; at least ten times as fast as a shell script that asks the lab one server after the other.
//!
//! Needs redis-server; the comparison needs what the lab needs. Ends with an error if a figure does not hold.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod processor;
mod servers;

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use processor::ticks;
use servers::{mute, web};

const PROGRAM: &str = env!("CARGO_BIN_EXE_lifeboat");

fn main() {
    // `cargo test --benches` and filters of other benchmarks are no reason to run for minutes.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let mut broken = Vec::new();
    let mut hold = |what: &str, figure: f64, limit: f64, unit: &str| {
        println!("{what}: {figure:.1} {unit} (limit {limit} {unit})");
        if figure > limit {
            broken.push(what.to_owned());
        }
    };
    hold("status beyond its slowest probe, 50 components", status_overhead(), 50.0, "ms");
    let (cpu, memory) = watch(50, Duration::from_secs(20));
    println!("50 components: {cpu:.2} % of a core");
    hold("50 components", memory, 20.0, "MB");
    let (cpu, memory) = watch(1_000, Duration::from_secs(40));
    hold("1,000 components", cpu, 10.0, "% of a core");
    hold("1,000 components", memory, 100.0, "MB");
    let (ours, script) = beside_a_script();
    println!("the lab: status {ours:.0} ms, the script {script:.0} ms: {:.1} times", script / ours);
    hold("share of the script's time", 100.0 * ours / script, 10.0, "%");
    assert!(broken.is_empty(), "these do not hold: {broken:?}");
}

/// A cache with a login.
struct Redis {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Redis {
    fn start() -> Redis {
        const PASSWORD: &str = "battery-staple";
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let port = address.port().to_string();
        let file = folder.path().join("password");
        std::fs::write(&file, PASSWORD).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let child = Command::new("redis-server")
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--maxclients", "1000"])
            .args(["--requirepass", PASSWORD, "--dir"])
            .arg(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while TcpStream::connect(address).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Redis { child, address, folder }
    }

    fn component(&self, plan: &mut String, name: &str) {
        let password = format!("password = 'file:{}'\n", self.folder.path().join("password").display());
        component(plan, name, "redis", &format!("redis://{}", self.address), &password);
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn component(plan: &mut String, name: &str, kind: &str, address: &str, more: &str) {
    writeln!(plan, "[[component]]\nname = '{name}'\nkind = '{kind}'\naddress = '{address}'\nevery = '5s'\n{more}")
        .unwrap();
}

fn write_plan(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("plan.toml");
    std::fs::write(&path, format!("[platform]\nname = 'bench'\n{text}")).unwrap();
    path
}

fn lifeboat(folder: &Path, plan: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("--plan").arg(plan).arg("--state").arg(folder.join("state")).env("HOME", folder);
    command
}

/// The median of the time that `status` takes beyond the deadline of one that never answers.
fn status_overhead() -> f64 {
    const DEADLINE: Duration = Duration::from_millis(500);
    let (folder, redis, web, mute) = (tempfile::tempdir().unwrap(), Redis::start(), web(), mute());
    let mut text = String::new();
    for number in 0..30 {
        component(&mut text, &format!("web-{number}"), "http", &format!("http://{web}/"), "");
    }
    for number in 0..19 {
        redis.component(&mut text, &format!("redis-{number}"));
    }
    component(&mut text, "mute", "redis", &format!("redis://{mute}"), "deadline = '500ms'");
    let plan = write_plan(folder.path(), &text);
    let run = || {
        let start = Instant::now();
        let status = lifeboat(folder.path(), &plan).arg("status").stdout(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(3));
        (start.elapsed().saturating_sub(DEADLINE)).as_secs_f64() * 1000.0
    };
    median((0..9).map(|_| run()).collect())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Share of a core in per cent and resident megabytes of `lifeboat watch` once it has settled: 3 of 5 components
/// over HTTP, 1 of 5 a port, 1 of 5 a login that is kept open.
fn watch(count: usize, long: Duration) -> (f64, f64) {
    let (folder, redis, web) = (tempfile::tempdir().unwrap(), Redis::start(), web());
    let mut text = String::new();
    for number in 0..count {
        match number % 5 {
            0 => redis.component(&mut text, &format!("c-{number}")),
            1 => component(&mut text, &format!("c-{number}"), "tcp-port", &web.to_string(), ""),
            _ => component(&mut text, &format!("c-{number}"), "http", &format!("http://{web}/"), ""),
        }
    }
    let plan = write_plan(folder.path(), &text);
    let status = lifeboat(folder.path(), &plan).arg("status").stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "somebody is not healthy: {status}");
    let mut child = lifeboat(folder.path(), &plan).arg("watch").stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(15));
    let (start, before) = (Instant::now(), ticks(child.id()));
    std::thread::sleep(long);
    let cpu = (ticks(child.id()) - before) / start.elapsed().as_secs_f64() * 100.0;
    let memory = resident(child.id());
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    child.wait().unwrap();
    (cpu, memory)
}

fn resident(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<f64>().unwrap() * 1024.0 / 1_000_000.0
}

/// Median milliseconds of `status` on a lab, and of the script, by turns.
fn beside_a_script() -> (f64, f64) {
    let folder = tempfile::tempdir().unwrap();
    let lab = |words: &str| {
        let mut command = Command::new(PROGRAM);
        command.arg("--state").arg(folder.path()).args(words.split(' ')).env("HOME", folder.path());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    assert!(lab("lab up").status().unwrap().success(), "the lab does not come up");
    let root = folder.path().join("lab");
    let plan = folder.path().join("plan.json");
    let shown = lab("--lab plan show --json").stdout(Stdio::piped()).output().unwrap().stdout;
    std::fs::write(&plan, shown).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/status.sh");
    let time = |mut command: Command| {
        let start = Instant::now();
        command.status().unwrap();
        start.elapsed().as_secs_f64() * 1000.0
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        ours.push(time(lab("--lab status")));
        let mut command = Command::new("bash");
        command.arg(&script).arg(&root).arg(&plan).stdout(Stdio::null()).stderr(Stdio::null());
        theirs.push(time(command));
    }
    assert!(lab("lab down --delete").status().unwrap().success());
    (median(ours), median(theirs))
}
