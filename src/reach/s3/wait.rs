//! How long to wait before the next try.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::judge::Then;
use super::settings::Settings;

/// Whoever is asked too often is given this many times the usual wait.
const SLOWER: u32 = 4;

/// The wait after so many tries: twice as long each time, some of it by chance, so that those who failed together do
/// not come back together. `by_chance` lies between nothing and one. What the service asks for is the least.
pub(super) fn wait(settings: &Settings, tries: u32, then: Then, asked: Option<Duration>, by_chance: f64) -> Duration {
    let first = if then == Then::Slower { settings.first_wait * SLOWER } else { settings.first_wait };
    let doubled = first.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(settings.longest_wait);
    let waited = doubled.mul_f64(0.5 + by_chance / 2.0);
    waited.max(asked.unwrap_or_default()).min(settings.longest_wait)
}

/// What the service asks for, in seconds.
pub(super) fn asked(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let settings = Settings::default();
        let waits =
            |then, by_chance| (1..=9).map(move |tries| wait(&Settings::default(), tries, then, None, by_chance));
        let least: Vec<u128> = waits(Then::Again, 0.0).map(|wait| wait.as_millis()).collect();
        assert_eq!(least, [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 15_000]);
        assert_eq!(waits(Then::Again, 1.0).next_back(), Some(settings.longest_wait));
        assert_eq!(waits(Then::Slower, 0.0).next(), Some(Duration::from_millis(400)));
        let asked = |seconds| wait(&settings, 1, Then::Slower, Some(Duration::from_secs(seconds)), 0.3);
        assert_eq!(asked(7), Duration::from_secs(7));
        assert_eq!(asked(86_400), settings.longest_wait);
    }

    proptest! {
        #[test]
        fn no_wait_is_longer_than_the_longest(tries in 0_u32.., chance in 0.0..1.0, asked in 0_u64..) {
            let settings = Settings::default();
            let wait = wait(&settings, tries, Then::Slower, Some(Duration::from_secs(asked)), chance);
            prop_assert!(wait <= settings.longest_wait);
        }
    }
}
