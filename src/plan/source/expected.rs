//! What the reader says of a value that does not fit: in the words of people who write plans, with
//! an example, whatever serde calls the type.

use super::tree::{Node, Value};

const DATES: [&str; 6] = ["reviewed", "next_review", "last", "on", "date", "certified_until"];
const LENGTHS: [&str; 33] = [
    "rto",
    "rpo",
    "achieved",
    "actual",
    "within",
    "from",
    "until",
    "every",
    "deadline",
    "lag",
    "older_than",
    "newest",
    "age",
    "keep_for",
    "duration",
    "upload",
    "total",
    "thaw",
    "deep_thaw",
    "ttl",
    "turn",
    "valid_for",
    "renew_before",
    "review_every",
    "downtime_per_year",
    "effort",
    "loss",
    "outage",
    "break_even",
    "over",
    "backup",
    "restore",
    "takes",
];
const SIZES: [&str; 7] = ["size", "compressed", "used", "raise_to", "memory_limit", "wal_keep_size", "message_size"];
const SHARES: [&str; 6] = ["availability", "slo", "probability", "hit_rate", "budget_share", "secondary_capacity"];

/// What a number of that type is, in words.
pub fn number(expected: &str) -> Option<&'static str> {
    Some(match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number from 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number such as 1.5",
        "a boolean" => "true or false",
        "a string" | "a text or a number" => "a text in quotes",
        _ => return None,
    })
}

/// What belongs under a key, with an example, and how it is written.
fn under(key: &str) -> Option<(&'static str, &'static str)> {
    let has = |keys: &[&str]| keys.contains(&key);
    Some(match () {
        () if has(&DATES) => ("a date like 2026-11-21", "write year, month and day: 2026-11-21"),
        () if has(&LENGTHS) => {
            ("a length of time like \"15min\"", "write it in quotes with its unit: \"15min\", \"2h\", \"7d\"")
        }
        () if has(&SIZES) => ("an amount like \"4GB\"", "write it in quotes with its unit: \"512MB\", \"4GB\""),
        () if has(&SHARES) => ("a share like \"99.9%\"", "write it in quotes: \"99.9%\""),
        () => return None,
    })
}

/// What is wrong with the value of a key, and how to write it, if its key says what belongs there.
/// Texts that are no length of time, amount or share say so themselves.
pub fn told(key: &str, node: &Node) -> Option<(String, String)> {
    let (belongs, mend) = under(key)?;
    let found = match &node.value {
        Value::Text(text) if DATES.contains(&key) => format!("{text:?}"),
        Value::Text(_) | Value::Table(_) | Value::Array(_) => return None,
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Date(date) => date.clone(),
    };
    Some((format!("here stands {found}, where {belongs} belongs"), mend.to_owned()))
}
