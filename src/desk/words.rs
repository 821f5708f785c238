//! What an event says, in plain words.

mod vault;

use serde_json::{Map, Value};

use crate::watch::VERDICT;

/// One line for an event of this kind with this body; empty where it says nothing.
pub fn told(kind: &str, body: Option<&Value>) -> String {
    let nothing = Map::new();
    let body = body.and_then(Value::as_object).unwrap_or(&nothing);
    let word = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let before = |start: &str, key: &str| match word(key) {
        "" => String::new(),
        word => format!("{start}{word}"),
    };
    match kind {
        kind if kind == VERDICT.as_str() => {
            format!("{}{}{}", word("to"), before(", was ", "from"), before(": ", "reason"))
        }
        "journal.opened" => format!("a file of the journal begins{}", before(", after ", "after")),
        "journal.closed" => "a file of the journal is full and ends".to_owned(),
        "lab.fault" => format!("broken on purpose: {}", word("what")),
        "lab.fault-undone" => format!("no longer broken: {}", word("what")),
        "lab.up" => {
            let which = if body.get("new") == Some(&Value::Bool(true)) { "a new lab" } else { "the lab" };
            let broken = body.get("in_force").filter(|faults| !is_empty(faults)).map(plain);
            let broken = broken.map(|faults| format!(", still broken: {faults}")).unwrap_or_default();
            format!("{which} was started{broken}")
        }
        "lab.down" => {
            let count = |key: &str| body.get(key).and_then(Value::as_array).map_or(0, Vec::len);
            let (ended, killed) = (count("ended"), count("killed"));
            let killed = if killed == 0 { String::new() } else { format!(", {killed} of them by force") };
            format!("the lab was ended: {} servers{killed}", ended + count("killed"))
        }
        _ if !word("what").is_empty() => word("what").to_owned(),
        kind => vault::told(kind, body).unwrap_or_else(|| fields(body)),
    }
}

/// `new yes, by hand no`: whatever is told by nobody better.
fn fields(body: &Map<String, Value>) -> String {
    let told = body.iter().filter(|(_, value)| !is_empty(value));
    told.map(|(key, value)| format!("{} {}", key.replace('_', " "), plain(value))).collect::<Vec<_>>().join(", ")
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => self::fields(fields),
        Value::Null | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_told_in_plain_words() {
        let what = json!({ "target": "primary", "what": "everything of primary was killed", "can_be_undone": true });
        for (kind, body, wanted) in [
            ("lab.fault", what.clone(), "broken on purpose: everything of primary was killed"),
            ("lab.fault-undone", what, "no longer broken: everything of primary was killed"),
            ("lab.up", json!({ "new": true, "in_force": [] }), "a new lab was started"),
            ("lab.up", json!({ "new": false, "in_force": ["a", "b"] }), "the lab was started, still broken: a, b"),
            (
                "lab.down",
                json!({ "ended": ["a", "b"], "killed": ["c"] }),
                "the lab was ended: 3 servers, 1 of them by force",
            ),
            ("journal.opened", Value::Null, "a file of the journal begins"),
            ("journal.opened", json!({ "after": "000001" }), "a file of the journal begins, after 000001"),
            ("journal.disk-full", json!({ "what": "the disk is full" }), "the disk is full"),
            (
                "watch.verdict",
                json!({ "from": "healthy", "to": "down", "reason": "refused" }),
                "down, was healthy: refused",
            ),
            ("other.kind", json!({ "is_new": true, "of": { "a": 1 } }), "is new yes, of a 1"),
            ("other.kind", json!(["a"]), ""),
        ] {
            assert_eq!(told(kind, Some(&body)), wanted, "{kind}");
        }
    }
}
