//! Work that may take longer than a question: it goes on beside the questions, and its result is told by the next
//! one that finds it done.

use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

/// Work that is done again and again, never twice at once, and ends with whoever waits for it.
#[derive(Debug)]
pub struct Background<T> {
    running: Option<AbortOnDropHandle<T>>,
    begun: Option<Duration>,
}

impl<T: Send + 'static> Background<T> {
    /// Nothing has been done yet.
    pub fn new() -> Background<T> {
        Background { running: None, begun: None }
    }

    /// Whether it should begin, by the clock that never jumps.
    pub fn is_due(&self, every: Duration, now: Duration) -> bool {
        self.running.is_none() && self.begun.is_none_or(|begun| now.saturating_sub(begun) >= every)
    }

    /// Begins.
    pub fn start(&mut self, now: Duration, work: impl Future<Output = T> + Send + 'static) {
        self.begun = Some(now);
        self.running = Some(AbortOnDropHandle::new(tokio::spawn(work)));
    }

    /// What came of it, if it is done by then.
    pub async fn result(&mut self, patience: Duration) -> Option<T> {
        let running = self.running.as_mut()?;
        let done = tokio::time::timeout(patience, running).await.ok()?;
        self.running = None;
        // Work that broke is begun anew when it is due.
        done.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn slow_work_delays_nobody_and_is_told_when_it_is_done() {
        let mut work = Background::new();
        assert!(work.is_due(SECOND, Duration::ZERO));
        let (tell, told) = tokio::sync::oneshot::channel();
        work.start(Duration::ZERO, async move { told.await.unwrap_or(0) });
        assert_eq!(work.result(Duration::ZERO).await, None);
        assert!(!work.is_due(SECOND, SECOND * 5), "it still runs");
        tell.send(7).unwrap();
        assert_eq!(work.result(SECOND).await, Some(7));
        assert_eq!(work.result(SECOND).await, None);
        assert!(work.is_due(SECOND, SECOND) && !work.is_due(SECOND, SECOND / 2));
    }
}
