//! A running command as every kind of place gives it: three streams and a life to wait for or to end.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use super::docker::Exec;
use super::group::Group;
use super::outcome::{Ending, FarEnd, ProcessId};

pub(super) type Reader = Box<dyn AsyncRead + Send + Unpin>;
pub(super) type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// The near end of a running command.
pub(super) struct Link {
    pub(super) stdin: Option<Writer>,
    pub(super) stdout: Reader,
    pub(super) stderr: Reader,
    pub(super) life: Life,
}

/// What carries the command on our side.
pub(super) enum Life {
    /// A process: the command itself, ssh, or the plan's prefix.
    Process(Group),
    /// A stream from the container engine.
    Exec(Exec),
}

impl Life {
    pub(super) fn id(&self) -> ProcessId {
        match self {
            Life::Process(group) => group.id(),
            Life::Exec(_) => ProcessId { pid: 0, started: 0 },
        }
    }

    pub(super) async fn wait(&mut self) -> Ending {
        match self {
            Life::Process(group) => group.wait().await.unwrap_or(Ending::Lost),
            Life::Exec(exec) => {
                exec.wait().await;
                Ending::Lost
            }
        }
    }

    pub(super) async fn end(&mut self, grace: Duration) -> FarEnd {
        match self {
            Life::Process(group) => group.end(grace).await,
            Life::Exec(exec) => {
                exec.end();
                FarEnd::Gone
            }
        }
    }
}
