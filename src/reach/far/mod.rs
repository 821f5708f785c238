//! The fixed wrapper that runs a command at a far place, and how we talk with it.
//!
//! Its text is constant. The command's arguments, variables and secrets travel on its standard input;
//! it announces its process on the first line of its output, and tells the exit code on the last line
//! of its error output, so that the end of a command is never confused with the end of a connection.

mod trailer;

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroizing;

pub(super) use trailer::Trailer;

use super::command::Command;
use super::outcome::ProcessId;
use super::tag::{VARIABLE, random_digits};

const RUN: &str = include_str!("run.sh");
/// How much a login shell's own chatter may say before our wrapper's first line.
const CHATTER: usize = 64 * 1024;

/// The script that finds the processes of the tag given as its first argument.
pub(super) const FIND: &str = concat!(include_str!("members.sh"), include_str!("find.sh"));
/// The script that ends them: TERM, so many seconds of grace (second argument), KILL. The third argument, if
/// there is one, is a session that nobody may be left in.
pub(super) const END: &str = concat!(include_str!("members.sh"), include_str!("end.sh"));

/// One conversation with the wrapper.
pub(super) struct Wrapper {
    mark: String,
    argv: Vec<OsString>,
}

impl Wrapper {
    /// A wrapper that will carry this command's tag.
    pub(super) fn new(command: &Command) -> Wrapper {
        let mark = format!("lifeboat:{}", random_digits());
        let tag = format!("{VARIABLE}={}", command.tag.chain());
        let argv = ["env", &tag, "sh", "-c", RUN, "lifeboat", &mark].map(OsString::from).to_vec();
        Wrapper { mark, argv }
    }

    /// What has to be run at the place.
    pub(super) fn argv(&self) -> &[OsString] {
        &self.argv
    }

    /// Watches the error output for the last line.
    pub(super) fn trailer(&self) -> Trailer {
        Trailer::new(&self.mark)
    }

    /// Reads up to the wrapper's first line, and drops what a login shell said before it. `None` if the
    /// output ended without one; the chatter is then what remains to be told.
    pub(super) async fn announced<R: AsyncRead + Unpin>(&self, stdout: &mut R) -> Announced {
        let mark = format!("{} ", self.mark);
        let mut read = Vec::new();
        let mut piece = [0; 4096];
        loop {
            if let Some(at) = find(&read, mark.as_bytes())
                && let Some(length) = read[at..].iter().position(|b| *b == b'\n')
            {
                let process = parse(&read[at + mark.len()..at + length]);
                return Announced { process, rest: read.split_off(at + length + 1) };
            }
            match stdout.read(&mut piece).await {
                Ok(count) if count > 0 && read.len() < CHATTER => read.extend_from_slice(&piece[..count]),
                _ => return Announced { process: None, rest: read },
            }
        }
    }
}

/// The wrapper's first line, and what was read behind it.
pub(super) struct Announced {
    pub(super) process: Option<ProcessId>,
    pub(super) rest: Vec<u8>,
}

fn parse(line: &[u8]) -> Option<ProcessId> {
    let (pid, started) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    Some(ProcessId { pid: pid.parse().ok()?, started: started.trim().parse().ok()? })
}

pub(super) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// What the wrapper reads before the command's own input: how many variables, how many values in all,
/// and each value with its number of lines before it.
pub(super) fn header(command: &Command) -> Zeroizing<Vec<u8>> {
    let length: usize = command.env.iter().map(|(name, value)| name.len() + value.bytes().len() + 24).sum();
    let arguments: usize = command.argv.iter().map(|argument| argument.len() + 24).sum();
    // Sized beforehand: growing would leave a copy of a secret in freed memory.
    let mut header = Zeroizing::new(Vec::with_capacity(length + arguments + 128));
    put(&mut header, &[command.env.len().to_string().as_bytes()]);
    put(&mut header, &[(command.env.len() + command.argv.len()).to_string().as_bytes()]);
    for (name, value) in &command.env {
        put(&mut header, &[name.as_bytes(), b"=", value.bytes()]);
    }
    for argument in &command.argv {
        put(&mut header, &[argument.as_bytes()]);
    }
    put(&mut header, &[b"go"]);
    header
}

fn put(header: &mut Vec<u8>, parts: &[&[u8]]) {
    let lines: usize = 1 + parts.iter().map(|part| part.split(|b| *b == b'\n').count() - 1).sum::<usize>();
    header.extend_from_slice(format!("{lines}\n").as_bytes());
    for part in parts {
        header.extend_from_slice(part);
    }
    header.push(b'\n');
}

/// An argv with another before it.
pub(super) fn behind(prefix: &[String], argv: &[OsString]) -> Vec<OsString> {
    prefix.iter().map(|word| OsString::from_vec(word.clone().into_bytes())).chain(argv.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::Stdio;

    use proptest::prelude::*;

    use super::*;

    /// Runs the wrapper in a real shell, without anything of ours in between.
    fn run(shell: &str, command: &Command, input: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let wrapper = Wrapper::new(command);
        let argv = wrapper.argv();
        let mut child = std::process::Command::new(&argv[0])
            .args([&argv[1], &OsString::from(shell)])
            .args(&argv[3..])
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(&header(command)).unwrap();
        stdin.write_all(input).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let first = output.stdout.iter().position(|b| *b == b'\n').unwrap();
        assert!(output.stdout.starts_with(wrapper.mark.as_bytes()));
        (output.stdout[first + 1..].to_vec(), output.stderr)
    }

    #[test]
    fn every_byte_arrives_in_every_shell() {
        for shell in ["dash", "bash"] {
            for byte in 1..=255_u8 {
                let value = OsString::from_vec(vec![b'a', byte, b'\n', byte, byte]);
                let command = Command::new("env")
                    .args(["sh", "-c", "/usr/bin/printf '%s|%s|' \"$VALUE\" \"$1\"; cat", "x"])
                    .arg(value.clone())
                    .env("VALUE", value.clone())
                    .env("LC_ALL", "C.UTF-8");
                let expected = [value.as_bytes(), b"|", value.as_bytes(), b"|rest\xff"].concat();
                assert_eq!(run(shell, &command, b"rest\xff").0, expected, "{shell} {byte}");
            }
        }
    }

    #[test]
    fn a_cut_header_runs_nothing() {
        let command = Command::new("echo").arg("done");
        let whole = header(&command);
        for length in 0..whole.len() - 1 {
            let mut child = std::process::Command::new("sh")
                .args(["-c", RUN, "lifeboat", "mark"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            child.stdin.take().unwrap().write_all(&whole[..length]).unwrap();
            let output = child.wait_with_output().unwrap();
            assert!(find(&output.stdout, b"done").is_none(), "after {length} bytes");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn arguments_arrive_as_they_are(
            words in proptest::collection::vec(proptest::collection::vec(1_u8..=255, 0..30), 0..6), dash in any::<bool>(),
        ) {
            let words: Vec<OsString> = words.into_iter().map(OsString::from_vec).collect();
            let command = Command::new("printf").args(["%s\\0", "first"]).args(words.clone());
            let (stdout, _) = run(if dash { "dash" } else { "bash" }, &command, b"");
            let mut expected = b"first\0".to_vec();
            for word in &words {
                expected.extend([word.as_bytes(), b"\0"].concat());
            }
            prop_assert_eq!(stdout, expected);
        }
    }
}
