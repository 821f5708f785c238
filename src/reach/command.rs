//! What is to run: an argv, its environment, what it reads, and how long it may take.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncRead;
use tokio_util::sync::CancellationToken;

use super::error::ReachError;
use super::link::Reader;
use super::quote::quote_all;
use super::secret::Secret;
use super::tag::Tag;
use crate::text::{Shape, untrusted};

const KEEP: usize = 256 * 1024;
const GRACE: Duration = Duration::from_secs(5);

/// A command for any place. Never a shell's text: each argument arrives as it is, whatever is in it.
pub struct Command {
    pub(super) argv: Vec<OsString>,
    pub(super) env: Vec<(String, Value)>,
    pub(super) stdin: Stdin,
    pub(super) deadline: Option<Duration>,
    pub(super) grace: Duration,
    pub(super) keep: usize,
    pub(super) whole: Option<PathBuf>,
    pub(super) tag: Tag,
    pub(super) cancel: CancellationToken,
    /// A script of ours that looks for others: should it hang, it is not looked for by one that hangs too.
    pub(super) hunts: bool,
    /// Whether nothing of it goes on when it has ended.
    pub(super) alone: bool,
    /// Whether it writes much.
    pub(super) bulk: bool,
}

/// The value of a variable.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Plain(OsString),
    Hidden(Secret),
}

/// What a command reads.
pub(super) enum Stdin {
    Nothing,
    Bytes(Bytes),
    /// Behind a lock only so that a command may be shared between threads.
    Stream(Mutex<Reader>),
    Pipe,
}

impl Command {
    /// A command without arguments that reads nothing and has all the time in the world.
    pub fn new(program: impl Into<OsString>) -> Command {
        Command {
            argv: vec![program.into()],
            env: Vec::new(),
            stdin: Stdin::Nothing,
            deadline: None,
            grace: GRACE,
            keep: KEEP,
            whole: None,
            tag: Tag::fresh(),
            cancel: CancellationToken::new(),
            hunts: false,
            alone: false,
            bulk: false,
        }
    }

    /// Ends what the command leaves behind in its group, where it runs on this machine.
    #[must_use]
    pub fn leaving_nothing(mut self) -> Command {
        self.alone = true;
        self
    }

    /// It writes much: what it writes on this machine is taken in large pieces.
    #[must_use]
    pub fn in_bulk(mut self) -> Command {
        self.bulk = true;
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Command {
        self.argv.push(argument.into());
        self
    }

    /// Adds several arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Command {
        self.argv.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets a variable of the command's environment.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<OsString>) -> Command {
        self.env.push((name.into(), Value::Plain(value.into())));
        self
    }

    /// Sets a variable to a secret. At a far place it travels on the standard input of our wrapper.
    #[must_use]
    pub fn secret_env(mut self, name: impl Into<String>, secret: &Secret) -> Command {
        self.env.push((name.into(), Value::Hidden(secret.clone())));
        self
    }

    /// Gives the command these bytes to read.
    #[must_use]
    pub fn stdin_bytes(mut self, bytes: impl Into<Bytes>) -> Command {
        self.stdin = Stdin::Bytes(bytes.into());
        self
    }

    /// Gives the command a stream to read. If the stream fails, the command is ended: half an input must
    /// never look like a whole one.
    #[must_use]
    pub fn stdin_stream(mut self, stream: impl AsyncRead + Send + Unpin + 'static) -> Command {
        self.stdin = Stdin::Stream(Mutex::new(Box::new(stream)));
        self
    }

    /// Leaves the input to be written through [`super::Running::take_stdin`].
    #[must_use]
    pub fn stdin_pipe(mut self) -> Command {
        self.stdin = Stdin::Pipe;
        self
    }

    /// Ends the command, here and at its far end, when it takes longer than this.
    #[must_use]
    pub fn deadline(mut self, deadline: impl Into<Duration>) -> Command {
        self.deadline = Some(deadline.into());
        self
    }

    /// How long the command may take to end by itself after it was told to (5 s if not set).
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Command {
        self.grace = grace;
        self
    }

    /// How many bytes of each output are kept in memory, half of them from the end (256 KiB if not set).
    #[must_use]
    pub fn keep(mut self, bytes: usize) -> Command {
        self.keep = bytes;
        self
    }

    /// Appends everything the command says to this file, without secrets.
    #[must_use]
    pub fn whole_output(mut self, path: impl Into<PathBuf>) -> Command {
        self.whole = Some(path.into());
        self
    }

    /// Gives the command a tag that was written down before.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Command {
        self.tag = tag;
        self
    }

    /// Ends the command, here and at its far end, when this token is cancelled.
    #[must_use]
    pub fn cancelled_by(mut self, token: CancellationToken) -> Command {
        self.cancel = token;
        self
    }

    /// The tag by which the command can be found again.
    pub fn its_tag(&self) -> &Tag {
        &self.tag
    }

    /// The command as a line that could be pasted into a shell; for previews and messages.
    pub fn line(&self) -> String {
        untrusted(quote_all(&self.argv), Shape::line(1_000))
    }

    /// Refuses what no system could run, before anything is started.
    pub(super) fn check(&self) -> Result<(), ReachError> {
        let refuse = |why: &str| Err(ReachError::BadCommand { command: self.line(), why: why.to_owned() });
        let nul = |text: &OsStr| text.as_bytes().contains(&0);
        let program = self.argv[0].as_bytes();
        if program.is_empty() || program.starts_with(b"-") {
            return refuse("a program's name can neither be empty nor begin with a dash");
        }
        if self.argv.iter().any(|argument| nul(argument)) {
            return refuse("an argument holds a NUL byte");
        }
        for (name, value) in &self.env {
            let first = name.bytes().next();
            let proper = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !proper || first.is_none_or(|b| b.is_ascii_digit()) {
                return refuse("the name of a variable may hold letters, digits and _ only");
            }
            if value.bytes().contains(&0) {
                return refuse("the value of a variable holds a NUL byte");
            }
        }
        Ok(())
    }
}

impl Value {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Value::Plain(text) => text.as_bytes(),
            Value::Hidden(secret) => secret.expose(),
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command").field("line", &self.line()).field("tag", &self.tag).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_shown_as_a_line_to_copy_without_its_secrets() {
        let secret = Secret::new(b"hunter2hunter2".to_vec()).unwrap();
        let command = Command::new("psql").args(["-c", "select 'x'"]).secret_env("PGPASSWORD", &secret);
        assert_eq!(command.line(), r"psql -c 'select '\''x'\'''");
        assert!(!format!("{command:?}").contains("hunter2"));
    }

    #[test]
    fn what_cannot_run_is_refused_before() {
        for command in [
            Command::new(""),
            Command::new("-rf"),
            Command::new("echo").arg("a\0b"),
            Command::new("echo").env("A B", "x"),
            Command::new("echo").env("1A", "x"),
            Command::new("echo").env("", "x"),
            Command::new("echo").env("A", "x\0"),
        ] {
            assert!(command.check().is_err(), "{command:?}");
        }
    }
}
