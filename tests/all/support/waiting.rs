//! Waiting for what others do.

use std::time::{Duration, Instant};

/// Waits until it is so, and fails where it is not so for a minute.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_mins(1), "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
