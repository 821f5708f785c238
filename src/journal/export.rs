//! The journal for other tools and for paper. Reading and writing fail apart: who reads the output may
//! have had enough.

use std::io::{self, Write};

use super::{Event, Filter, JournalError, Reader};
use crate::text::{Shape, untrusted};

/// What is longer is cut in a table; the JSON export has all of it.
const LONGEST_CELL: usize = 2_000;

/// Writes the chosen events as one JSON document: an array of events as they stand in the files.
pub fn json(reader: &mut Reader, filter: &Filter, out: &mut dyn Write) -> Result<io::Result<u64>, JournalError> {
    let mut count = 0;
    let written = write_each(reader, filter, |event| {
        let before = if count == 0 { "[\n" } else { ",\n" };
        count += 1;
        write!(out, "{before}{}", event.line())
    })?;
    let end = if count == 0 { "[]\n" } else { "\n]\n" };
    Ok(written.and_then(|()| write!(out, "{end}")).map(|()| count))
}

/// Writes the chosen events as a Markdown table, harmless whatever stands in them.
pub fn markdown(reader: &mut Reader, filter: &Filter, out: &mut dyn Write) -> Result<io::Result<u64>, JournalError> {
    let mut count = 0;
    let head =
        write!(out, "| when (UTC) | host, event | who | what | about | particulars |\n|---|---|---|---|---|---|\n");
    let written = write_each(reader, filter, |event| {
        count += 1;
        let body = event.body::<serde_json::Value>().map(|body| body.to_string()).unwrap_or_default();
        writeln!(
            out,
            "| {} | {} {} | {} | {} | {} | {} |",
            cell(event.stamp()),
            cell(event.writer),
            event.seq,
            cell(&event.actor.shown()),
            cell(event.kind),
            cell(&event.subject),
            cell(&body)
        )
    })?;
    Ok(head.and(written).map(|()| count))
}

fn write_each(
    reader: &mut Reader,
    filter: &Filter,
    mut write: impl FnMut(&Event<'_>) -> io::Result<()>,
) -> Result<io::Result<()>, JournalError> {
    let mut written = Ok(());
    reader.each(|event| {
        if written.is_ok() && filter.matches(event) {
            written = write(event);
        }
    })?;
    Ok(written)
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
