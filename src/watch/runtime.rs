//! The threads that questions run on.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// A thousand questions every five seconds take a tenth of one core: on a machine of many, a thread for each of them
/// would only hold memory.
const THREADS: usize = 2;

/// What questions run on.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()
}
