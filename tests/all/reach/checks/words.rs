//! What a command is told and what it tells: arguments, variables, secrets, its own end.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use lifeboat::reach::{Command, Ending, Reach, Secret};
use tokio::io::AsyncReadExt;

use super::{processes, sh};

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
