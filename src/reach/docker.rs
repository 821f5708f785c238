//! Runs commands in a container through the engine's API, the three streams kept apart.

use std::path::Path;
use std::time::Duration;

use bollard::Docker;
use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures_util::StreamExt;
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::task::JoinHandle;

use super::error::ReachError;
use super::far::Wrapper;
use super::link::{Life, Link};
use crate::text::{Shape, untrusted, with_causes};

/// How much may lie between the engine's stream and whoever reads it.
const BUFFER: usize = 256 * 1024;

/// A container of the local engine.
#[derive(Clone)]
pub struct Container {
    pub(super) docker: Docker,
    pub(super) name: String,
}

/// The stream of a command in a container.
pub(super) struct Exec {
    pump: JoinHandle<()>,
}

impl Container {
    /// Finds the engine (`DOCKER_HOST`, else its usual socket). The container itself is asked on first use.
    pub(super) async fn open(name: &str, limit: Duration) -> Result<Container, ReachError> {
        Container::at(None, name, limit).await
    }

    /// The same, with an engine that listens elsewhere.
    pub async fn at(socket: Option<&Path>, name: &str, limit: Duration) -> Result<Container, ReachError> {
        let proper = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
        if !proper || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            let place = format!("container {}", untrusted(name, Shape::line(80)));
            return Err(ReachError::BadPlace { place, why: "that is no name of a container".to_owned() });
        }
        let answer = async {
            let docker = match socket {
                Some(path) => {
                    let path = path.to_string_lossy();
                    Docker::connect_with_unix(&path, limit.as_secs().max(1), bollard::API_DEFAULT_VERSION)?
                }
                None => Docker::connect_with_defaults()?,
            };
            docker.negotiate_version().await
        };
        let docker = match tokio::time::timeout(limit, answer).await {
            Ok(Ok(docker)) => docker,
            Ok(Err(error)) => return Err(trouble(name, &error)),
            Err(_) => return Err(ReachError::NoAnswer { place: "the container engine".to_owned(), after: limit }),
        };
        Ok(Container { docker, name: name.to_owned() })
    }

    /// Starts the wrapper in the container.
    pub(super) async fn connect(&self, wrapper: &Wrapper) -> Result<Link, ReachError> {
        let cmd = wrapper.argv().iter().map(|word| word.to_string_lossy().into_owned()).collect();
        let options = CreateExecOptions {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(cmd),
            ..CreateExecOptions::<String>::default()
        };
        let failed = |error| trouble(&self.name, &error);
        let exec = self.docker.create_exec(&self.name, options).await.map_err(failed)?;
        let start = StartExecOptions { output_capacity: Some(BUFFER), ..StartExecOptions::default() };
        let StartExecResults::Attached { output, input } =
            self.docker.start_exec(&exec.id, Some(start)).await.map_err(failed)?
        else {
            return Err(refused(&self.name, "the engine did not attach to the command", ENGINE));
        };
        let (stdout, to_stdout) = tokio::io::duplex(BUFFER);
        let (stderr, to_stderr) = tokio::io::duplex(BUFFER);
        let pump = tokio::spawn(pump(output, to_stdout, to_stderr));
        Ok(Link {
            stdin: Some(Box::new(input)),
            stdout: Box::new(stdout),
            stderr: Box::new(stderr),
            life: Life::Exec(Exec { pump }),
        })
    }
}

impl Exec {
    /// Waits until the engine closes the stream. The command's own end is told by the wrapper.
    pub(super) async fn wait(&mut self) {
        let _ = (&mut self.pump).await;
    }

    /// Lets the stream go; the command is ended by its tag.
    pub(super) fn end(&mut self) {
        self.pump.abort();
    }
}

impl Drop for Exec {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

type Frames = std::pin::Pin<Box<dyn futures_util::Stream<Item = Result<LogOutput, bollard::errors::Error>> + Send>>;

async fn pump(mut frames: Frames, mut stdout: DuplexStream, mut stderr: DuplexStream) {
    let mut stdout_open = true;
    while let Some(Ok(frame)) = frames.next().await {
        match frame {
            LogOutput::StdOut { message } if stdout_open => stdout_open = stdout.write_all(&message).await.is_ok(),
            LogOutput::StdOut { .. } | LogOutput::StdIn { .. } => {}
            // What is in no frame is the engine's own word about a command that it could not start.
            LogOutput::StdErr { message } | LogOutput::Console { message } => {
                let _ = stderr.write_all(&message).await;
            }
        }
    }
    let _ = stdout.shutdown().await;
    let _ = stderr.shutdown().await;
}

pub(super) const ENGINE: &str = "`docker info` shows whether the engine runs and whether this user may talk to it.";

/// What the engine's answer means for this container.
pub(super) fn trouble(container: &str, error: &bollard::errors::Error) -> ReachError {
    use bollard::errors::Error;
    match error {
        Error::DockerResponseServerError { status_code: 404, message } if message.contains("No such container") => {
            refused(
                container,
                "there is no container of this name",
                "`docker ps -a` lists what there is; correct the plan.",
            )
        }
        Error::DockerResponseServerError { status_code: 409, message } if message.contains("not running") => {
            refused(container, "it is not running", "Start it, or find out from its log why it stopped.")
        }
        Error::DockerResponseServerError { status_code: 409, message } if message.contains("paused") => {
            refused(container, "it is paused", "`docker unpause` lets it go on.")
        }
        Error::DockerResponseServerError { message, .. } => {
            refused(container, &untrusted(message, Shape::line(400)), "The engine's own log says more.")
        }
        error => refused(
            container,
            &format!("the engine cannot be asked: {}", untrusted(with_causes(error), Shape::line(300))),
            ENGINE,
        ),
    }
}

pub(super) fn refused(container: &str, why: &str, next: &'static str) -> ReachError {
    ReachError::Docker { container: container.to_owned(), why: why.to_owned(), next }
}
