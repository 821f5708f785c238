//! A status that repaints itself in place, no higher than the terminal: the worst first, and how many more are well.
//!
//! Nothing of the terminal is switched on or off, so there is nothing to give back, however the program ends.

use std::cmp::Reverse;

use super::table::{self, HEAD};
use super::{Status, data};
use crate::cli::Failure;
use crate::cli::output::Style;
use crate::plan::facts::Verdict;
use crate::text::wrap::{columns, wrap};
use crate::text::{Shape, untrusted};
use crate::watch::Truth;

/// How many lines of reasons one component may take.
const REASONS: usize = 2;
/// How many triggers are shown.
const TRIGGERS: usize = 3;

/// What was painted last.
#[derive(Debug, Default)]
pub(super) struct Screen {
    size: Option<(usize, usize)>,
    painted: Vec<String>,
}

impl Screen {
    /// Paints it where it was painted before, if anything of it is new.
    pub fn paint(&mut self, status: &Status<'_>) -> Result<(), Failure> {
        let out = status.context.out();
        let size = out.size();
        let lines = frame(status, size);
        if self.size == Some(size) && self.painted == lines {
            return Ok(());
        }
        let mut text = String::new();
        if self.size.is_none() {
            // What stands there now scrolls away instead of being painted over.
            text.push_str(&"\n".repeat(size.1));
        }
        text.push_str("\x1b[H");
        for line in &lines {
            text.push_str(line);
            text.push_str("\x1b[K\n");
        }
        text.push_str("\x1b[J");
        out.bulk(|out| out.write_all(text.as_bytes()))?;
        (self.size, self.painted) = (Some(size), lines);
        Ok(())
    }
}

/// The lines of a terminal of so many columns and lines; the last one is left to the cursor.
fn frame(status: &Status<'_>, (width, height): (usize, usize)) -> Vec<String> {
    // In the last column a terminal is of two minds about where its cursor stands.
    let (room, width) = (height.saturating_sub(1), width.saturating_sub(1));
    let mut lines = head(status, width);
    lines.extend(triggers(status, width));
    let (rows, entries) = entries(status, width);
    if lines.len() + 3 < room {
        lines.push(String::new());
        lines.push(rows);
    }
    let mut left = room.saturating_sub(lines.len());
    let needed: usize = entries.iter().map(|entry| entry.lines.len()).sum();
    // The last line tells of those that have no room.
    let tail = usize::from(needed > left && left > 0);
    left -= tail;
    let mut hidden = Vec::new();
    for entry in entries {
        if hidden.is_empty() && left > 0 {
            let shown = entry.lines.len().min(left);
            left -= shown;
            lines.extend(entry.lines.into_iter().take(shown));
        } else {
            hidden.push(entry.verdict);
        }
    }
    if tail > 0 {
        lines.push(more(status, &hidden));
    }
    let data = data::lines(status);
    let data: Vec<String> = data.iter().flat_map(|told| told.lines()).map(str::to_owned).collect();
    if !data.is_empty() && data.len() < left {
        lines.push(String::new());
        lines.extend(data);
    }
    lines.truncate(room);
    lines
}

fn head(status: &Status<'_>, width: usize) -> Vec<String> {
    let out = status.context.out();
    let (title, summary, style) = table::head(status);
    let mut lines = vec![out.styled(Style::Strong, &cut(&title, width))];
    lines.extend(wrap(&summary, width, "", "").lines().map(|line| out.styled(style, &cut(line, width))));
    let told = data::summary(status).into_iter().chain(table::unseen(status));
    lines.extend(told.map(|told| out.styled(Style::Warning, &cut(&told, width))));
    lines
}

/// What fired, and what is about to.
fn triggers(status: &Status<'_>, width: usize) -> Vec<String> {
    let out = status.context.out();
    let holding = status.picture.triggers().iter().filter(|trigger| trigger.truth == Truth::Holds);
    let told = holding.take(TRIGGERS).map(|trigger| {
        let style = if trigger.fired { Style::Bad } else { Style::Warning };
        let told = format!("{} {}: {}", trigger.scenario, trigger.told(), trigger.condition.told());
        out.styled(style, &cut(&told, width))
    });
    told.collect()
}

/// A component with its reasons.
struct Entry {
    verdict: Verdict,
    lines: Vec<String>,
}

/// The heads of the columns, and every component below them, the worst first.
fn entries(status: &Status<'_>, width: usize) -> (String, Vec<Entry>) {
    let out = status.context.out();
    let verdict = |index: usize| status.picture.seen(index).verdict();
    let mut shown = status.shown();
    shown.sort_by_key(|index| (Reverse(verdict(*index)), status.plan.component[*index].priority.unwrap_or(u8::MAX)));
    let heads = HEAD.map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(heads).chain(shown.iter().map(|index| row(status, *index))).collect();
    let mut lines = columns(&rows).into_iter();
    let heads = out.styled(Style::Faint, &cut(lines.next().unwrap_or_default().trim_end(), width));
    let entry = |(index, line): (usize, String)| {
        let verdict = verdict(index);
        let mut lines = vec![table::coloured(out, &cut(line.trim_end(), width), verdict)];
        let reasons = table::reasons(status, index);
        let reasons = reasons.iter().map(|reason| wrap(reason, width, table::INDENT, table::INDENT));
        lines.extend(first_lines(&reasons.collect::<Vec<_>>().join("\n"), width));
        Entry { verdict, lines }
    };
    (heads, shown.into_iter().zip(lines).map(entry).collect())
}

/// As many lines of reasons as there is room for; that there are more is marked.
fn first_lines(reasons: &str, width: usize) -> Vec<String> {
    let mut lines = reasons.lines().filter(|line| !line.is_empty());
    let mut shown: Vec<String> = lines.by_ref().take(REASONS).map(|line| cut(line, width)).collect();
    if let (Some(last), Some(_)) = (shown.last_mut(), lines.next()) {
        *last = cut(&format!("{}...", last.trim_end_matches('.')), width);
    }
    shown
}

/// A row of the table; one of which nothing was heard yet is not unknown, but asked.
fn row(status: &Status<'_>, index: usize) -> Vec<String> {
    let mut row = table::row(status, index);
    if status.picture.seen(index).latest.is_none()
        && let Some(verdict) = row.get_mut(1)
    {
        *verdict = format!("  asking{}", ellipsis(status));
    }
    row
}

/// `… and 12 more well`
fn more(status: &Status<'_>, hidden: &[Verdict]) -> String {
    let well = hidden.iter().filter(|verdict| **verdict == Verdict::Healthy).count();
    let parts = [(hidden.len() - well, "not well"), (well, "well")].into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, word)| format!("{count} more {word}")).collect();
    status.context.out().styled(Style::Faint, &format!("{} and {}", ellipsis(status), parts.join(", ")))
}

fn ellipsis(status: &Status<'_>) -> &'static str {
    if status.context.out().is_unicode() { "…" } else { "..." }
}

fn cut(text: &str, width: usize) -> String {
    untrusted(text, Shape::line(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_do_not_fit_are_marked() {
        assert_eq!(first_lines("one\ntwo", 30), ["one", "two"]);
        assert_eq!(first_lines("one\nthe server refused\nthree", 30), ["one", "the server refused..."]);
        assert_eq!(first_lines("one\nthe server refused\nthree", 10), ["one", "the ser..."]);
    }
}
