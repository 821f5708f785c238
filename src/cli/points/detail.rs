//! One recovery point, whole: where each of its copies lies, file by file.

use super::Shown;
use super::table::{taken, unseen, wrong};
use crate::cli::Failure;
use crate::cli::output::{Output, Style};
use crate::text::instant::stamp;
use crate::text::wrap::{columns, wrap};
use crate::text::{Clock, Shape, Size, Span, SystemClock, untrusted};
use crate::vault::{Copied, Holding, Point};

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
    ];
    for line in columns(&facts.map(|(name, told)| vec![name.to_owned(), told])) {
        out.line(format!("  {line}"))?;
    }
    for told in wrong(point) {
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "  ", "  ")))?;
    }
    for copied in &point.copies {
        out.line("")?;
        out.line(out.styled(Style::Strong, &Output::safe(&copied.store)))?;
        for line in columns(&files(copied).map(file).collect::<Vec<_>>()) {
            out.line(format!("  {line}"))?;
        }
    }
    for told in unseen(shown) {
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "", "")))?;
    }
    Ok(())
}

fn files(copied: &Copied) -> impl Iterator<Item = (&'static str, &Holding)> {
    let artefacts = copied.artefacts.iter().map(|(sort, holding)| (sort.word(), holding));
    artefacts.chain(copied.notes.iter().map(|holding| ("notes", &holding.1)))
}

fn file((what, holding): (&'static str, &Holding)) -> Vec<String> {
    let size = Size(holding.size).approx();
    vec![what.to_owned(), Output::safe(&holding.key), size, format!("written {}", stamp(holding.written))]
}
