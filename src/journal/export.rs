//! The journal for other tools and for paper. Reading and writing fail apart: who reads the output may
//! have had enough.

use std::io::{self, Write};

use super::{Event, Filter, JournalError, Reader};
use crate::text::{Shape, untrusted};

/// What is longer is cut in a table; the JSON export has all of it.
const LONGEST_CELL: usize = 2_000;

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// How many events.
    pub events: u64,
    /// What was found damaged, in plain words: the document says it too. Nothing if it is whole.
    pub damage: Vec<String>,
}

/// Writes the chosen events as one JSON document: an array of events as they stand in the files. What was
/// found damaged stands at its end: objects with the one field `damage`.
pub fn json(reader: &mut Reader, filter: &Filter, out: &mut dyn Write) -> Result<io::Result<Exported>, JournalError> {
    let mut count = 0_u64;
    let mut item = |out: &mut dyn Write, text: &str| {
        let before = if count == 0 { "[\n" } else { ",\n" };
        count += 1;
        write!(out, "{before}{text}")
    };
    let written = write_each(reader, filter, |event, _| item(out, event.line()))?;
    let written = written.and_then(|exported| {
        for damage in &exported.damage {
            item(out, &serde_json::json!({ "damage": damage }).to_string())?;
        }
        out.write_all(if exported.events == 0 && exported.damage.is_empty() { b"[]\n" } else { b"\n]\n" })?;
        Ok(exported)
    });
    Ok(written)
}

/// Writes the chosen events as a Markdown table, harmless whatever stands in them. What was found damaged
/// stands below it.
pub fn markdown(
    reader: &mut Reader,
    filter: &Filter,
    out: &mut dyn Write,
) -> Result<io::Result<Exported>, JournalError> {
    let head =
        write!(out, "| when (UTC) | host, event | who | what | about | particulars |\n|---|---|---|---|---|---|\n");
    let written = write_each(reader, filter, |event, altered| {
        let body = event.body::<serde_json::Value>().map(|body| body.to_string()).unwrap_or_default();
        writeln!(
            out,
            "| {} | {} {} | {} | {}{} | {} | {} |",
            cell(event.stamp()),
            cell(event.writer),
            event.seq,
            cell(&event.actor.shown()),
            cell(event.kind),
            if altered { " **(altered)**" } else { "" },
            cell(&event.subject),
            cell(&body)
        )
    })?;
    let written = head.and(written).and_then(|exported| {
        if !exported.damage.is_empty() {
            writeln!(out, "\n**The journal is damaged: this is not all of it, or not as it was written.**\n")?;
        }
        exported.damage.iter().try_for_each(|damage| writeln!(out, "- {}", cell(damage)))?;
        Ok(exported)
    });
    Ok(written)
}

/// Hands on each chosen event, and whether it was altered.
fn write_each(
    reader: &mut Reader,
    filter: &Filter,
    mut write: impl FnMut(&Event<'_>, bool) -> io::Result<()>,
) -> Result<io::Result<Exported>, JournalError> {
    let mut written = Ok(());
    let (mut events, mut altered) = (0, Vec::new());
    reader.each(|event| {
        if written.is_ok() && filter.matches(event) {
            let is_altered = !event.is_as_written();
            if is_altered {
                altered.push(format!("event {} of {} was altered: it does not have its hash", event.seq, event.writer));
            }
            events += 1;
            written = write(event, is_altered);
        }
    })?;
    let damage = reader.damage().cloned().chain(reader.shortfalls()).map(|damage| damage.to_string());
    let damage = damage.chain(altered).collect();
    Ok(written.map(|()| Exported { events, damage }))
}

/// Text that stays one cell and is read as text: no markup, no HTML, no control characters.
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in untrusted(text, Shape::line(LONGEST_CELL)).chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            c if c.is_ascii_punctuation() && !matches!(c, '-' | ':' | '.' | ',' | '"' | '/' | '(' | ')') => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
    }
    safe
}
