//! How rules write lists, sums and shares into their sentences.

use crate::text::Span;

/// `one`, `one and two`, `one, two and three`.
pub fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    let items: Vec<&str> = items.into_iter().collect();
    match items.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// A round amount with thousands apart, and the currency if there is one.
pub fn money(amount: u128, currency: Option<&str>) -> String {
    let digits = amount.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    currency.map_or(grouped.clone(), |currency| format!("{currency} {grouped}"))
}

/// Rounded to whole minutes from an hour on, so that it reads well in a sentence.
pub fn about(span: Span) -> Span {
    let minutes = (span.approx_millis() + 30_000) / 60_000;
    if minutes < 60 { span } else { Span::from_mins(minutes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_read_well() {
        assert_eq!(list(["a"]), "a");
        assert_eq!(list(["a", "b", "c"]), "a, b and c");
        assert_eq!(money(1_234_567, Some("EUR")), "EUR 1,234,567");
        assert_eq!(money(999, None), "999");
        assert_eq!(about(Span::from_millis(15_778_800)), Span::from_mins(263));
    }
}
