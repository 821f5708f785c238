//! The time of whoever sent us: what is taken elsewhere is dated as if it were taken there.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::text::{Clock, SystemClock};

/// A clock that shows what another one shows.
pub struct FarClock(TimeDelta);

impl FarClock {
    /// The one that shows this now.
    pub fn showing(now: DateTime<Utc>) -> FarClock {
        FarClock(now - SystemClock.now())
    }
}

impl Clock for FarClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + self.0
    }

    fn since_boot(&self) -> Duration {
        SystemClock.since_boot()
    }
}
