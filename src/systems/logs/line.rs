//! One line of a log: when it was written, how bad it is, and what it says.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::kind;
use super::moment::{self, Stamp};
use crate::text::{Redactor, Shape, untrusted};

/// How much of a line is looked at.
const LONGEST: usize = 8 * 1024;
/// How much of it is shown.
const SHOWN: usize = 400;

/// How bad a line is, by its own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It does not say.
    Unknown,
    /// For those who wrote the program.
    Debug,
    /// As it should be.
    Info,
    /// Not as it should be.
    Warning,
    /// Something failed.
    Error,
}

/// One line of a log, harmless and without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written, if it says so.
    pub at: Option<DateTime<Utc>>,
    /// How bad it is.
    pub level: Level,
    /// What it says.
    pub text: String,
}

/// A line as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Raw {
    /// When it was written, as far as it says.
    pub stamp: Option<Stamp>,
    /// How bad it is.
    pub level: Level,
    /// Whether it tells of trouble with a database.
    pub database: bool,
    /// What it says, as it came.
    pub text: String,
}

impl Raw {
    /// Reads a line, be it JSON or plain.
    pub fn read(line: &[u8]) -> Raw {
        let line = &line[..line.len().min(LONGEST)];
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end();
        let json = if text.trim_start().starts_with('{') { serde_json::from_str::<Value>(text).ok() } else { None };
        match json {
            Some(json) => Raw::of_json(&json, text),
            None => Raw::of_text(text),
        }
    }

    fn of_json(json: &Value, line: &str) -> Raw {
        let level = ["level", "severity", "levelname", "lvl", "log.level"].iter().find_map(|key| json.get(*key));
        let stamp = ["at", "time", "timestamp", "@timestamp", "ts"].iter().find_map(|key| json.get(*key));
        let message = ["message", "msg", "event", "text"].iter().find_map(|key| json.get(*key)?.as_str());
        let level = level.map_or(Level::Unknown, kind::of_value);
        Raw {
            stamp: stamp.and_then(moment::of_value),
            level,
            database: level == Level::Error && says_database(json, 4),
            text: message.map_or_else(|| line.to_owned(), |message| with_details(message, json)),
        }
    }

    fn of_text(line: &str) -> Raw {
        let (stamp, rest) = moment::split(line);
        let level = kind::of_line(rest);
        Raw { stamp, level, database: level == Level::Error && kind::is_about_databases(rest), text: rest.to_owned() }
    }

    /// Made harmless for people.
    pub fn shown(&self, at: Option<DateTime<Utc>>, redactor: &Redactor) -> LogLine {
        let text = untrusted(redactor.redact(&self.text).as_bytes(), Shape::line(SHOWN));
        LogLine { at, level: self.level, text }
    }
}

/// The words that programs use for why.
const DETAILS: [&str; 4] = ["error", "err", "reason", "exception"];

/// What is said besides in the words that programs use for it.
fn with_details(message: &str, json: &Value) -> String {
    let details = DETAILS.iter().find_map(|key| json.get(*key));
    match details {
        Some(Value::String(why)) => format!("{message}: {why}"),
        Some(why @ Value::Object(_)) => format!("{message}: {}", why.get("message").unwrap_or(why)),
        _ => match nested(json) {
            details if details.is_empty() => message.to_owned(),
            details => format!("{message}: {details}"),
        },
    }
}

/// How many of them are shown.
const MOST_NESTED: usize = 4;

/// Why, where that stands deeper: `redis: connection refused` of a report on several parts.
fn nested(json: &Value) -> String {
    let mut found = Vec::new();
    collect(json, &mut Vec::new(), &mut found);
    let more = found.len().saturating_sub(MOST_NESTED);
    found.truncate(MOST_NESTED);
    let more = if more > 0 { format!("; {more} more") } else { String::new() };
    found.join("; ") + &more
}

fn collect<'v>(json: &'v Value, path: &mut Vec<&'v str>, found: &mut Vec<String>) {
    let Value::Object(fields) = json else { return };
    for (key, value) in fields {
        match value {
            Value::String(why) if !path.is_empty() && DETAILS.contains(&key.as_str()) && !why.is_empty() => {
                // The last word tells what is meant: `health.redis` is redis.
                found.push(format!("{}: {why}", path.last().copied().unwrap_or_default()));
            }
            Value::Object(_) if path.len() < 4 => {
                path.push(key);
                collect(value, path, found);
                path.pop();
            }
            _ => {}
        }
    }
}

/// Values only: a health report names the database also when that is well.
fn says_database(json: &Value, depth: usize) -> bool {
    match json {
        Value::String(text) => kind::is_about_databases(text),
        Value::Array(values) if depth > 0 => values.iter().any(|value| says_database(value, depth - 1)),
        Value::Object(fields) if depth > 0 => fields.values().any(|value| says_database(value, depth - 1)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (Level, bool, String) {
        let raw = Raw::read(line.as_bytes());
        (raw.level, raw.database, raw.text)
    }

    #[test]
    fn json_lines_say_how_bad_they_are() {
        let line =
            r#"{"at":"2024-11-18T12:00:00.5Z","level":"error","message":"no answer","reason":"PostgreSQL is gone"}"#;
        assert_eq!(read(line), (Level::Error, true, "no answer: PostgreSQL is gone".to_owned()));
        let line = r#"{"level":50,"time":1731931200000,"msg":"it broke"}"#;
        assert_eq!(read(line), (Level::Error, false, "it broke".to_owned()));
        assert!(matches!(Raw::read(line.as_bytes()).stamp, Some(Stamp::Exact(at)) if at.timestamp() == 1_731_931_200));
        let line = r#"{"level":"error","message":"not well","health":{"postgres":{"ok":true},"redis":{"ok":false,"reason":"refused"}}}"#;
        assert!(!read(line).1, "the database is well");
        assert_eq!(read(line).2, "not well: redis: refused");
        assert_eq!(read(r#"{"level":"info","message":"a database error was mended"}"#).0, Level::Info);
    }

    #[test]
    fn half_a_json_line_is_read_as_text() {
        assert_eq!(read(r#"{"level":"info","message":"cut of"#).0, Level::Unknown);
    }

    #[test]
    fn what_steers_a_terminal_is_not_passed_on() {
        let redactor = Redactor::new();
        redactor.register(b"hunter2hunter2");
        let line = Raw::read("ERROR \x1b[2Jhunter2hunter2 \u{202e}".as_bytes()).shown(None, &redactor);
        assert_eq!(line.text, "ERROR \\x1b[2J[***] \\u{202e}");
    }
}
