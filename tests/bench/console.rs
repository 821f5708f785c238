//! What the console costs, against the figures that are promised: the first complete frame 15 ms after exec with
//! everything black-holed; idle at 80x24 at most 60 bytes/s and 0.2 % of a core; a busy overview at 120x40 at most
//! 1.5 KB/s; at most two writes a frame; a key to its redraw in 10 ms with 1,000 components of which half hang.
//!
//! Writes are counted by strace. Ends with an error if a figure does not hold, or could not be had.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod processor;
mod servers;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

use processor::ticks;
use servers::{flapping, mute, web};

const PROGRAM: &str = env!("CARGO_BIN_EXE_lifeboat");
/// What a frame ends with.
const FRAME_ENDS: &[u8] = b"\x1b[?2026l";

fn main() {
    // `cargo test --benches` and filters of other benchmarks are no reason to run for minutes.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let mut broken = Vec::new();
    let mut hold = |what: &str, figure: f64, limit: f64, unit: &str| {
        println!("{what}: {figure:.2} {unit} (limit {limit} {unit})");
        if figure > limit {
            broken.push(what.to_owned());
        }
    };
    let mut frames: Vec<f64> = (0..41).map(|_| first_frame()).collect();
    hold("first complete frame, median", quantile(&mut frames, 0.5), 15.0, "ms");
    println!("first complete frame, p95: {:.2} ms", quantile(&mut frames, 0.95));
    let (bytes, cpu) = idle();
    hold("idle at 80x24", bytes, 60.0, "bytes/s");
    hold("idle at 80x24", cpu, 0.2, "% of a core");
    hold("busy overview at 120x40", busy(), 1536.0, "bytes/s");
    let mut keys = key_to_redraw();
    println!("key to redraw, 1,000 components, median: {:.2} ms", quantile(&mut keys, 0.5));
    hold("key to redraw, 1,000 components, p99", quantile(&mut keys, 0.99), 10.0, "ms");
    match writes_per_frame() {
        Some(writes) => hold("writes per frame, at most", writes, 2.0, ""),
        None => broken.push("writes per frame: not counted; apt-get install strace".to_owned()),
    }
    assert!(broken.is_empty(), "these do not hold: {broken:?}");
}

fn quantile(figures: &mut [f64], share: f64) -> f64 {
    figures.sort_by(f64::total_cmp);
    let last = figures.len() - 1;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
    figures[((last as f64) * share).ceil() as usize]
}

fn component(plan: &mut String, name: &str, kind: &str, address: &str, every: &str) {
    writeln!(
        plan,
        "[[component]]\nname = '{name}'\nkind = '{kind}'\nsite = 'here'\npriority = {}\nrto = '1h'\n\
         address = '{address}'\nevery = '{every}'",
        name.len() % 3 + 1
    )
    .unwrap();
}

/// A console on a terminal of its own.
struct Console {
    _folder: TempDir,
    _master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// What came, and when.
    pieces: Receiver<(Instant, Vec<u8>)>,
    began: Instant,
    device: std::path::PathBuf,
}

impl Console {
    fn open(components: &str, columns: u16, lines: u16) -> Console {
        let folder = tempfile::tempdir().unwrap();
        let plan = folder.path().join("plan.toml");
        let head = "[platform]\nname = 'bench'\ntitle = 'Bench'\nenvironment = 'lab'\ntime_zone = 'Europe/Berlin'\n\
                    [[site]]\nname = 'here'\nrole = 'primary'\n";
        std::fs::write(&plan, format!("{head}{components}")).unwrap();
        let size = PtySize { rows: lines, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let device = pty.master.tty_name().unwrap();
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(["--plan", plan.to_str().unwrap(), "console"]);
        command.env_clear();
        for (name, value) in
            [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")]
        {
            command.env(name, value);
        }
        command.env("HOME", folder.path());
        command.env("PATH", std::env::var_os("PATH").unwrap());
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (sender, pieces) = channel();
        std::thread::spawn(move || {
            let mut bytes = vec![0; 256 * 1024];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if sender.send((Instant::now(), bytes[..count].to_vec())).is_err() {
                    return;
                }
            }
        });
        let began = Instant::now();
        let child = pty.slave.spawn_command(command).unwrap();
        let writer = pty.master.take_writer().unwrap();
        Console { _folder: folder, _master: pty.master, writer, child, pieces, began, device }
    }

    /// When the next frame was complete.
    fn frame(&self) -> Instant {
        self.frame_with(b"")
    }

    /// When the next frame was complete that draws this.
    fn frame_with(&self, drawn: &[u8]) -> Instant {
        let mut all = Vec::new();
        loop {
            let (at, bytes) = self.pieces.recv_timeout(Duration::from_secs(20)).unwrap();
            all.extend(bytes);
            if all.ends_with(FRAME_ENDS) {
                if contains(&all, drawn) {
                    return at;
                }
                all.clear();
            }
        }
    }

    /// How many bytes come in a time.
    fn count(&self, long: Duration) -> usize {
        let end = Instant::now() + long;
        let mut count = 0;
        while let Ok((_, bytes)) = self.pieces.recv_timeout(end.saturating_duration_since(Instant::now())) {
            count += bytes.len();
        }
        count
    }

    fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.writer.write_all(b"q");
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if self.child.try_wait().unwrap().is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Milliseconds from exec to the first complete frame, with 50 components of which none answers.
fn first_frame() -> f64 {
    let mute = mute();
    let mut text = String::new();
    for number in 0..50 {
        let (kind, scheme) = [("postgres", "postgresql://x@"), ("redis", "redis://"), ("http", "http://")][number % 3];
        component(&mut text, &format!("c-{number}"), kind, &format!("{scheme}{mute}/"), "5s");
    }
    let console = Console::open(&text, 80, 24);
    console.frame().duration_since(console.began).as_secs_f64() * 1000.0
}

/// Bytes a second and share of a core in per cent, once everything has settled.
fn idle() -> (f64, f64) {
    let web = web();
    let mut text = String::new();
    for number in 0..6 {
        component(&mut text, &format!("web-{number}"), "http", &format!("http://{web}/"), "10s");
    }
    let console = Console::open(&text, 80, 24);
    console.count(Duration::from_secs(30));
    let (start, before) = (Instant::now(), ticks(console.pid()));
    let bytes = console.count(Duration::from_mins(1)) as f64;
    let seconds = start.elapsed().as_secs_f64();
    (bytes / seconds, (ticks(console.pid()) - before) / seconds * 100.0)
}

/// Bytes a second of an overview in which much happens: 40 components asked every second, a quarter of which go
/// down and come back.
fn busy() -> f64 {
    let (good, flapping) = (web(), flapping());
    let mut text = String::new();
    for number in 0..40 {
        let address = if number % 4 == 0 { flapping } else { good };
        component(&mut text, &format!("web-{number}"), "http", &format!("http://{address}/"), "1s");
    }
    let console = Console::open(&text, 120, 40);
    console.count(Duration::from_secs(10));
    let start = Instant::now();
    let bytes = console.count(Duration::from_mins(1)) as f64;
    bytes / start.elapsed().as_secs_f64()
}

/// Milliseconds from a key to the end of the frame it causes.
fn key_to_redraw() -> Vec<f64> {
    let (web, mute) = (web(), mute());
    let mut text = String::new();
    for number in 0..1000 {
        let address = if number % 2 == 0 { web } else { mute };
        component(&mut text, &format!("c-{number}"), "http", &format!("http://{address}/"), "5s");
    }
    let mut console = Console::open(&text, 120, 40);
    console.count(Duration::from_secs(12));
    let mut figures = Vec::new();
    for number in 0..400 {
        // Whatever is drawn by itself comes first.
        console.count(Duration::from_millis(20 + number % 17));
        let start = Instant::now();
        console.writer.write_all(if number % 2 == 0 { b"j" } else { b"k" }).unwrap();
        // Only a cursor that moves is drawn; wherever the list was sorted to, one of the two moves it.
        figures.push(console.frame_with("›".as_bytes()).duration_since(start).as_secs_f64() * 1000.0);
    }
    figures
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    part.is_empty() || all.windows(part.len()).any(|here| here == part)
}

/// The most writes to the terminal that one frame took, counted by strace.
fn writes_per_frame() -> Option<f64> {
    let web = flapping();
    let mut text = String::new();
    for number in 0..40 {
        component(&mut text, &format!("web-{number}"), "http", &format!("http://{web}/"), "1s");
    }
    let mut console = Console::open(&text, 120, 40);
    console.frame();
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut strace = Command::new("strace")
        .args(["-f", "-s", "1000000", "-e", "trace=write,writev", "-P"])
        .arg(&console.device)
        .args(["-p", &console.pid().to_string(), "-o"])
        .arg(log.path())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    std::thread::sleep(Duration::from_secs(1));
    let end = Instant::now() + Duration::from_secs(15);
    let mut pieces = 0_u32;
    while console.pieces.recv_timeout(end.saturating_duration_since(Instant::now())).is_ok() {
        pieces += 1;
        if pieces.is_multiple_of(7) {
            console.writer.write_all(b"\x0c").unwrap();
        }
    }
    strace.kill().unwrap();
    strace.wait().unwrap();
    let log = std::fs::read_to_string(log.path()).unwrap();
    // Each write but the last of a frame ends in something else than a frame does.
    let (mut most, mut now, mut frames) = (0, 0, 0);
    for line in log.lines().filter(|line| line.contains("write")) {
        now += 1;
        if line.contains(r#"\33[?2026l""#) {
            (most, now, frames) = (most.max(now), 0, frames + 1);
        }
    }
    (frames > 20).then(|| f64::from(most.max(now)))
}
