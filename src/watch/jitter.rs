//! When each is asked: spread, so that components are not all asked at one moment, for ever.

use std::time::Duration;

/// How far an interval may be off to either side.
const SHARE: f64 = 0.1;
/// So few are asked at once at the beginning, for the picture is wanted now.
const FEW: usize = 50;

/// A place between 0 and 1 that a name has in a round.
fn place(name: &str, round: u32) -> f64 {
    let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    let hash = name.bytes().chain(round.to_le_bytes()).fold(0x811c_9dc5, mix);
    // The last bytes have not come to all bits yet.
    let hash = (hash ^ (hash >> 15)).wrapping_mul(0x85eb_ca6b);
    f64::from(hash ^ (hash >> 13)) / f64::from(u32::MAX)
}

/// How long the first question of one among so many waits, as a share of the time it may wait.
pub(super) fn first(name: &str, among: usize) -> f64 {
    if among <= FEW { 0.0 } else { place(name, 0) }
}

/// The interval until the next question of a round: never twice quite the same.
pub(super) fn interval(every: Duration, name: &str, round: u32) -> Duration {
    every.mul_f64(1.0 - SHARE + 2.0 * SHARE * place(name, round))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_differ_by_name_and_round_and_are_right_on_average() {
        let every = Duration::from_secs(10);
        let mut sum = Duration::ZERO;
        for number in 0..200 {
            for round in 1..=50 {
                let next = interval(every, &format!("component-{number}"), round);
                assert!((9.0..=11.0).contains(&next.as_secs_f64()), "{next:?}");
                sum += next;
            }
        }
        let mean = sum.as_secs_f64() / 10_000.0;
        assert!((9.9..10.1).contains(&mean), "{mean}");
        assert_ne!(interval(every, "a", 1), interval(every, "a", 2));
        assert_ne!(interval(every, "a", 1), interval(every, "b", 1));
    }

    #[test]
    fn few_are_asked_at_once_and_many_one_after_the_other() {
        assert!((0..50).all(|number| first(&number.to_string(), 50) < f64::EPSILON));
        let places: Vec<f64> = (0..1_000).map(|number| first(&number.to_string(), 1_000)).collect();
        for tenth in 0..10 {
            let begin = f64::from(tenth) / 10.0;
            let here = places.iter().filter(|place| (begin..begin + 0.1).contains(*place)).count();
            assert!((50..200).contains(&here), "{here} in tenth {tenth}");
        }
    }
}
