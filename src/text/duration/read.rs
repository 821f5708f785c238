//! Reads a length of time as people write it, and says what it stumbles over.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

use super::{DAY, HOUR, LONGEST_MILLIS, LONGEST_MONTHS, MINUTE, SECOND, Span};

pub(super) fn read(text: &str) -> Result<Span, Cow<'static, str>> {
    let trimmed = text.trim();
    if matches!(trimmed, "real-time" | "immediate") {
        return Ok(Span::ZERO);
    }
    if trimmed.is_empty() {
        return Err("it is empty".into());
    }
    let mut total = Span::ZERO;
    let mut chars = trimmed.chars().peekable();
    while chars.peek().is_some() {
        let number = take_while(&mut chars, |c| c.is_ascii_digit() || c == '.');
        skip_blanks(&mut chars);
        let unit = take_while(&mut chars, |c| c.is_ascii_alphabetic());
        skip_blanks(&mut chars);
        total = total + read_part(&number, &unit)?;
        if let Some(&odd) = chars.peek()
            && !odd.is_ascii_digit()
        {
            return Err(format!("{odd:?} does not belong there").into());
        }
    }
    Ok(total)
}

fn read_part(number: &str, unit: &str) -> Result<Span, Cow<'static, str>> {
    if number.is_empty() {
        return Err("a number is missing".into());
    }
    if unit.is_empty() {
        return Err("the unit is missing".into());
    }
    let unit_millis = match unit {
        "ms" => 1,
        "s" | "sec" | "second" | "seconds" => SECOND,
        "min" | "mins" | "minute" | "minutes" => MINUTE,
        "h" | "hour" | "hours" => HOUR,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => 7 * DAY,
        "month" | "months" => return whole_months(number, 1),
        "y" | "year" | "years" => return whole_months(number, 12),
        "m" | "M" => return Err("m could be minutes or months: write min or months".into()),
        other => return Err(format!("{other:?} is not a unit of time").into()),
    };
    let millis = scaled(number, unit_millis).ok_or("the number cannot be read exactly to the millisecond")?;
    if millis > LONGEST_MILLIS {
        return Err("it is longer than a thousand years".into());
    }
    Ok(Span::from_millis(millis))
}

fn whole_months(number: &str, months: u32) -> Result<Span, Cow<'static, str>> {
    let count: u32 = number.parse().map_err(|_| "months and years are counted in whole numbers")?;
    match count.checked_mul(months) {
        Some(total) if total <= LONGEST_MONTHS => Ok(Span::from_months(total)),
        _ => Err("it is longer than a thousand years".into()),
    }
}

/// `number` times `unit` without rounding, or nothing if that is no whole number.
pub(in crate::text) fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || (number.contains('.') && fraction.is_empty()) || fraction.len() > 18 {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    if fraction.is_empty() {
        return Some(whole);
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let product = u128::from(fraction.parse::<u64>().ok()?) * u128::from(unit);
    if product % scale != 0 {
        return None;
    }
    whole.checked_add(u64::try_from(product / scale).ok()?)
}

fn take_while(chars: &mut Peekable<Chars<'_>>, wanted: impl Fn(char) -> bool) -> String {
    std::iter::from_fn(|| chars.next_if(|c| wanted(*c))).collect()
}

fn skip_blanks(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| *c == ' ').is_some() {}
}
