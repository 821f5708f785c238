//! The wall clock may jump. What was noted before moves with it, so that ages stay true and no trigger fires early.

use chrono::{DateTime, TimeDelta, Utc};

use crate::text::Clock;

/// What the two clocks may differ by between two looks.
const SLACK: TimeDelta = TimeDelta::seconds(2);

/// Notices jumps of the wall clock, by the clock that never jumps.
#[derive(Clone, Copy, Debug)]
pub struct Jumps {
    wall: DateTime<Utc>,
    boot: std::time::Duration,
}

impl Jumps {
    /// Begins with the clocks as they are.
    pub fn new(clock: &dyn Clock) -> Jumps {
        Jumps { wall: clock.now(), boot: clock.since_boot() }
    }

    /// By how much the wall clock has jumped since the last look, if it has.
    pub fn look(&mut self, clock: &dyn Clock) -> Option<TimeDelta> {
        let now = Jumps::new(clock);
        let passed = TimeDelta::from_std(now.boot.saturating_sub(self.boot)).unwrap_or_default();
        let jumped = (now.wall - self.wall) - passed;
        *self = now;
        (jumped.abs() > SLACK).then_some(jumped)
    }
}

/// Moves a moment with the clock.
pub(super) fn moved(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    struct Clocks(Mutex<(i64, u64)>);

    impl Clock for Clocks {
        fn now(&self) -> DateTime<Utc> {
            DateTime::from_timestamp(self.0.lock().unwrap().0, 0).unwrap()
        }

        fn since_boot(&self) -> Duration {
            Duration::from_secs(self.0.lock().unwrap().1)
        }
    }

    #[test]
    fn only_what_the_other_clock_does_not_show_is_a_jump() {
        let clocks = Clocks(Mutex::new((1_000, 50)));
        let mut jumps = Jumps::new(&clocks);
        let mut look = |wall, boot| {
            *clocks.0.lock().unwrap() = (wall, boot);
            jumps.look(&clocks).map(|by| by.num_seconds())
        };
        assert_eq!(look(1_001, 51), None);
        assert_eq!(look(4_601, 3_651), None, "an hour of sleep is an hour by both");
        assert_eq!(look(8_202, 3_652), Some(3_600));
        assert_eq!(look(8_203, 3_653), None, "a jump is told once");
        assert_eq!(look(4_604, 3_654), Some(-3_600));
    }
}
