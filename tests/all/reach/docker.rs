//! In containers of the real engine.

use std::time::Duration;

use lifeboat::plan::Place;
use lifeboat::reach::{Command, Ending, FileMeta, Reach, ReachError, Settings};
use lifeboat::text::{Explain, Redactor};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::checks::{self, MANY, sh, until};
use super::image::Box;

const SERVER: &str = "trap 'echo bye; exit 7' TERM; echo up; echo oops >&2; while :; do sleep 0.1; done";
const GRACE: Duration = Duration::from_secs(5);

async fn reach(container: &Box) -> Reach {
    named(&container.name).await
}

async fn named(name: &str) -> Reach {
    let redactor = Redactor::new();
    redactor.register(b"hunter2hunter2");
    let place = Place { docker: Some(name.to_owned()), ..Place::HERE };
    Reach::open(&place, &Settings { redactor, ..Settings::default() }).await.unwrap()
}

/// The same checks as everywhere, each with a container of its own.
macro_rules! in_a_container {
    ($($check:ident),+ $(,)?) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $check() {
            let Some(container) = Box::start(SERVER) else { return };
            checks::$check(&reach(&container).await).await;
        })+
    };
}

in_a_container!(
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

#[tokio::test(flavor = "multi_thread")]
async fn an_orphan_is_found_and_ended() {
    let Some(container) = Box::start(SERVER) else { return };
    let way = reach(&container).await;
    let name = container.name.clone();
    checks::an_orphan_is_found_and_ended(&way, |command| {
        // A process of ours that dies right after the start: its runtime ends without a word to anybody.
        let runtime = tokio::runtime::Runtime::new().unwrap();
        std::thread::spawn(move || {
            let running = runtime.block_on(async { named(&name).await.stream(command).await.unwrap() });
            std::mem::forget(running);
            runtime.shutdown_background();
        });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_stopped_started_restarted_and_looked_at() {
    let Some(container) = Box::start(SERVER) else { return };
    let way = reach(&container).await;
    let it = way.container().unwrap();
    let state = it.state().await.unwrap();
    assert!(state.running && state.status == "running" && state.exit_code.is_none(), "{state:?}");
    let mut log = (String::new(), String::new());
    while log.0.is_empty() || log.1.is_empty() {
        let (out, err) = it.logs(10, 1_000).await.unwrap();
        log = (out.shown(&Redactor::new(), 100), err.shown(&Redactor::new(), 100));
    }
    assert_eq!(log, ("up".to_owned(), "oops".to_owned()));

    it.stop(GRACE).await.unwrap();
    it.stop(GRACE).await.unwrap();
    let state = it.state().await.unwrap();
    assert_eq!((state.running, state.status.as_str(), state.exit_code), (false, "exited", Some(7)));
    let error = way.run(Command::new("true")).await.unwrap_err();
    assert!(error.to_string().contains("not running"), "{error}");

    it.start().await.unwrap();
    it.start().await.unwrap();
    let before = it.state().await.unwrap();
    assert!(before.running);
    it.restart(GRACE).await.unwrap();
    let after = it.state().await.unwrap();
    assert!(after.running && after.started_at != before.started_at);
    let (out, _) = it.logs(1_000, 10_000).await.unwrap();
    assert!(out.shown(&Redactor::new(), 1_000).contains("bye"));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_copied_also_while_it_is_stopped() {
    let Some(container) = Box::start(SERVER) else { return };
    let way = reach(&container).await;
    let it = way.container().unwrap();
    let data: Vec<u8> = (0..MANY + 77).map(|i| u8::try_from((i * 40_503) >> 7 & 255).unwrap()).collect();
    let meta = FileMeta { mode: 0o640, uid: 33, gid: 12 };
    let size = data.len() as u64;
    it.stop(GRACE).await.unwrap();
    it.copy_in("/var/tmp/dump.rdb", meta, size, std::io::Cursor::new(data.clone())).await.unwrap();
    let (told, back_meta, mut file) = it.copy_out("/var/tmp/dump.rdb").await.unwrap();
    let mut back = Vec::new();
    file.read_to_end(&mut back).await.unwrap();
    assert_eq!((told, back_meta), (size, meta));
    assert!(Sha256::digest(&back) == Sha256::digest(&data));

    it.start().await.unwrap();
    let output = way.run(sh("stat -c '%a %u %g %s' /var/tmp/dump.rdb")).await.unwrap();
    assert_eq!(output.stdout.whole().unwrap(), format!("640 33 12 {size}\n").as_bytes());
    for (path, size) in [("/var/tmp/short", size + 1), ("/var/tmp/long", size - 1)] {
        let copied = it.copy_in(path, meta, size, std::io::Cursor::new(data.clone())).await;
        assert!(copied.is_err(), "{path}");
    }
    assert!(it.copy_in("relative", meta, 1, &b"x"[..]).await.is_err());
    for path in ["/no/such/file", "/etc"] {
        let error = it.copy_out(path).await.err().unwrap();
        assert!(error.to_string().contains(path), "{error}");
    }
    let mut archive = Vec::new();
    it.archive_out("/etc/apt").read_to_end(&mut archive).await.unwrap();
    it.archive_in("/opt", std::io::Cursor::new(archive)).await.unwrap();
    assert!(way.run(sh("diff -r /etc/apt /opt/apt")).await.unwrap().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_dies_leaves_the_result_unknown() {
    let Some(container) = Box::start(SERVER) else { return };
    let way = reach(&container).await;
    let command = sh("sleep 1000; :");
    let tag = command.its_tag().clone();
    let running = way.stream(command).await.unwrap();
    until("it runs", || checks::carriers(&tag).len() >= 2).await;
    way.container().unwrap().stop(Duration::from_secs(1)).await.unwrap();
    assert_eq!(running.wait().await.ending, Ending::Lost);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_with_the_way_out() {
    let Some(_container) = Box::start(SERVER) else { return };
    let place = Place { docker: Some("lifeboat-no-such-container".to_owned()), ..Place::HERE };
    let error = Reach::open(&place, &Settings::default()).await.unwrap().run(Command::new("true")).await.unwrap_err();
    assert!(matches!(&error, ReachError::Docker { .. }) && error.next_step().contains("docker ps"), "{error:?}");
    for name in ["", "a/b", "../x", "-a"] {
        let place = Place { docker: Some(name.to_owned()), ..Place::HERE };
        assert!(Reach::open(&place, &Settings::default()).await.is_err(), "{name}");
    }
}
