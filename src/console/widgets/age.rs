//! Lengths of time that a screen shows while they grow.

use crate::text::Span;

/// Below this it is now.
const NOW: Span = Span::from_secs(5);

/// How long: `now`, `25s`, `6min`.
pub fn age(span: Span) -> String {
    if span < NOW { "now".to_owned() } else { span.rough() }
}

/// How long ago: `just now`, `6min ago`.
pub fn ago(span: Span) -> String {
    if span < NOW { "just now".to_owned() } else { format!("{} ago", span.rough()) }
}

/// A state and how long it has lasted: `down for 6min`, and just `down` while it is new.
pub fn lasting(state: impl std::fmt::Display, span: Span) -> String {
    if span < NOW { state.to_string() } else { format!("{state} for {}", span.rough()) }
}

/// How soon: `in 4min`, `any moment`.
pub fn due(span: Span) -> String {
    if span < NOW { "any moment".to_owned() } else { format!("in {}", span.rough()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_digits_and_seldom_another() {
        for (seconds, shown) in [
            (0, "now"),
            (4, "now"),
            (13, "10s"),
            (59, "55s"),
            (61, "1min"),
            (3599, "59min"),
            (3600, "1h"),
            (12_000, "3h 20min"),
            (50_000, "13h"),
            (2 * 86_400, "2d"),
            (3 * 86_400 + 4 * 3600 + 59, "3d 4h"),
            (34 * 86_400, "34d"),
        ] {
            assert_eq!(age(Span::from_secs(seconds)), shown);
        }
        assert_eq!(due(Span::from_secs(2)), "any moment");
        assert_eq!(due(Span::from_secs(240)), "in 4min");
        assert_eq!(lasting("down", Span::from_secs(4)), "down");
        assert_eq!(lasting("down", Span::from_secs(360)), "down for 6min");
        assert_eq!(ago(Span::from_secs(3)), "just now");
        assert_eq!(ago(Span::from_secs(360)), "6min ago");
    }
}
