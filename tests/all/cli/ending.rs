//! How the frame ends the process: by a signal, by a fault of the program itself.
//!
//! This test binary runs itself again and plays a verb: the frame's own code, a real process, real signals.

use std::future::pending;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use lifeboat::cli::log::{Log, Settings, panic};
use lifeboat::cli::{Again, Called, Context, Failure, Globals};
use lifeboat::text::{Exit, Redactor, SystemClock};
use rustix::process::{Pid, Signal, kill_process};

const ROLE: &str = "LIFEBOAT_TEST_ROLE";
const STATE: &str = "LIFEBOAT_TEST_STATE";

/// Plays the verb. Does nothing when it runs as a test.
#[test]
fn played() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let ended = panic::guarded(|| play(&role));
    std::process::exit(ended.unwrap_or(Exit::Failed) as i32);
}

fn play(role: &str) -> Exit {
    let context = Context::new(Globals::default(), Redactor::new(), Again::default());
    let ended = match role {
        "polite" => context.block_on(|stop| async move {
            println!("ready");
            stop.cancelled().await;
            println!("cleaned up");
            Ok(Exit::Done)
        }),
        "stubborn" => context.block_on(|_| async {
            println!("ready");
            pending::<Result<Exit, Failure>>().await
        }),
        "blocked" => context.block_on(|_| async {
            println!("ready");
            std::thread::sleep(std::time::Duration::from_mins(10));
            Ok(Exit::Done)
        }),
        "logless" => {
            let state = std::env::var_os(STATE).map(Into::into);
            let context = Context::new(Globals { state, ..Globals::default() }, Redactor::new(), Again::default());
            let called = Called { path: "lab up".to_owned(), changes: true };
            context.begin_log(&called);
            context.begin_log(&called);
            Ok(Exit::Done)
        }
        "faulty" => {
            if let Some(state) = std::env::var_os(STATE) {
                let clock = Arc::new(SystemClock);
                let state = Path::new(&state);
                let (log, subscriber) =
                    Log::open(&Settings { state, wanted: None, redactor: Redactor::new(), clock }).unwrap();
                tracing::subscriber::set_global_default(subscriber).unwrap();
                let _log = log;
                panic!("the impossible happened");
            }
            panic!("the impossible happened");
        }
        _ => unreachable!(),
    };
    ended.unwrap_or_else(|failure| failure.exit())
}

fn start(role: &str, state: Option<&Path>) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "cli::ending::played", "--nocapture"]).env(ROLE, role);
    if let Some(state) = state {
        command.env(STATE, state);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn end(mut child: Child) -> (Option<i32>, String, String) {
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().map(|mut from| from.read_to_string(&mut out).unwrap());
    child.stderr.take().map(|mut from| from.read_to_string(&mut err).unwrap());
    (child.wait().unwrap().code(), out, err)
}

fn wait_until_ready(child: &mut Child) -> BufReader<ChildStdout> {
    let mut out = BufReader::new(child.stdout.take().unwrap());
    assert!(out.by_ref().lines().any(|line| line.unwrap().ends_with("ready")), "it ended before it was ready");
    out
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn a_signal_lets_the_work_end_in_good_order_and_the_code_is_130() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        let mut child = start("polite", None);
        let mut out = wait_until_ready(&mut child);
        send(&child, signal);
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        let (code, _, err) = end(child);
        assert_eq!(code, Some(130), "{err}");
        assert!(rest.contains("cleaned up"), "{rest}");
        assert!(err.contains("press Ctrl-C again"), "{err}");
    }
}

#[test]
fn a_second_signal_ends_what_does_not_stop() {
    let mut child = start("stubborn", None);
    let _out = wait_until_ready(&mut child);
    send(&child, Signal::INT);
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    err.read_line(&mut line).unwrap();
    assert!(line.contains("stopping"), "{line}");
    send(&child, Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn work_that_holds_its_thread_is_left_all_the_same() {
    let mut child = start("blocked", None);
    let _out = wait_until_ready(&mut child);
    for _ in 0..2 {
        send(&child, Signal::INT);
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    let begun = std::time::Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(begun.elapsed() < std::time::Duration::from_mins(1), "{:?}", begun.elapsed());
}

#[test]
fn a_fault_of_the_program_is_a_short_word_and_the_details_are_in_the_log() {
    let state = tempfile::tempdir().unwrap();
    let (code, _, err) = end(start("faulty", Some(state.path())));
    let log = state.path().join("log");
    assert_eq!(code, Some(1), "{err}");
    assert_eq!(err.lines().count(), 2, "{err}");
    assert!(err.contains("a fault in the program itself") && err.contains(log.to_str().unwrap()), "{err}");
    assert!(!err.contains("impossible") && !err.contains("backtrace"), "{err}");
    let file = std::fs::read_dir(log).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("the impossible happened") && text.contains("ending.rs"), "{text}");
}

#[test]
fn a_fault_without_a_log_is_told_whole() {
    let (code, _, err) = end(start("faulty", None));
    assert_eq!((code, err.lines().count()), (Some(1), 1), "{err}");
    assert!(err.contains("the impossible happened"), "{err}");
}

#[test]
fn without_a_log_the_program_goes_on_and_says_so_once() {
    let state = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(state.path().join("lab/state")).unwrap();
    std::fs::write(state.path().join("lab/state/log"), "a file in the way").unwrap();
    let (code, _, err) = end(start("logless", Some(state.path())));
    assert_eq!((code, err.lines().count()), (Some(0), 1), "{err}");
    assert!(err.contains("without a log") && err.contains(state.path().to_str().unwrap()), "{err}");
}
