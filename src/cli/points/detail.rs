//! One recovery point, whole: where each of its copies lies, file by file.

use super::Shown;
use super::table::{taken, unseen, wrong};
use crate::cli::Failure;
use crate::cli::output::{Output, Style};
use crate::text::instant::stamp;
use crate::text::wrap::{columns, wrap};
use crate::text::{Clock, Shape, Size, Span, SystemClock, untrusted};
use crate::vault::{self, Account, Copied, Holding, Point, State, by_hand};

/// More tables than these are only counted.
const MOST_COUNTS: usize = 12;

/// Prints it.
pub(super) fn print(shown: &Shown<'_>, point: &Point) -> Result<(), Failure> {
    let out = shown.context.out();
    out.line(out.styled(Style::Strong, &untrusted(&point.id, Shape::line(200))))?;
    let sorts: Vec<&str> = point.sorts.iter().map(|sort| sort.word()).collect();
    let age = Span::between(point.taken, SystemClock.now()).rough();
    let facts = [
        ("taken", format!("{}, {age} ago", taken(shown, point))),
        ("of", point.component.as_deref().map_or_else(|| "no component of this plan".to_owned(), Output::safe)),
        ("holds", sorts.join(", ")),
        ("size", Size(point.size()).approx()),
        ("state", format!("{}{}", if point.is_incomplete() { "incomplete, " } else { "" }, state(&point.state()))),
    ];
    let source = point.manifest().map_or_else(Vec::new, |manifest| source(&manifest.source));
    let rows: Vec<Vec<String>> =
        facts.into_iter().chain(source).map(|(name, told)| vec![name.to_owned(), told]).collect();
    for line in columns(&rows) {
        out.line(wrap(&format!("  {line}"), out.width(), "", "         "))?;
    }
    for told in wrong(point) {
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "  ", "  ")))?;
    }
    for copied in &point.copies {
        out.line("")?;
        let heading =
            format!("{}: {}, {}", Output::safe(&copied.store), state(&copied.state()), first_byte(shown, copied));
        out.line(out.styled(Style::Strong, &heading))?;
        for lack in copied.lacks() {
            let told = format!("not in it: {}", untrusted(lack, Shape::line(400)));
            out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "  ", "  ")))?;
        }
        for line in columns(&files(copied).map(file).collect::<Vec<_>>()) {
            out.line(format!("  {line}"))?;
        }
    }
    for from in by_hand(point, &shown.plan.store, SystemClock.now()) {
        out.line("")?;
        let at = from.at.map(|at| format!(", at {}", Output::safe(at))).unwrap_or_default();
        out.line(out.styled(Style::Strong, &format!("Restored by hand from {}{at}", Output::safe(&from.store))))?;
        for line in from.lines {
            if let Some(doubt) = line.doubt() {
                out.line(out.styled(Style::Warning, &wrap(doubt, out.width(), "  ", "  ")))?;
            }
            // To be copied: it is not wrapped.
            out.line(format!("  {:<11} {}", line.holds, untrusted(&line.typed, Shape::line(1000))))?;
        }
        for remark in from.remarks {
            out.line(wrap(remark, out.width(), "  ", "  "))?;
        }
    }
    for told in unseen(shown) {
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "", "")))?;
    }
    Ok(())
}

fn state(state: &State) -> String {
    match state {
        State::Verified(at) => format!("verified {}", stamp(*at)),
        State::Proven(at) => format!("proven {}", stamp(*at)),
        other => other.word().to_owned(),
    }
}

/// What its system told.
fn source(account: &Account) -> Vec<(&'static str, String)> {
    let line = |text: &str| untrusted(text, Shape::line(200));
    let mut told = vec![("from", line(&account.system))];
    let rows = account.counts.iter().take(MOST_COUNTS).map(|(name, count)| format!("{} {count}", line(name)));
    if !account.counts.is_empty() {
        let more = account.counts.len().saturating_sub(MOST_COUNTS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        told.push(("counts", format!("{}{more}", rows.collect::<Vec<_>>().join(", "))));
    }
    told.extend(account.left_out.iter().map(|left_out| ("not in it", line(left_out))));
    told
}

/// How long it takes until something of it can be read.
pub(super) fn first_byte(shown: &Shown<'_>, copied: &Copied) -> String {
    let store = shown.plan.store.iter().find(|store| store.name == copied.store);
    vault::first_byte(store, copied, SystemClock.now()).unwrap_or_else(|| "read at once".to_owned())
}

fn files(copied: &Copied) -> impl Iterator<Item = (&'static str, &Holding)> {
    let artefacts = copied.artefacts.iter().map(|(sort, holding)| (sort.word(), holding));
    artefacts.chain(copied.notes.iter().map(|holding| ("notes", &holding.1)))
}

fn file((what, holding): (&'static str, &Holding)) -> Vec<String> {
    let size = Size(holding.size).approx();
    vec![what.to_owned(), Output::safe(&holding.key), size, format!("written {}", stamp(holding.written))]
}
