use chrono::Utc;
use proptest::prelude::*;

use super::*;

fn span(text: &str) -> Span {
    text.parse().unwrap()
}

#[test]
fn what_people_write_is_read() {
    assert_eq!(span("15min"), Span::from_mins(15));
    assert_eq!(span("1h 30min"), Span::from_mins(90));
    assert_eq!(span("1.5h"), Span::from_mins(90));
    assert_eq!(span("2 weeks"), Span::from_days(14));
    assert_eq!(span("real-time"), Span::ZERO);
    assert_eq!(span("7y"), Span::from_months(84));
    assert_eq!(span("250ms"), Span::from_millis(250));
}

#[test]
fn what_is_shown_is_what_documents_say() {
    for text in ["24h", "7d", "30d", "3 months", "7y", "1h 30min", "15min", "0s", "1y 1 month"] {
        assert_eq!(span(text).to_string(), text);
    }
}

#[test]
fn nonsense_is_refused_with_the_reason() {
    for (text, reason) in [
        ("", "empty"),
        ("5", "unit is missing"),
        ("5m", "minutes or months"),
        ("5 parsecs", "not a unit"),
        ("-5min", "number is missing"),
        ("1.5 months", "whole numbers"),
        ("5min;", "does not belong"),
        ("99999999999999999999h", "exactly"),
        ("1.2.3h", "exactly"),
        ("2000y", "thousand years"),
    ] {
        let error = text.parse::<Span>().unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn months_follow_the_calendar() {
    let reviewed: DateTime<Utc> = "2024-11-18T00:00:00Z".parse().unwrap();
    let due = Span::from_months(3).after(reviewed).unwrap();
    assert_eq!(due.to_rfc3339(), "2025-02-18T00:00:00+00:00");
}

proptest! {
    #[test]
    fn round_trip(months in 0..=LONGEST_MONTHS, millis in 0..=LONGEST_MILLIS) {
        let span = Span { months, millis };
        prop_assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        if let Ok(span) = text.parse::<Span>() {
            prop_assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
        }
    }

    #[test]
    fn longer_is_greater(a in 0..LONGEST_MILLIS, b in 0..LONGEST_MILLIS) {
        prop_assert_eq!(Span::from_millis(a).cmp(&Span::from_millis(b)), a.cmp(&b));
    }
}

proptest! {
    #[test]
    fn no_number_is_too_large(number: u64, months: u32) {
        let units = [Span::from_secs(number), Span::from_mins(number), Span::from_hours(number), Span::from_days(number)];
        prop_assert!(units.is_sorted() && units[0].approx_millis() >= number);
        let all = Span { months, millis: number };
        prop_assert!(all.approx_millis() >= number);
        let _ = (all.brief(), all.rough(), all.to_string(), all.times(months), all.after(DateTime::UNIX_EPOCH));
    }
}
