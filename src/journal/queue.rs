//! What waits to be written: bounded, so that a disk that hangs cannot take the memory with it.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::commit::Answer;
use super::draft::Entry;

/// The most events in one write: bounds how long the first of them waits.
const LARGEST_BATCH: usize = 4096;
/// The most bytes in one write, for the same reason; a job that is larger is written alone.
const HEAVIEST_BATCH: usize = 4 << 20;
/// Who would add to more than this waits.
const HEAVIEST_QUEUE: usize = 16 << 20;
/// What a line has besides its subject and body, roughly.
const LINE: usize = 400;

/// Events that are written next to each other and acknowledged together.
pub(super) struct Job {
    pub(super) entries: Vec<Entry>,
    pub(super) answer: oneshot::Sender<Answer>,
    weight: usize,
}

/// From any number of threads to one.
pub(super) struct Queue {
    jobs: Mutex<Jobs>,
    more: Condvar,
    room: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    weight: usize,
    closed: bool,
}

pub(super) struct ClosedWhenDropped<'a>(&'a Queue);

impl Job {
    pub(super) fn new(entries: Vec<Entry>, answer: oneshot::Sender<Answer>) -> Job {
        let weight = entries.iter().map(|entry| LINE + entry.subject.len() + entry.body.len()).sum();
        Job { entries, answer, weight }
    }
}

impl Queue {
    pub(super) fn new() -> Queue {
        Queue { jobs: Mutex::default(), more: Condvar::new(), room: Condvar::new() }
    }

    /// Adds a job, waiting for room; false if nobody takes jobs any more.
    pub(super) fn push(&self, job: Job) -> bool {
        let full = |jobs: &mut Jobs| !jobs.closed && jobs.weight > 0 && jobs.weight + job.weight > HEAVIEST_QUEUE;
        let mut jobs = self.room.wait_while(self.jobs(), full).unwrap_or_else(PoisonError::into_inner);
        if jobs.closed {
            return false;
        }
        jobs.weight += job.weight;
        jobs.waiting.push_back(job);
        drop(jobs);
        self.more.notify_one();
        true
    }

    /// What is to be written together next, waiting for it; nothing once it was closed and all is taken.
    pub(super) fn take(&self) -> Option<Vec<Job>> {
        let none = |jobs: &mut Jobs| !jobs.closed && jobs.waiting.is_empty();
        let mut jobs = self.more.wait_while(self.jobs(), none).unwrap_or_else(PoisonError::into_inner);
        let first = jobs.waiting.pop_front()?;
        let (mut count, mut weight) = (first.entries.len(), first.weight);
        let mut batch = vec![first];
        while let Some(next) = jobs.waiting.front()
            && count + next.entries.len() <= LARGEST_BATCH
            && weight + next.weight <= HEAVIEST_BATCH
            && let Some(next) = jobs.waiting.pop_front()
        {
            count += next.entries.len();
            weight += next.weight;
            batch.push(next);
        }
        jobs.weight -= weight;
        drop(jobs);
        self.room.notify_all();
        Some(batch)
    }

    /// Nothing more is to be added.
    pub(super) fn close(&self) {
        self.jobs().closed = true;
        self.more.notify_all();
        self.room.notify_all();
    }

    pub(super) fn closed_when_dropped(&self) -> ClosedWhenDropped<'_> {
        ClosedWhenDropped(self)
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ClosedWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.close();
        // Their answers would never come.
        self.0.jobs().waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::journal::Kind;

    fn job(events: usize, bytes: usize) -> Job {
        let entry = Entry { kind: Kind::new("a.b"), subject: String::new(), body: "x".repeat(bytes) };
        Job::new(vec![entry; events], oneshot::channel().0)
    }

    fn sizes(queue: &Queue) -> Vec<usize> {
        queue.close();
        std::iter::from_fn(|| queue.take()).map(|batch| batch.iter().map(|job| job.entries.len()).sum()).collect()
    }

    #[test]
    fn a_batch_is_bounded_by_events_and_by_bytes_and_a_larger_job_is_alone() {
        let queue = Queue::new();
        (0..3).for_each(|_| assert!(queue.push(job(2_000, 0))));
        assert!(queue.push(job(5_000, 0)));
        assert_eq!(sizes(&queue), [4_000, 2_000, 5_000]);
        let queue = Queue::new();
        (0..40).for_each(|_| assert!(queue.push(job(1, 256 << 10))));
        assert_eq!(sizes(&queue), [15, 15, 10]);
        assert!(!queue.push(job(1, 0)), "it is closed");
    }

    #[test]
    fn who_adds_to_a_full_queue_waits_for_room() {
        let queue = Queue::new();
        let pushed = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..200 {
                    assert!(queue.push(job(1, 256 << 10)));
                    pushed.fetch_add(1, Ordering::Relaxed);
                }
            });
            let mut taken = 0;
            while taken < 200 {
                // Time for the other to go too far.
                std::thread::sleep(Duration::from_millis(1));
                let ahead = pushed.load(Ordering::Relaxed).saturating_sub(taken);
                assert!(ahead <= 64, "{ahead} jobs of 256 KiB wait");
                taken += queue.take().map_or(0, |batch| batch.len());
            }
        });
    }

    #[test]
    fn nobody_waits_for_a_writer_that_is_gone() {
        let queue = Queue::new();
        assert!(queue.push(job(1, HEAVIEST_QUEUE)));
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| queue.push(job(1, 1)));
            std::thread::sleep(Duration::from_millis(20));
            drop(queue.closed_when_dropped());
            assert!(!waits.join().unwrap());
        });
        assert_eq!(queue.jobs().waiting.len(), 0);
    }
}
