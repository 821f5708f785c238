//! What an answer says about what is wrong, in its own words: of JSON only the reasons, of a page nothing.

use serde_json::Value;

use crate::text::{Shape, untrusted};

/// How services call what they have to say about trouble.
const SAYING: [&str; 5] = ["reason", "error", "message", "detail", "cause"];
/// How long a complaint may be, and how many of them are told.
const LONGEST: usize = 160;
const MOST: usize = 3;

/// What an answer says about what is wrong; empty where it says nothing for people.
pub fn complaint(body: &[u8]) -> String {
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let mut found = Vec::new();
        look(&value, "", &mut found);
        if !found.is_empty() {
            return untrusted(found[..found.len().min(MOST)].join("; "), Shape::line(MOST * LONGEST));
        }
    }
    let text = untrusted(body, Shape::line(LONGEST));
    if text.starts_with('<') { String::new() } else { text }
}

/// Collects the reasons, each with the name of the part that gives it.
fn look(value: &Value, part: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if SAYING.contains(&key.as_str()) && !text.is_empty() => {
                        let text = untrusted(text, Shape::line(LONGEST));
                        found.push(if part.is_empty() { text } else { format!("{part}: {text}") });
                    }
                    inner => look(inner, key, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| look(item, part, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_json_only_the_reasons_are_told_with_the_part_that_gives_them() {
        let body = br#"{"status":"failing","postgres":{"ok":true,"millis":2},
                        "redis":{"ok":false,"reason":"connection refused"},"queues":[{"error":"gone"}]}"#;
        assert_eq!(complaint(body), "redis: connection refused; queues: gone");
        assert_eq!(complaint(br#"{"message":"shutting down"}"#), "shutting down");
    }

    #[test]
    fn what_gives_no_reason_is_told_as_it_is_but_for_pages() {
        assert_eq!(complaint(br#"{"status":"failing"}"#), r#"{"status":"failing"}"#);
        assert_eq!(complaint(b"no database\n"), "no database\\n");
        assert_eq!(complaint(b"<html>oops</html>"), "");
        assert_eq!(complaint(b""), "");
        assert_eq!(complaint(b"{\"reason\":\"\\u001b[31mred\"}"), "\\x1b[31mred");
    }
}
