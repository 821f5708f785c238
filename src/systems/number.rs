//! Between counts and measures.

/// A count as a measure.
#[expect(clippy::cast_precision_loss, reason = "beyond 2^53 nobody counts to the last one")]
pub fn real(count: u64) -> f64 {
    count as f64
}

/// A measure as a count; what is below zero is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast stops at both ends")]
pub fn whole(measure: f64) -> u64 {
    measure.max(0.0) as u64
}

/// How much of a hundred a part is; all of it where there is no whole.
pub fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 100.0 } else { real(part) * 100.0 / real(whole) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_stops_at_the_end() {
        assert_eq!([whole(-3.0), whole(2.9), whole(f64::MAX), whole(f64::NAN)], [0, 2, u64::MAX, 0]);
        assert_eq!((percent(1, 4).round(), percent(3, 0).round()), (25.0, 100.0));
    }
}
