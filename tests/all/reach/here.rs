//! This machine, and behind an argv prefix.

use std::time::{Duration, Instant};

use lifeboat::plan::Place;
use lifeboat::reach::{Command, Ending, FarEnd, Reach, ReachError, Settings};
use lifeboat::text::{Exit, Explain, Redactor};

use tokio::io::AsyncReadExt as _;

use super::checks::{self, sh};

fn redactor() -> Redactor {
    let redactor = Redactor::new();
    redactor.register(b"hunter2hunter2");
    redactor
}

fn here() -> Reach {
    Reach::here(&redactor())
}

async fn behind(prefix: &[&str]) -> Reach {
    let place = Place { prefix: Some(prefix.iter().map(ToString::to_string).collect()), ..Place::HERE };
    Reach::open(&place, &Settings { redactor: redactor(), ..Settings::default() }).await.unwrap()
}

/// A prefix that changes what it may: the folder and the environment.
async fn prefixed() -> Reach {
    behind(&["env", "-C", "/", "-i", "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"]).await
}

/// The same check at both places.
macro_rules! both {
    ($($check:ident),+ $(,)?) => {
        mod this_machine { $(#[tokio::test(flavor = "multi_thread")] async fn $check() { super::checks::$check(&super::here()).await; })+ }
        mod a_prefix { $(#[tokio::test(flavor = "multi_thread")] async fn $check() { super::checks::$check(&super::prefixed().await).await; })+ }
    };
}

both!(
    nasty_arguments_arrive,
    endings_are_told_apart,
    a_deadline_ends_everything,
    cancelling_ends_everything,
    a_daemon_is_left_alone,
    what_stays_in_the_background_does_not_hold_us,
    what_chatters_in_the_background_does_not_hold_us,
    big_streams_arrive_whole,
    output_is_bounded_and_the_file_has_it_all,
    a_secret_is_seen_by_the_child_only,
    half_an_input_never_looks_like_a_whole_one,
);

#[tokio::test]
async fn a_missing_program_is_named() {
    let error = here().run(Command::new("no-such-program")).await.unwrap_err();
    assert!(matches!(&error, ReachError::NoProgram { program } if program == "no-such-program"));
    assert!(error.next_step().contains("Install no-such-program"));
    let output = prefixed().await.run(Command::new("no-such-program")).await.unwrap();
    assert_eq!(output.ending, Ending::Exited(127));
    assert!(output.ok().unwrap_err().to_string().contains("missing there"));
}

#[tokio::test]
async fn a_prefix_that_fails_says_so() {
    let error =
        behind(&["sh", "-c", "echo 'no such pod' >&2; exit 1"]).await.run(Command::new("true")).await.unwrap_err();
    assert!(matches!(&error, ReachError::NotStarted { said, .. } if said == "no such pod"), "{error:?}");
    let error = behind(&["no-such-kubectl"]).await.run(Command::new("true")).await.unwrap_err();
    assert!(matches!(&error, ReachError::NoProgram { .. }), "{error:?}");
    let place = Place { prefix: Some(Vec::new()), ..Place::HERE };
    let error = Reach::open(&place, &Settings::default()).await.err().unwrap();
    assert_eq!(error.exit(), Exit::Usage);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_that_hangs_is_given_up() {
    // A length that no other sleep has.
    let sleep = format!("sleep 1000.{}", std::process::id());
    let start = Instant::now();
    let reach = behind(&["sh", "-c", &sleep]).await;
    let error = reach.run(Command::new("true").deadline(Duration::from_secs(1))).await.unwrap_err();
    assert!(matches!(error, ReachError::NoAnswer { .. }), "{error:?}");
    let took = start.elapsed();
    assert!(took >= Duration::from_secs(1) && took < Duration::from_secs(10), "{took:?}");
    checks::until("nothing is left of it", || sleepers(&sleep).is_empty()).await;
}

/// The processes of a command line of two words, whoever started them.
fn sleepers(line: &str) -> Vec<String> {
    let (argv, words) = (line.replace(' ', "\0"), line.as_bytes());
    checks::processes(|_, cmdline| {
        cmdline.starts_with(argv.as_bytes()) || cmdline.windows(words.len()).any(|window| window == words)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_can_be_seen_nothing_is_called_gone() {
    let programs = tempfile::tempdir().unwrap();
    for program in ["sh", "env", "sleep"] {
        std::os::unix::fs::symlink(format!("/bin/{program}"), programs.path().join(program)).unwrap();
    }
    let reach = behind(&["env", "-i", &format!("PATH={}", programs.path().display())]).await;
    let command = sh("sleep 1000; :").deadline(Duration::from_secs(1));
    let tag = command.its_tag().clone();
    let output = reach.run(command).await.unwrap();
    let Ending::Deadline { end: FarEnd::Unknown(why), .. } = output.ending else { panic!("{output:?}") };
    assert!(why.contains("does not show its processes"), "{why}");
    for error in [reach.find(&tag).await.err().unwrap(), reach.end(&tag, Duration::ZERO).await.err().unwrap()] {
        assert!(matches!(error, ReachError::Unseen { .. }), "{error:?}");
    }
    // What is near was ended all the same.
    checks::until("the prefix is ended", || checks::carriers(&tag).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hides_its_tag_is_not_called_gone() {
    let seconds = format!("1000.{}", std::process::id());
    for reach in [here(), prefixed().await] {
        // In a group of its own, and without the tag.
        let command = sh(&format!("env -i timeout 2000 sleep {seconds}; :"));
        let command = command.deadline(Duration::from_secs(1)).grace(Duration::from_millis(500));
        let output = reach.run(command).await.unwrap();
        let Ending::Deadline { end: FarEnd::Unknown(why), .. } = output.ending else { panic!("{output:?}") };
        assert!(why.contains("cleared its environment"), "{why}");
        let left = sleepers(&format!("sleep {seconds}"));
        assert!(!left.is_empty());
        for line in left.iter().chain(&sleepers(&format!("timeout 2000 sleep {seconds}"))) {
            let pid = rustix::process::Pid::from_raw(line.split(' ').next().unwrap().parse().unwrap()).unwrap();
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        checks::until("it is gone", || sleepers(&format!("sleep {seconds}")).is_empty()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chatter_is_bounded_without_a_deadline_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("whole.log");
    let command = sh("(while :; do echo x; sleep .1; done) & echo done; exit 3").whole_output(&file);
    let tag = command.its_tag().clone();
    let output = tokio::time::timeout(Duration::from_secs(30), here().run(command)).await;
    let output = output.expect("it went on for ever").unwrap();
    assert_eq!(output.ending, Ending::Exited(3));
    assert!(std::fs::read_to_string(&file).unwrap().contains("done\n"));
    here().end(&tag, Duration::from_secs(1)).await.unwrap();
    assert_eq!(checks::carriers(&tag), Vec::<String>::new());
}

/// A session of its own has no terminal, even when we are started from one.
#[tokio::test]
async fn nothing_can_ask_on_a_terminal() {
    let output = here().run(sh("read stat < /proc/$$/stat; echo $stat; (exec < /dev/tty) || echo none")).await.unwrap();
    let said = String::from_utf8(output.stdout.whole().unwrap().into_owned()).unwrap();
    let fields: Vec<&str> = said.split_whitespace().collect();
    assert_eq!((fields[5], fields[6], *fields.last().unwrap()), (fields[0], "0", "none"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphan_is_found_and_ended() {
    // Started without us, as it would remain after this process died.
    checks::an_orphan_is_found_and_ended(&prefixed().await, |command| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        std::thread::spawn(move || {
            let running = runtime.block_on(async { here().stream(command).await.unwrap() });
            std::mem::forget(running);
            std::mem::forget(runtime);
        });
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_does_not_stop_the_command() {
    let output = here().run(sh("echo said").whole_output("/dev/full")).await.unwrap();
    assert!(output.is_ok());
    assert!(output.file_trouble.unwrap().contains("space"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_bulk_comes_at_once_and_to_its_end() {
    let reach = here();
    let mut running = reach.stream(sh("echo one; sleep 1000").in_bulk()).await.unwrap();
    let mut stdout = running.take_stdout().unwrap();
    let mut first = [0; 4];
    let read = tokio::time::timeout(Duration::from_secs(10), stdout.read_exact(&mut first)).await;
    assert_eq!((read.unwrap().unwrap(), &first), (4, b"one\n"));
    drop((stdout, running));
    // What it leaves in the background holds the pipe open, and nobody up.
    let mut running = reach.stream(sh("(sleep 60; :) & echo two").in_bulk().leaving_nothing()).await.unwrap();
    let mut stdout = running.take_stdout().unwrap();
    let mut all = String::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stdout.read_to_string(&mut all)).await;
    assert_eq!((read.unwrap().unwrap(), all.as_str()), (4, "two\n"));
    assert!(running.wait().await.is_ok());
}
