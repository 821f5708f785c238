//! Where the log ended at earlier questions. So it is known for how long a standby has been behind, on an idle primary
//! as on a busy one, and when the standby itself has fallen silent.

use std::collections::VecDeque;
use std::time::Duration;

/// How many places are remembered; when there are more, every second one is forgotten.
const LONGEST: usize = 256;

/// Where the log ended, and when.
#[derive(Debug, Default)]
pub struct Trail(VecDeque<(Duration, u64)>);

impl Trail {
    /// Notes where the log ends at this moment since boot. One that ends earlier than before is another log.
    pub fn note(&mut self, at: Duration, end: u64) {
        match self.0.back() {
            Some((_, last)) if *last > end => self.0.clear(),
            // While nothing is written nothing has to be remembered.
            Some((_, last)) if *last == end => return,
            _ => {}
        }
        self.0.push_back((at, end));
        if self.0.len() > LONGEST {
            let mut index = 0;
            self.0.retain(|_| {
                index += 1;
                index % 2 == 1 || index > LONGEST
            });
        }
    }

    /// For how long there has been more than `have`; `None` if that cannot be told.
    pub fn behind_for(&self, now: Duration, have: u64) -> Option<Duration> {
        let (_, end) = self.0.back()?;
        if *end <= have {
            return Some(Duration::ZERO);
        }
        // Seen first: it may have been written long before.
        if self.0.front().is_some_and(|(_, first)| *first > have) && self.0.len() == 1 {
            return None;
        }
        let (since, _) = self.0.iter().find(|(_, end)| *end > have)?;
        Some(now.saturating_sub(*since))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn who_has_everything_is_not_behind_however_long_nothing_was_written() {
        let mut trail = Trail::default();
        for second in 0..1_000 {
            trail.note(secs(second), 500);
        }
        assert_eq!(trail.behind_for(secs(10_000), 500), Some(Duration::ZERO));
        assert_eq!(trail.0.len(), 1);
    }

    #[test]
    fn who_stopped_is_behind_since_more_was_written() {
        let mut trail = Trail::default();
        trail.note(secs(0), 500);
        trail.note(secs(100), 600);
        trail.note(secs(200), 700);
        assert_eq!(trail.behind_for(secs(205), 500), Some(secs(105)), "not since it has had nothing to do");
        assert_eq!(trail.behind_for(secs(205), 650), Some(secs(5)));
    }

    #[test]
    fn what_was_never_seen_is_not_guessed() {
        let mut trail = Trail::default();
        assert_eq!(trail.behind_for(secs(1), 5), None);
        trail.note(secs(1), 100);
        assert_eq!(trail.behind_for(secs(2), 50), None);
        trail.note(secs(3), 10);
        assert_eq!(trail.behind_for(secs(3), 10), Some(Duration::ZERO), "after a failover the log is another one");
    }

    proptest! {
        #[test]
        fn it_stays_small_and_in_order(steps in prop::collection::vec((0_u64..5, 0_u64..100), 0..2_000)) {
            let (mut trail, mut at, mut end) = (Trail::default(), 0, 0);
            for (seconds, bytes) in steps {
                at += seconds;
                end += bytes;
                trail.note(secs(at), end);
                prop_assert!(trail.0.len() <= LONGEST + 1);
                prop_assert_eq!(trail.behind_for(secs(at), end), Some(Duration::ZERO));
            }
            prop_assert!(trail.0.iter().is_sorted());
        }
    }
}
