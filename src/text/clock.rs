//! The one place where time comes from.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Tells the time. Handed in wherever a decision depends on it, so that tests need not sleep.
pub trait Clock: Send + Sync {
    /// The wall clock: what people read, and what may jump.
    fn now(&self) -> DateTime<Utc>;

    /// Time since boot, suspend included: what never jumps back.
    fn since_boot(&self) -> Duration;
}

/// The clocks of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn since_boot(&self) -> Duration {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
        let nanos = u32::try_from(now.tv_nsec).unwrap_or(0);
        Duration::new(seconds, nanos)
    }
}
