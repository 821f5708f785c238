//! How fast bytes may go, how far they are, and the way to call it off.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::text::Size;
use crate::vault::piece::KeepError;

/// How many bytes went by, to be looked at from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// So many so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Somebody else counted so many.
    pub fn reached(&self, bytes: u64) {
        self.0.fetch_max(bytes, Ordering::Relaxed);
    }

    /// The same bytes, each counted as it is read.
    pub fn counted(&self, file: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        Box::new(Counted { file, progress: self.clone() })
    }
}

/// A file whose bytes are counted.
struct Counted {
    file: Box<dyn Read + Send>,
    progress: Progress,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(into)?;
        self.progress.0.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// How bytes may go by.
#[derive(Clone)]
pub struct Pace {
    /// So many a second at most.
    rate: Option<Size>,
    /// Calls it off.
    pub stop: CancellationToken,
    /// How far it is.
    pub progress: Progress,
    /// How long nothing may come before it is taken for stuck.
    pub(super) patience: Duration,
    /// Until when what was taken fills the rate.
    full_until: Arc<Mutex<Option<Instant>>>,
}

/// A checkpoint, a lock or a slow program may keep a source silent for long; a connection that is half open does so for
/// ever.
const PATIENCE: Duration = Duration::from_mins(30);

impl Default for Pace {
    fn default() -> Self {
        Pace {
            rate: None,
            stop: CancellationToken::default(),
            progress: Progress::default(),
            patience: PATIENCE,
            full_until: Arc::default(),
        }
    }
}

impl Pace {
    /// As fast as it goes, until it is called off.
    pub fn until(stop: CancellationToken) -> Pace {
        Pace { stop, ..Pace::default() }
    }

    /// The same pace, called off by this too.
    #[must_use]
    pub fn called_off_by(&self, stop: CancellationToken) -> Pace {
        Pace { stop, ..self.clone() }
    }

    /// Counted here.
    #[must_use]
    pub fn counted_in(self, progress: &Progress) -> Pace {
        Pace { progress: progress.clone(), ..self }
    }

    /// So many bytes a second at most.
    #[must_use]
    pub fn at_most(self, rate: Option<Size>) -> Pace {
        Pace { rate: rate.filter(|rate| rate.0 > 0), ..self }
    }

    /// How many bytes a second at most.
    pub fn rate(&self) -> Option<Size> {
        self.rate
    }

    /// Counts what was taken, and waits where it was too much.
    pub(super) async fn took(&self, bytes: usize) -> Result<(), KeepError> {
        self.progress.0.fetch_add(bytes as u64, Ordering::Relaxed);
        let Some(rate) = self.rate else { return Ok(()) };
        let lasts = Duration::from_micros((bytes as u64).saturating_mul(1_000_000) / rate.0);
        let now = Instant::now();
        let mut full_until = self.full_until.lock().await;
        let until = full_until.map_or(now, |until| until.max(now)) + lasts;
        *full_until = Some(until);
        drop(full_until);
        tokio::select! {
            () = self.stop.cancelled() => Err(KeepError::CalledOff),
            () = tokio::time::sleep_until(until) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_rate_is_kept() {
        let pace = Pace::default().at_most(Some(Size(1_000_000)));
        let begun = Instant::now();
        for _ in 0..10 {
            pace.took(30_000).await.unwrap();
        }
        let took = begun.elapsed();
        assert!(took.as_millis() >= 290, "{took:?}");
        assert_eq!(pace.progress.bytes(), 300_000);
    }
}
