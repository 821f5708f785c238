//! Gets a command going at a place: opens the way, talks with the wrapper, and sets the watch.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::Way;
use super::capture::{Captured, Recorder, WholeFile};
use super::command::{Command, Stdin};
use super::drawn::drawn;
use super::error::ReachError;
use super::far::{Wrapper, behind, header};
use super::group;
use super::input::{BrokenInput, Input};
use super::link::{Life, Link, Writer};
use super::outcome::{Ending, Output, ProcessId};
use super::running::{Running, Watch, feed, record_errors};
use super::ssh::Ssh;
use super::ssh_trouble::SshTrouble;
use super::stdout::{Linger, Over, Patience, Stdout};
use super::{Reach, tag};
use crate::text::Redactor;

/// Turns itself into the command: the same process, with its tag and session in the environment.
const HERE: &str = r#"lifeboat_chain=
for lifeboat_tag in $1; do lifeboat_chain="$lifeboat_chain${lifeboat_tag%%[@;]*}@$$; "; done
LIFEBOAT_TAG=$lifeboat_chain
export LIFEBOAT_TAG
shift
exec "$@""#;
/// How long an output may be silent, and be waited for in all, after its command is over: a pipe holds
/// everything already, over a network it may still be on its way.
const NEAR: Patience = Patience { silent: Duration::from_millis(300), in_all: Duration::from_secs(3) };
const FAR: Patience = Patience { silent: Duration::from_secs(3), in_all: Duration::from_secs(30) };

struct Started {
    link: Link,
    first: Vec<u8>,
    process: ProcessId,
}

impl Reach {
    pub(super) async fn start(&self, mut command: Command) -> Result<Running, ReachError> {
        command.check()?;
        let since = Instant::now();
        let whole = match &command.whole {
            Some(path) => {
                let failed = |source| ReachError::File { path: path.clone(), source };
                Some(WholeFile::open(path).map_err(failed)?)
            }
            None => None,
        };
        let far = !matches!(*self.way, Way::Here);
        let wrapper = far.then(|| Wrapper::new(&command));
        let cancel = command.cancel.child_token();
        let mut started = tokio::select! {
            started = self.open_way(&command, wrapper.as_ref()) => started?,
            () = cancel.cancelled() => {
                return Err(ReachError::Cancelled { place: self.place.clone(), command: self.line(&command) });
            }
        };
        let over = Over::default();
        let deadline = command.deadline.map(|deadline| (deadline, since + deadline));
        let linger = Linger { open: FAR, closed: NEAR, until: deadline.map(|(_, at)| at) };
        let (stdout, stdout_ended) = Stdout::new(started.first, started.link.stdout, &over, linger);
        let (stderr, _) = Stdout::new(Vec::new(), started.link.stderr, &over, linger);
        let (tell, told) = oneshot::channel();
        let recorder = Recorder::new(command.keep, whole.as_ref(), &self.redactor);
        let errors = tokio::spawn(record_errors(stderr, wrapper.map(|wrapper| wrapper.trailer()), recorder, tell));
        let (stdin, input_failed) = give(&mut command, started.link.stdin.take());
        let watch = Watch {
            reach: self.clone(),
            tag: command.tag.clone(),
            life: started.link.life,
            far,
            errors,
            told,
            input_failed,
            stdout_ended,
            over,
            cancel: cancel.clone(),
            deadline,
            grace: command.grace,
            hunts: command.hunts,
            alone: command.alone,
        };
        Ok(Running {
            stdin,
            stdout: Some(stdout),
            watch: tokio::spawn(watch.run()),
            guard: cancel.clone().drop_guard(),
            cancel,
            whole,
            keep: command.keep,
            output: self.output(&command, started.process),
            since,
        })
    }

    fn output(&self, command: &Command, process: ProcessId) -> Output {
        Output {
            ending: Ending::Lost,
            stdout: Captured::default(),
            stderr: Captured::default(),
            process,
            tag: command.tag.clone(),
            took: Duration::ZERO,
            file_trouble: None,
            place: self.place.clone(),
            line: command.line(),
            redactor: self.redactor.clone(),
        }
    }

    fn line(&self, command: &Command) -> String {
        self.redactor.redact(&command.line()).into_owned()
    }

    async fn open_way(&self, command: &Command, wrapper: Option<&Wrapper>) -> Result<Started, ReachError> {
        let Some(wrapper) = wrapper else {
            let link = here(command, &self.redactor)?;
            let process = link.life.id();
            return Ok(Started { link, first: Vec::new(), process });
        };
        let limit = command.deadline.map_or(self.patience, |deadline| deadline.min(self.patience));
        let late = |_| ReachError::NoAnswer { place: self.place.clone(), after: limit };
        timeout(limit, self.start_wrapper(command, wrapper)).await.map_err(late)?
    }

    async fn start_wrapper(&self, command: &Command, wrapper: &Wrapper) -> Result<Started, ReachError> {
        let mut link = match &*self.way {
            Way::Here => here(command, &self.redactor)?,
            Way::Ssh(ssh) => ssh.connect(wrapper, &self.redactor)?,
            Way::Docker(container) => container.connect(wrapper).await?,
            Way::Prefix(prefix) => {
                piped(command, group::spawn(&behind(prefix, wrapper.argv()), true, &self.redactor, |_| {})?)?
            }
        };
        let announced = wrapper.announced(&mut link.stdout).await;
        // Only what has announced itself is told what to run. So whatever goes wrong before, nothing was
        // run; and a wrapper that is not told to the end runs nothing either.
        let told = match &mut link.stdin {
            Some(stdin) if announced.process.is_some() => {
                stdin.write_all(&header(command)).await.is_ok() && stdin.flush().await.is_ok()
            }
            _ => false,
        };
        match announced.process {
            Some(process) if told => Ok(Started { link, first: announced.rest, process }),
            _ => Err(self.not_started(command, link, &announced.rest).await),
        }
    }

    /// Says as well as possible why the wrapper did not come up.
    async fn not_started(&self, command: &Command, mut link: Link, chatter: &[u8]) -> ReachError {
        let mut said = Captured::new(8 * 1024);
        said.push(chatter);
        let mut piece = [0; 4096];
        while let Ok(Ok(count @ 1..)) = timeout(Duration::from_secs(1), link.stderr.read(&mut piece)).await {
            said.push(&piece[..count]);
        }
        let ending = timeout(Duration::from_secs(1), link.life.wait()).await;
        if let Way::Ssh(ssh) = &*self.way
            && matches!(ending, Ok(Ending::Exited(255)) | Err(_))
        {
            return self.ssh_trouble(ssh, said).await;
        }
        let said = said.last_words(&self.redactor);
        ReachError::NotStarted { place: self.place.clone(), command: self.line(command), said }
    }

    async fn ssh_trouble(&self, ssh: &Ssh, mut said: Captured) -> ReachError {
        let mut trouble = SshTrouble::from_words(&said.text());
        if matches!(trouble, SshTrouble::Broken | SshTrouble::Other)
            && let Some(more) = ssh.words(&self.redactor).await
        {
            trouble = SshTrouble::from_words(&more.text());
            said = more;
        }
        ReachError::Ssh { host: ssh.host.clone(), trouble, said: said.last_words(&self.redactor) }
    }
}

/// Starts the command itself on this machine.
fn here(command: &Command, redactor: &Redactor) -> Result<Link, ReachError> {
    let path = command.env.iter().rev().find(|(name, _)| name == "PATH").map(|(_, value)| value.bytes());
    let program = group::program(&command.argv[0], path.map(OsStr::from_bytes))?;
    let mut argv = ["sh", "-c", HERE, "lifeboat", &command.tag.chain()].map(std::ffi::OsString::from).to_vec();
    argv.push(program.into_os_string());
    argv.extend(command.argv[1..].iter().cloned());
    let reads = !matches!(command.stdin, Stdin::Nothing);
    let spawned = group::spawn(&argv, reads, redactor, |child| {
        child.env_remove(tag::VARIABLE);
        for (name, value) in &command.env {
            child.env(name, OsStr::from_bytes(value.bytes()));
        }
    })?;
    piped(command, spawned)
}

fn piped(command: &Command, (group, ends): (group::Group, group::Ends)) -> Result<Link, ReachError> {
    let failed = |source| ReachError::Spawn { program: command.argv[0].to_string_lossy().into_owned(), source };
    Ok(Link {
        stdin: ends.stdin.map(|stdin| Box::new(stdin) as Writer),
        stdout: if command.bulk { drawn(ends.stdout).map_err(failed)? } else { Box::new(ends.stdout) },
        stderr: Box::new(ends.stderr),
        life: Life::Process(group),
    })
}

/// Gives the command its input, or the writer back if somebody else will.
fn give(command: &mut Command, stdin: Option<Writer>) -> (Option<Input>, oneshot::Receiver<BrokenInput>) {
    let (broken, receiver) = oneshot::channel();
    let Some(stdin) = stdin else { return (None, receiver) };
    let mut stdin = Input::new(stdin, broken);
    match std::mem::replace(&mut command.stdin, Stdin::Nothing) {
        Stdin::Pipe => return (Some(stdin), receiver),
        Stdin::Nothing => {
            tokio::spawn(async move { stdin.shutdown().await });
        }
        Stdin::Bytes(bytes) => {
            tokio::spawn(feed(Box::new(std::io::Cursor::new(bytes)), stdin));
        }
        Stdin::Stream(stream) => {
            let stream = stream.into_inner().unwrap_or_else(PoisonError::into_inner);
            tokio::spawn(feed(stream, stdin));
        }
    }
    (None, receiver)
}
