//! What can be done to a container as a whole: start, stop, restart, look, read its log, copy files.

use std::io::Cursor;
use std::time::Duration;

use bollard::body_try_stream;
use bollard::container::LogOutput;
use bollard::models::ContainerInspectResponse;
use bollard::query_parameters as query;
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, TryStreamExt};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::io::{ReaderStream, StreamReader};

use super::capture::Captured;
use super::docker::{Container, refused, trouble};
use super::error::ReachError;
use super::exactly::Exactly;
use super::tar;

/// A file may take as long as it takes; what breaks the transfer is a broken connection.
const TRANSFER: Duration = Duration::from_hours(24);

/// What the engine says about a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerState {
    /// The engine's word: `running`, `exited`, `paused`, `restarting`, `created`, `dead`.
    pub status: String,
    /// Whether it runs and is not frozen.
    pub running: bool,
    /// The exit code of its last run, when it is not running.
    pub exit_code: Option<i64>,
    /// Whether the kernel killed it for want of memory.
    pub out_of_memory: bool,
    /// When it was last started, as the engine writes it.
    pub started_at: Option<String>,
    /// Its own health check's word, if it has one.
    pub health: Option<String>,
    /// How often the engine restarted it since it was made.
    pub restarts: u64,
    /// The image it was made from.
    pub image: String,
}

/// Whose a copied file is, and who may read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMeta {
    /// Permission bits.
    pub mode: u32,
    /// Owner, as numbered in the container.
    pub uid: u32,
    /// Group, as numbered in the container.
    pub gid: u32,
}

impl ContainerState {
    fn of(answer: ContainerInspectResponse) -> ContainerState {
        let image = answer.config.and_then(|config| config.image).or(answer.image).unwrap_or_default();
        let restarts = answer.restart_count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
        let state = answer.state.unwrap_or_default();
        let status = state.status.map(|status| status.to_string()).unwrap_or_default();
        let running = status == "running";
        ContainerState {
            running,
            exit_code: state.exit_code.filter(|_| !running),
            out_of_memory: state.oom_killed.unwrap_or(false),
            started_at: state.started_at,
            health: state.health.and_then(|health| health.status).map(|status| status.to_string()),
            status,
            restarts,
            image,
        }
    }
}

impl Container {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the engine says about it now.
    pub async fn state(&self) -> Result<ContainerState, ReachError> {
        let answer = self.docker.inspect_container(&self.name, None).await.map_err(|error| self.failed(&error))?;
        Ok(ContainerState::of(answer))
    }

    /// The same, and nothing where there is no container of this name.
    pub async fn find(&self) -> Result<Option<ContainerState>, ReachError> {
        match self.docker.inspect_container(&self.name, None).await {
            Ok(answer) => Ok(Some(ContainerState::of(answer))),
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Starts it. One that runs already is left alone.
    pub async fn start(&self) -> Result<(), ReachError> {
        self.docker.start_container(&self.name, None).await.map_err(|error| self.failed(&error))
    }

    /// Stops it, killing it after the grace. One that is stopped already is left alone.
    pub async fn stop(&self, grace: Duration) -> Result<(), ReachError> {
        let options = query::StopContainerOptionsBuilder::default().t(seconds(grace)).build();
        self.patient(grace).stop_container(&self.name, Some(options)).await.map_err(|error| self.failed(&error))
    }

    /// Stops it and starts it again.
    pub async fn restart(&self, grace: Duration) -> Result<(), ReachError> {
        let options = query::RestartContainerOptionsBuilder::default().t(seconds(grace)).build();
        self.patient(grace).restart_container(&self.name, Some(options)).await.map_err(|error| self.failed(&error))
    }

    /// The last lines of its log: standard output and error output.
    pub async fn logs(&self, last_lines: u32, keep: usize) -> Result<(Captured, Captured), ReachError> {
        let options = query::LogsOptionsBuilder::default().stdout(true).stderr(true).tail(&last_lines.to_string());
        self.read_logs(options.build(), keep).await
    }

    /// The last lines that were written since a moment, each with its own before it.
    pub async fn logs_since(
        &self,
        last_lines: u32,
        since: Option<DateTime<Utc>>,
        keep: usize,
    ) -> Result<(Captured, Captured), ReachError> {
        let options = query::LogsOptionsBuilder::default().stdout(true).stderr(true).timestamps(true);
        let since = since.map_or(0, |since| i32::try_from(since.timestamp()).unwrap_or(i32::MAX));
        self.read_logs(options.tail(&last_lines.to_string()).since(since).build(), keep).await
    }

    async fn read_logs(&self, options: query::LogsOptions, keep: usize) -> Result<(Captured, Captured), ReachError> {
        let (mut stdout, mut stderr) = (Captured::new(keep), Captured::new(keep));
        let mut frames = self.docker.logs(&self.name, Some(options));
        while let Some(frame) = frames.next().await {
            match frame.map_err(|error| self.failed(&error))? {
                LogOutput::StdErr { message } => stderr.push(&message),
                other => stdout.push(&other.into_bytes()),
            }
        }
        Ok((stdout, stderr))
    }

    /// Writes one file of exactly `size` bytes, also into a container that is stopped. The engine replaces
    /// a file of that name; `path` is absolute.
    pub async fn copy_in(
        &self,
        path: &str,
        meta: FileMeta,
        size: u64,
        content: impl AsyncRead + Send + Unpin + 'static,
    ) -> Result<(), ReachError> {
        let split = path.rsplit_once('/').filter(|(_, name)| path.starts_with('/') && !name.is_empty());
        let header = split.and_then(|(folder, name)| Some((folder, tar::header(name, size, &meta)?)));
        let Some((folder, header)) = header else {
            return Err(self.refused(&format!("{path} is no absolute path of a file"), "Correct the path in the plan."));
        };
        let archive = Cursor::new(header).chain(Exactly::all_of(content, size)).chain(Cursor::new(tar::padding(size)));
        self.archive_in(if folder.is_empty() { "/" } else { folder }, archive).await
    }

    /// Reads one file, also from a container that is stopped: its size, whose it is, and its bytes.
    pub async fn copy_out(
        &self,
        path: &str,
    ) -> Result<(u64, FileMeta, impl AsyncRead + Send + Unpin + use<>), ReachError> {
        let mut archive = self.archive_out(path);
        match tar::open(&mut archive).await {
            Ok((size, meta)) => Ok((size, meta, Exactly::first_of(archive, size))),
            Err(error) => {
                let why = format!("{path} cannot be copied out: {error}");
                Err(self.refused(
                    &crate::text::untrusted(why, crate::text::Shape::line(300)),
                    "Check the path in the container.",
                ))
            }
        }
    }

    /// A file or folder as the engine gives it: a tar archive.
    pub fn archive_out(&self, path: &str) -> impl AsyncRead + Send + Unpin + use<> {
        let options = query::DownloadFromContainerOptionsBuilder::default().path(path).build();
        let body = self.docker.download_from_container(&self.name, Some(options));
        Box::pin(StreamReader::new(body.map_err(std::io::Error::other)))
    }

    /// Unpacks a tar archive in a folder of the container.
    pub async fn archive_in(&self, folder: &str, archive: impl AsyncRead + Send + 'static) -> Result<(), ReachError> {
        let options = query::UploadToContainerOptionsBuilder::default().path(folder).build();
        let body = body_try_stream(ReaderStream::with_capacity(archive, 256 * 1024));
        let docker = self.docker.clone().with_timeout(TRANSFER);
        docker.upload_to_container(&self.name, Some(options), body).await.map_err(|error| self.failed(&error))
    }

    fn patient(&self, grace: Duration) -> bollard::Docker {
        self.docker.clone().with_timeout(grace + Duration::from_mins(1))
    }

    fn failed(&self, error: &bollard::errors::Error) -> ReachError {
        trouble(&self.name, error)
    }

    fn refused(&self, why: &str, next: &'static str) -> ReachError {
        refused(&self.name, why, next)
    }
}

fn seconds(grace: Duration) -> i32 {
    i32::try_from(grace.as_secs()).unwrap_or(i32::MAX)
}
