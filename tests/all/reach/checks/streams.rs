//! What goes in and what comes out, however much it is and whoever holds it open.

use std::io::Write;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use lifeboat::reach::{Command, Ending, FarEnd, Reach};
use lifeboat::text::Redactor;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};

use super::{MANY, carriers, sh};

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

/// The command is over at once, and something that it left writes on and on.
pub async fn what_chatters_in_the_background_does_not_hold_us(reach: &Reach) {
    let command = sh("(while :; do echo x; sleep .1; done) & exit 0").deadline(Duration::from_secs(5));
    let tag = command.its_tag().clone();
    let output = tokio::time::timeout(Duration::from_secs(25), reach.run(command)).await;
    let output = output.expect("the deadline is not kept").unwrap();
    // Over a network nobody knows whether what still comes is the command's own.
    let ends = [Ending::Exited(0), Ending::Deadline { after: Duration::from_secs(5), end: FarEnd::Gone }];
    assert!(ends.contains(&output.ending), "{:?}", output.ending);
    assert!(output.stdout.total() < 100, "{:?}", output.stdout);
    reach.end(&tag, Duration::from_secs(1)).await.unwrap();
    assert_eq!(carriers(&tag), Vec::<String>::new());
}

pub async fn big_streams_arrive_whole(reach: &Reach) {
    let data: Vec<u8> = (0..MANY).map(|i| u8::try_from((i * 2_654_435_761) >> 13 & 255).unwrap()).collect();
    let digest = |bytes: &[u8]| Sha256::digest(bytes).to_vec();
    // Out and in through one command, both at once.
    for in_bulk in [false, true] {
        let start = Instant::now();
        let command = Command::new("cat").stdin_stream(std::io::Cursor::new(data.clone()));
        let command = if in_bulk { command.in_bulk() } else { command };
        let mut running = reach.stream(command).await.unwrap();
        let mut stdout = running.take_stdout().unwrap();
        let mut back = Vec::with_capacity(MANY);
        stdout.read_to_end(&mut back).await.unwrap();
        let output = running.wait().await;
        assert!(output.is_ok(), "{:?}", output.ending);
        assert_eq!(back.len(), MANY);
        assert!(digest(&back) == digest(&data), "the bytes differ");
        println!("{}: 50 MiB there and back in {:?} (in bulk: {in_bulk})", reach.place(), start.elapsed());
    }
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
