//! What every place must do alike. The places of these tests are all on this machine, so that its own
//! process table can be the judge.

use std::ffi::OsString;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use lifeboat::reach::{Command, Ending, FarEnd, Reach, ReachError, Secret, Tag};
use lifeboat::text::Redactor;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio_util::sync::CancellationToken;

pub const MANY: usize = 50 * 1024 * 1024;

/// The processes of this machine, containers included, whose environment holds the tag.
pub fn carriers(tag: &Tag) -> Vec<String> {
    let wanted = format!("LIFEBOAT_TAG={tag}");
    processes(|environ, _| environ.windows(wanted.len()).any(|window| window == wanted.as_bytes()))
}

/// The processes for which something holds of their environment and command line.
pub fn processes(holds: impl Fn(&[u8], &[u8]) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let read = |file| std::fs::read(entry.path().join(file)).unwrap_or_default();
        if name.bytes().all(|b| b.is_ascii_digit()) && holds(&read("environ"), &read("cmdline")) {
            found.push(format!("{name} {}", String::from_utf8_lossy(&read("cmdline")).replace('\0', " ")));
        }
    }
    found
}

/// Waits until something is so; fails when it never is.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub fn sh(text: &str) -> Command {
    Command::new("sh").args(["-c", text])
}

/// A command with a child and a grandchild that do not listen, all holding its output open.
fn stubborn() -> Command {
    sh(
        "trap '' TERM; (trap '' TERM; sleep 1000; sleep 1000) & (sleep 1000; sleep 1000) & echo up; sleep 1000; sleep 1000",
    )
}

pub async fn nasty_arguments_arrive(reach: &Reach) {
    let nasty: Vec<OsString> = [
        &b"plain"[..],
        b"",
        b"two words",
        b"'single' \"double\" `tick` $(id) ${HOME} $HOME \\ \\\\ \\n",
        b"line\nbreak\n\n",
        b"* ? [a-z] ~ ! # & ; | < > ( ) { }",
        b"-n",
        b"--",
        b"a=b",
        b"tab\tbell\x07esc\x1b[2J",
        "Grüße 漢字 🚒".as_bytes(),
        b"not utf-8: \xff\xfe\x80\x81",
        b"%s%n%d",
    ]
    .iter()
    .map(|bytes| OsString::from_vec(bytes.to_vec()))
    .collect();
    let all: Vec<u8> = (1..=255).collect();
    let everything = OsString::from_vec(all.clone());
    let command = Command::new("printf").arg("%s\\0").args(nasty.clone()).arg(everything.clone());
    let output = reach.run(command).await.unwrap().ok().unwrap();
    let mut expected: Vec<u8> = nasty.into_iter().flat_map(|word| [word.into_vec(), vec![0]].concat()).collect();
    expected.extend(&all);
    expected.push(0);
    assert_eq!(output.stdout.whole().unwrap(), expected);

    let output = reach.run(sh("printf %s \"$NASTY\"").env("NASTY", everything)).await.unwrap().ok().unwrap();
    assert_eq!(output.stdout.whole().unwrap(), all);
}

pub async fn endings_are_told_apart(reach: &Reach) {
    for code in [0, 1, 42, 255] {
        let output = reach.run(sh(&format!("echo out; echo err >&2; exit {code}"))).await.unwrap();
        assert_eq!(output.ending, Ending::Exited(code));
        assert_eq!(output.stdout.whole().unwrap(), &b"out\n"[..]);
        assert_eq!(output.stderr.whole().unwrap(), &b"err\n"[..]);
        assert!(output.process.pid > 0 && output.process.started > 0);
    }
    assert_eq!(reach.run(sh("kill -9 $$")).await.unwrap().ending, Ending::Signalled(9));
    let error = reach.run(sh("echo 'no \x1b[31mway' >&2; exit 3")).await.unwrap().ok().unwrap_err().to_string();
    assert!(error.contains("failed with exit code 3: no \\x1b[31mway"), "{error}");
    let silent = reach.run(sh("exec 1>&- 2>&-; exit 4")).await.unwrap();
    assert_eq!(silent.ending, Ending::Exited(4));
    assert_eq!(reach.run(sh("read line || exit 9")).await.unwrap().ending, Ending::Exited(9));
    let echoed = reach.run(Command::new("cat").stdin_bytes("in\0put")).await.unwrap();
    assert_eq!(echoed.stdout.whole().unwrap(), &b"in\0put"[..]);
    // A program that does not read its input is no failure of ours.
    assert!(reach.run(sh("exit 0").stdin_bytes(vec![0; 1 << 20])).await.unwrap().is_ok());
}

pub async fn a_deadline_ends_everything(reach: &Reach) {
    let command = stubborn().deadline(Duration::from_secs(2)).grace(Duration::from_millis(500));
    let tag = command.its_tag().clone();
    let (output, ()) = tokio::join!(reach.run(command), until("it runs", || carriers(&tag).len() >= 3));
    let output = output.unwrap();
    assert_eq!(output.ending, Ending::Deadline { after: Duration::from_secs(2), end: FarEnd::Gone });
    assert_eq!(output.stdout.whole().unwrap(), &b"up\n"[..]);
    assert_eq!(carriers(&tag), Vec::<String>::new());
    assert!(output.took < Duration::from_secs(15), "{:?}", output.took);
}

pub async fn cancelling_ends_everything(reach: &Reach) {
    // Whenever it comes: before it was told to start nothing is run, after that it is ended.
    for delay in [0, 2, 5, 10, 20, 40, 80] {
        let token = CancellationToken::new();
        let command = sh("sleep 1000; :").cancelled_by(token.clone());
        let tag = command.its_tag().clone();
        let stop = async {
            tokio::time::sleep(Duration::from_millis(delay)).await;
            token.cancel();
        };
        match tokio::join!(reach.run(command), stop).0 {
            Ok(output) => assert_eq!(output.ending, Ending::Cancelled { end: FarEnd::Gone }),
            Err(error) => assert!(matches!(error, ReachError::Cancelled { .. }), "{error:?}"),
        }
        until("nothing is left of it", || carriers(&tag).is_empty()).await;
    }
    let token = CancellationToken::new();
    let command = sh("(sleep 1000; :) & sleep 1000; :").cancelled_by(token.clone());
    let tag = command.its_tag().clone();
    let stop = async {
        until("it runs", || carriers(&tag).len() >= 3).await;
        token.cancel();
    };
    let (output, ()) = tokio::join!(reach.run(command), stop);
    assert_eq!(output.unwrap().ending, Ending::Cancelled { end: FarEnd::Gone });
    assert_eq!(carriers(&tag), Vec::<String>::new());

    let command = stubborn().grace(Duration::from_millis(200));
    let tag = command.its_tag().clone();
    let running = reach.stream(command).await.unwrap();
    until("it runs", || carriers(&tag).len() >= 3).await;
    drop(running);
    until("dropping ends it", || carriers(&tag).is_empty()).await;
}

/// What this process leaves running when it dies is found by its tag and ended.
pub async fn an_orphan_is_found_and_ended(reach: &Reach, orphan: impl FnOnce(Command)) {
    let command = sh("(sleep 1000; :) & sleep 1000; :");
    let tag = command.its_tag().clone();
    assert_eq!(reach.find(&tag).await.unwrap(), Vec::new());
    orphan(command);
    until("it runs", || carriers(&tag).len() >= 3).await;
    let found = reach.find(&tag).await.unwrap();
    assert!(found.len() >= 3, "{found:?}");
    assert!(found.iter().all(|process| process.id.started > 0), "{found:?}");
    assert!(found.iter().any(|process| process.name == "sleep"), "{found:?}");
    let other = Tag::fresh();
    assert_eq!(reach.end(&other, Duration::from_secs(1)).await.unwrap(), lifeboat::reach::Ended::NothingThere);
    assert!(carriers(&tag).len() >= 3);
    assert_eq!(reach.end(&tag, Duration::from_secs(2)).await.unwrap(), lifeboat::reach::Ended::Asked);
    assert_eq!(carriers(&tag), Vec::<String>::new());
    assert_eq!(reach.find(&tag).await.unwrap(), Vec::new());
}

/// A server that a command started on purpose is not part of the command.
pub async fn a_daemon_is_left_alone(reach: &Reach) {
    let tag = Tag::fresh();
    let output =
        reach.run(sh("setsid sleep 1000 > /dev/null 2>&1 < /dev/null & exit 0").tag(tag.clone())).await.unwrap();
    assert!(output.is_ok());
    until("the daemon runs", || carriers(&tag).iter().any(|line| line.contains("sleep"))).await;
    assert_eq!(reach.find(&tag).await.unwrap(), Vec::new());
    assert_eq!(reach.end(&tag, Duration::from_secs(1)).await.unwrap(), lifeboat::reach::Ended::NothingThere);
    let daemon = carriers(&tag);
    assert_eq!(daemon.len(), 1, "{daemon:?}");
    let pid: i32 = daemon[0].split(' ').next().unwrap().parse().unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), rustix::process::Signal::KILL).unwrap();
}

pub async fn what_stays_in_the_background_does_not_hold_us(reach: &Reach) {
    let start = Instant::now();
    let command = sh("sleep 60 & echo done; exit 5");
    let tag = command.its_tag().clone();
    let output = reach.run(command).await.unwrap();
    assert_eq!((output.ending, output.stdout.whole().unwrap().into_owned()), (Ending::Exited(5), b"done\n".to_vec()));
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    reach.end(&tag, Duration::from_secs(1)).await.unwrap();
    assert_eq!(carriers(&tag), Vec::<String>::new());
}

pub async fn big_streams_arrive_whole(reach: &Reach) {
    let data: Vec<u8> = (0..MANY).map(|i| u8::try_from((i * 2_654_435_761) >> 13 & 255).unwrap()).collect();
    let digest = |bytes: &[u8]| Sha256::digest(bytes).to_vec();
    // Out and in through one command, both at once.
    let start = Instant::now();
    let command = Command::new("cat").stdin_stream(std::io::Cursor::new(data.clone()));
    let mut running = reach.stream(command).await.unwrap();
    let mut stdout = running.take_stdout().unwrap();
    let mut back = Vec::with_capacity(MANY);
    stdout.read_to_end(&mut back).await.unwrap();
    let output = running.wait().await;
    assert!(output.is_ok(), "{:?}", output.ending);
    assert_eq!(back.len(), MANY);
    assert!(digest(&back) == digest(&data), "the bytes differ");
    println!("{}: 50 MiB there and back in {:?}", reach.place(), start.elapsed());
    // And by a writer that is shut down.
    let mut running = reach.stream(Command::new("sha256sum").stdin_pipe()).await.unwrap();
    let mut stdin = running.take_stdin().unwrap();
    stdin.write_all(&data).await.unwrap();
    stdin.shutdown().await.unwrap();
    drop(stdin);
    let output = running.wait().await.ok().unwrap();
    let told = String::from_utf8(output.stdout.whole().unwrap().into_owned()).unwrap();
    assert_eq!(told.split(' ').next().unwrap(), sha256sum(&data));
}

fn sha256sum(data: &[u8]) -> String {
    let mut child =
        std::process::Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(data).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

pub async fn output_is_bounded_and_the_file_has_it_all(reach: &Reach) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("whole.log");
    let command = sh("seq 1 200000; echo 'the password is hunter2hunter2' >&2").keep(1_000).whole_output(&file);
    let output = reach.run(command).await.unwrap().ok().unwrap();
    assert!(output.stdout.whole().is_none() && output.stdout.total() == 1_288_895);
    let shown = output.stdout.shown(&Redactor::new(), 10_000);
    assert!(shown.starts_with("1\n2\n3\n") && shown.ends_with("\n199999\n200000"), "{shown}");
    assert!(shown.contains("[1287895 bytes left out]"), "{shown}");
    let whole = std::fs::read_to_string(&file).unwrap();
    assert_eq!(whole.lines().filter(|line| line.parse::<u32>().is_ok()).count(), 200_000);
    assert!(whole.contains("the password is [***]\n"), "a secret reached the file");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}

pub async fn a_secret_is_seen_by_the_child_only(reach: &Reach) {
    let value = b"correct horse\nbattery 'staple' $x";
    let secret = Secret::new(value.to_vec()).unwrap();
    let command = sh("printf %s \"$PASSWORD\"; read line; :").secret_env("PASSWORD", &secret).stdin_pipe();
    let tag = command.its_tag().clone();
    let mut running = reach.stream(command).await.unwrap();
    let mut read = vec![0; value.len()];
    running.take_stdout().unwrap().read_exact(&mut read).await.unwrap();
    assert_eq!(read, value);
    let holds = |bytes: &[u8]| bytes.windows(value.len()).any(|window| window == value);
    assert_eq!(processes(|_, cmdline| holds(cmdline)), Vec::<String>::new());
    let mark = format!("LIFEBOAT_TAG={tag}@");
    let children = processes(|environ, _| holds(environ) && environ.windows(mark.len()).any(|w| w == mark.as_bytes()));
    assert!(!children.is_empty());
    assert_eq!(processes(|environ, _| holds(environ)), children);
    assert!(running.wait().await.is_ok());
}

/// A source that gives a little and then breaks.
struct Broken(bool);

impl AsyncRead for Broken {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(Err(std::io::Error::other("the store went away")));
        }
        into.put_slice(b"half of it\n");
        Poll::Ready(Ok(()))
    }
}

pub async fn half_an_input_never_looks_like_a_whole_one(reach: &Reach) {
    let command = sh("cat; echo whole").stdin_stream(Broken(false));
    let tag = command.its_tag().clone();
    let output = reach.run(command).await.unwrap();
    assert!(
        matches!(&output.ending, Ending::InputFailed { why, end: FarEnd::Gone } if why.contains("store")),
        "{output:?}"
    );
    assert!(!output.stdout.shown(&Redactor::new(), 100).contains("whole"), "{output:?}");
    assert_eq!(carriers(&tag), Vec::<String>::new());

    let mut running = reach.stream(sh("cat; echo whole").stdin_pipe()).await.unwrap();
    let mut stdin = running.take_stdin().unwrap();
    stdin.write_all(b"half").await.unwrap();
    stdin.flush().await.unwrap();
    drop(stdin);
    let output = running.wait().await;
    assert!(matches!(output.ending, Ending::InputFailed { end: FarEnd::Gone, .. }), "{output:?}");
    assert!(!output.stdout.shown(&Redactor::new(), 100).contains("whole"), "{output:?}");
}
