//! An event before it is recorded: what a caller says, made fit to be written.

use std::borrow::Cow;

use serde_json::Value;

use super::JournalError;
use super::event::Kind;
use crate::text::Redactor;

/// Bodies are small facts; what is large lies in a file of its own.
const LARGEST_BODY: usize = 256 << 10;
const DEEPEST_BODY: usize = 32;

/// An event that is to be recorded; the journal adds who, when and after what.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub(super) kind: Kind,
    pub(super) subject: String,
    pub(super) body: Value,
}

impl Draft {
    /// What happened (`kind`) to what (`subject`: a component, an operation, an incident).
    pub fn new(kind: Kind, subject: impl Into<String>) -> Draft {
        Draft { kind, subject: subject.into(), body: Value::Null }
    }

    /// The particulars, free in form: the room that names the kind knows them.
    #[must_use]
    pub fn with(mut self, body: Value) -> Draft {
        self.body = body;
        self
    }

    /// Ready to be written: free of secrets, and of a size and form that can be read back.
    pub(super) fn prepared(mut self, redact: &Redactor) -> Result<Entry, JournalError> {
        if !self.kind.is_well_formed() {
            return Err(JournalError::BadKind(self.kind.as_str()));
        }
        let refuse = |why| JournalError::BadBody { kind: self.kind.as_str(), why };
        strip(&mut self.body, redact, DEEPEST_BODY).ok_or_else(|| refuse("nested too deeply"))?;
        let subject = redact.redact(&self.subject).into_owned();
        let entry = Draft { subject, ..self }.entry();
        if entry.body.len() + entry.subject.len() > LARGEST_BODY {
            return Err(refuse("longer than 256 KiB"));
        }
        Ok(entry)
    }

    /// As it is: the journal's own words hold no secrets.
    pub(super) fn entry(self) -> Entry {
        let body = if self.body.is_null() { String::new() } else { self.body.to_string() };
        Entry { kind: self.kind, subject: self.subject, body }
    }
}

/// An event ready to be written: its body is JSON already, or empty.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    pub(super) subject: String,
    pub(super) body: String,
}

/// Takes the secrets out; nothing if it is nested too deeply.
fn strip(value: &mut Value, redact: &Redactor, depth: usize) -> Option<()> {
    let deeper = depth.checked_sub(1)?;
    match value {
        Value::String(text) => strip_text(text, redact),
        Value::Array(items) => items.iter_mut().try_for_each(|item| strip(item, redact, deeper))?,
        Value::Object(fields) => {
            if fields.keys().any(|key| matches!(redact.redact(key), Cow::Owned(_))) {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(key, item)| (redact.redact(&key).into_owned(), item))
                    .collect();
            }
            fields.values_mut().try_for_each(|item| strip(item, redact, deeper))?;
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Some(())
}

fn strip_text(text: &mut String, redact: &Redactor) {
    if let Cow::Owned(clean) = redact.redact(text) {
        *text = clean;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hide() -> Redactor {
        let redactor = Redactor::new();
        assert!(redactor.register(b"hunter22"));
        redactor
    }

    #[test]
    fn secrets_are_taken_out_wherever_they_stand() {
        let draft = Draft::new(Kind::new("backup.failed"), "db at hunter22")
            .with(json!({ "argv": ["psql", "hunter22"], "hunter22": { "deep": "xhunter22x" }, "count": 3 }));
        let clean = draft.prepared(&hide()).unwrap();
        assert_eq!(clean.subject, "db at [***]");
        let body: Value = serde_json::from_str(&clean.body).unwrap();
        assert_eq!(body, json!({ "argv": ["psql", "[***]"], "[***]": { "deep": "x[***]x" }, "count": 3 }));
    }

    #[test]
    fn what_could_not_be_read_back_is_refused() {
        for kind in ["", "nodot", "Upper.case", "a..b", "a.b c", "a.\n"] {
            assert!(
                matches!(Draft::new(Kind::new(kind), "").prepared(&hide()), Err(JournalError::BadKind(_))),
                "{kind}"
            );
        }
        let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
        let long = json!("x".repeat(LARGEST_BODY));
        for body in [deep, long] {
            let draft = Draft::new(Kind::new("a.b"), "").with(body);
            assert!(matches!(draft.prepared(&hide()), Err(JournalError::BadBody { .. })));
        }
    }
}
