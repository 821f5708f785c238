//! How often something happened lately, from a counter that is read now and then: what happens in a moment must be
//! seen for as long as a trigger has to hold, and by whoever looks a little later.

use std::collections::VecDeque;
use std::time::Duration;

/// For how long it counts.
const WINDOW: Duration = Duration::from_mins(10);

/// The steps of a counter within the last ten minutes.
#[derive(Debug, Default)]
pub struct Lately {
    before: Option<u64>,
    steps: VecDeque<(Duration, u64)>,
}

impl Lately {
    /// Takes in what the counter shows, and returns by how much it grew within ten minutes. One that begins anew
    /// counts from zero.
    pub fn note(&mut self, count: u64, now: Duration) -> u64 {
        let step = match self.before.replace(count) {
            Some(before) if count >= before => count - before,
            Some(_) => count,
            None => 0,
        };
        if step > 0 {
            self.steps.push_back((now, step));
        }
        self.steps.retain(|(at, _)| now.saturating_sub(*at) < WINDOW);
        self.steps.iter().map(|(_, step)| *step).fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_ten_minutes_count() {
        let mut lately = Lately::default();
        let at = |minutes| Duration::from_mins(minutes);
        assert_eq!(lately.note(40, at(0)), 0, "what was before is not lately");
        assert_eq!(lately.note(42, at(1)), 2);
        assert_eq!(lately.note(43, at(5)), 3);
        assert_eq!(lately.note(1, at(6)), 4, "it began anew");
        assert_eq!(lately.note(1, at(12)), 2);
        assert_eq!(lately.note(1, at(30)), 0);
    }
}
