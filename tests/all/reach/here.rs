//! This machine, and behind an argv prefix.

use std::time::Duration;

use lifeboat::plan::Place;
use lifeboat::reach::{Command, Ending, Reach, ReachError, Settings};
use lifeboat::text::{Exit, Explain, Redactor};

use super::checks;

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

#[tokio::test]
async fn a_prefix_that_hangs_is_given_up() {
    let reach = behind(&["sleep", "1000"]).await;
    let error = reach.run(Command::new("true").deadline(Duration::from_secs(1))).await.unwrap_err();
    assert!(matches!(error, ReachError::NotStarted { .. } | ReachError::NoAnswer { .. }), "{error:?}");
}

/// A session of its own has no terminal, even when we are started from one.
#[tokio::test]
async fn nothing_can_ask_on_a_terminal() {
    let output =
        here().run(checks::sh("read stat < /proc/$$/stat; echo $stat; (exec < /dev/tty) || echo none")).await.unwrap();
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
    let output = here().run(checks::sh("echo said").whole_output("/dev/full")).await.unwrap();
    assert!(output.is_ok());
    assert!(output.file_trouble.unwrap().contains("space"));
}
