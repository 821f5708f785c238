//! Looking at file systems of this machine. One whose disk or server is gone holds the thread that asks it, for ever.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Lets one look happen at a time: while one hangs no other begins, and who waits for it gives up when its own time
/// is over. So a disk that hangs holds one thread, not one more with every question.
#[derive(Clone, Debug)]
pub struct OneLook(Arc<Semaphore>);

impl OneLook {
    /// Nobody looks yet.
    pub fn new() -> OneLook {
        OneLook(Arc::new(Semaphore::new(1)))
    }

    /// Looks, on a thread of its own. Nothing comes of a look that broke.
    pub async fn take<T: Send + 'static>(&self, look: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let turn = Arc::clone(&self.0).acquire_owned().await.ok()?;
        let looking = tokio::task::spawn_blocking(move || {
            let seen = look();
            drop(turn);
            seen
        });
        looking.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn while_one_hangs_no_other_begins() {
        let (looks, begun) = (OneLook::new(), Arc::new(AtomicUsize::new(0)));
        let (release, released) = mpsc::channel::<()>();
        let hangs = {
            let begun = Arc::clone(&begun);
            looks.take(move || {
                begun.fetch_add(1, Ordering::SeqCst);
                released.recv().is_err()
            })
        };
        let short = Duration::from_millis(20);
        assert!(tokio::time::timeout(short, hangs).await.is_err());
        for _ in 0..5 {
            let begun = Arc::clone(&begun);
            let next = looks.take(move || begun.fetch_add(1, Ordering::SeqCst));
            assert!(tokio::time::timeout(short, next).await.is_err(), "the first still hangs");
        }
        assert_eq!(begun.load(Ordering::SeqCst), 1);
        drop(release);
        assert_eq!(looks.take(|| 7).await, Some(7));
    }
}
