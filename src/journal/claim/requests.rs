//! Drives the requests of those who may block: on a thread of its own, so that no runtime waits for itself.

use std::future::Future;
use std::io;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// A thread that drives requests. It ends when this is dropped, and with it whatever is under way.
pub(super) struct Requests {
    handle: Handle,
    _end: oneshot::Sender<()>,
}

impl Requests {
    pub(super) fn start() -> io::Result<Requests> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        let drive = move || {
            let _ = runtime.block_on(ended);
        };
        std::thread::Builder::new().name("requests".to_owned()).spawn(drive)?;
        Ok(Requests { handle, _end: end })
    }

    /// The answer, waited for here; nothing where it does not come in time. What was asked may be done all the same.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        within: Duration,
        asked: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (tell, told) = sync_channel(1);
        self.handle.spawn(async move {
            if let Ok(answer) = timeout(within, asked).await {
                let _ = tell.send(answer);
            }
        });
        told.recv().ok()
    }
}
