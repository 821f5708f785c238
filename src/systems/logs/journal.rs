//! Logs in the journal of systemd.

use chrono::DateTime;
use serde_json::Value;

use super::file::PATIENCE;
use super::kind;
use super::line::Raw;
use super::moment::Stamp;
use crate::reach::Command;

/// Asks for the last lines of a unit.
pub(super) fn last(unit: &str, lines: usize) -> Command {
    asks(unit).arg("-n").arg(lines.to_string())
}

/// Asks for what a unit wrote after a place in the journal, else within the last ten minutes.
pub(super) fn since(unit: &str, cursor: Option<&str>, lines: usize) -> Command {
    let command = last(unit, lines);
    match cursor {
        Some(cursor) => command.arg(format!("--after-cursor={cursor}")),
        None => command.arg("--since=-10min"),
    }
}

fn asks(unit: &str) -> Command {
    Command::new("journalctl")
        .args(["--no-pager", "--quiet", "--output=json", "--output-fields=MESSAGE,PRIORITY"])
        .arg(format!("--unit={unit}"))
        .deadline(PATIENCE)
        .keep(2 * 1024 * 1024)
}

/// Reads the answer: lines with their moments, and the place where it ends.
pub(super) fn read(answer: &[u8]) -> (Vec<Raw>, Option<String>) {
    let mut lines = Vec::new();
    let mut cursor = None;
    for line in answer.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let Ok(entry) = serde_json::from_slice::<Value>(line) else { continue };
        let Some(message) = entry.get("MESSAGE").map(message) else { continue };
        let mut raw = Raw::read(&message);
        let number = |key: &str| entry.get(key)?.as_str()?.parse::<i64>().ok();
        if let Some(at) = number("__REALTIME_TIMESTAMP").and_then(DateTime::from_timestamp_micros) {
            raw.stamp = Some(Stamp::Exact(at));
        }
        // Its own word is better than the priority, which is the same for all that a program prints.
        if let (super::Level::Unknown, Some(priority)) = (raw.level, number("PRIORITY")) {
            raw.level = u8::try_from(priority).map_or(super::Level::Unknown, kind::of_priority);
            raw.database = raw.level == super::Level::Error && kind::is_about_databases(&raw.text);
        }
        cursor = entry.get("__CURSOR").and_then(Value::as_str).map(str::to_owned).or(cursor);
        lines.push(raw);
    }
    (lines, cursor)
}

/// A text, or its bytes where it is none.
fn message(message: &Value) -> Vec<u8> {
    match message {
        Value::String(text) => text.as_bytes().to_vec(),
        Value::Array(bytes) => {
            bytes.iter().filter_map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn entries_are_read_with_their_moments() {
        let answer = concat!(
            r#"{"__CURSOR":"s=1;i=1","__REALTIME_TIMESTAMP":"1731931200000000","PRIORITY":"3","MESSAGE":"database gone"}"#,
            "\n",
            r#"{"__CURSOR":"s=1;i=2","__REALTIME_TIMESTAMP":"1731931201000000","PRIORITY":"6","MESSAGE":[69,82,82,79,82,32,27]}"#,
            "\nno json\n",
        );
        let (lines, cursor) = read(answer.as_bytes());
        assert_eq!(cursor.as_deref(), Some("s=1;i=2"));
        assert_eq!((lines.len(), lines[0].level, lines[0].database), (2, Level::Error, true));
        assert_eq!((lines[1].level, lines[1].text.as_str()), (Level::Error, "ERROR \u{1b}"));
    }
}
