//! The categories of data, each with a gauge: how much of what may be lost would be lost now.

use unicode_width::UnicodeWidthStr;

use crate::console::canvas::harmless;
use crate::console::widgets::{Column, Line, ago, fit, fold};
use crate::console::{Piece, Role, View};
use crate::plan::facts::Verdict;
use crate::protect::standing::{Protection, Within, told};

/// How many places a gauge has, and below which width it has fewer.
const PLACES: usize = 10;
const FEW_PLACES: usize = 6;
const ROOMY: u16 = 100;

/// What matters first, and the categories of data as far as there is room for them, the worst first.
pub(super) fn head(view: &View<'_>, width: u16, height: u16) -> Vec<Line> {
    let (shelf, now) = (&view.desk.shelf, view.now);
    let mut lines = headline(view, usize::from(width));
    let all = shelf.worst_first(now);
    // The list below needs the larger half.
    let room = usize::from(height / 2).saturating_sub(lines.len() + 1);
    let shown = if all.len() <= room { all.len() } else { room.saturating_sub(1) };
    lines.extend(rows(view, &all[..shown], width));
    if shown < all.len() && room > 0 {
        let more = &all[shown..];
        let kept = more.iter().filter(|one| one.verdict(now).is_kept()).count();
        let told = format!("  {} {} more, {kept} of them within their RPO", view.theme.marks().ellipsis, more.len());
        lines.push(Line::of(told, Role::Dim));
    }
    if let Some(unseen) = shelf.unseen.first() {
        let more = match shelf.unseen.len() - 1 {
            0 => String::new(),
            more => format!("; {more} more stores could not be looked at"),
        };
        let text = format!("  Store {}: {}{more}", unseen.store, unseen.why);
        let cut = view.theme.marks().cut(&harmless(&text), usize::from(width)).into_owned();
        lines.push(Line::of(cut, Role::Unknown));
    }
    if height > 12 {
        lines.push(Line::blank());
    }
    lines
}

/// The sentence on top; as of when at its right.
fn headline(view: &View<'_>, width: usize) -> Vec<Line> {
    let shelf = &view.desk.shelf;
    let (verdict, text) = match (shelf.at, told(&shelf.protection, view.now)) {
        _ if view.desk.plan.data.is_empty() => (Verdict::Unknown, "the plan names no data".to_owned()),
        (None, _) => (Verdict::Unknown, "the stores were not looked at yet".to_owned()),
        (Some(_), Some(worst)) => worst,
        (Some(_), None) => (Verdict::Healthy, "all data is within its RPO".to_owned()),
    };
    let role = Role::of(verdict);
    let mut lines = Vec::new();
    for (number, text) in fold(&text, width.saturating_sub(2)).into_iter().enumerate() {
        let mark = if number == 0 { view.theme.marks().verdict(verdict) } else { " " };
        lines.push(Line::of(format!("{mark} "), role).and(text, role));
    }
    let as_of = shelf.at.map(|at| format!("looked at {}", ago(view.since(at)))).unwrap_or_default();
    if let [only] = lines.as_mut_slice()
        && only.columns() + as_of.len() + 3 <= width
    {
        let blank = width - only.columns() - as_of.len();
        only.0.push(Piece::plain(" ".repeat(blank)));
        only.0.push(Piece::new(as_of, Role::Dim));
    }
    lines
}

fn rows(view: &View<'_>, all: &[&Protection], width: u16) -> Vec<Line> {
    let places = if width < ROOMY { FEW_PLACES } else { PLACES };
    let cells: Vec<[(String, Role); 6]> = all.iter().map(|one| row(view, one, places)).collect();
    let widest = |column: usize| {
        let widest = cells.iter().map(|row| harmless(&row[column].0).width()).max().unwrap_or(0);
        u16::try_from(widest).unwrap_or(u16::MAX)
    };
    let column = |index, least: u16, rank| {
        let ideal = widest(index);
        Column { title: "", least: least.min(ideal), ideal, rank, right: false }
    };
    let columns =
        [column(0, 9, 0), column(1, 24, 0), column(2, 10, 1), column(3, 20, 0), column(4, 18, 3), column(5, 14, 4)];
    let places = fit(&columns, width.saturating_sub(2));
    let line = |row: [(String, Role); 6]| {
        let mut line = Line::of("  ", Role::Text);
        for ((text, role), place) in row.into_iter().zip(&places) {
            let Some(place) = place else { continue };
            let text = harmless(&text).into_owned();
            let text = view.theme.marks().cut(&text, usize::from(place.width)).into_owned();
            let blank = (usize::from(place.x) + 2).saturating_sub(line.columns());
            line = line.and(" ".repeat(blank), Role::Text).and(text, role);
        }
        line
    };
    cells.into_iter().map(line).collect()
}

fn row(view: &View<'_>, one: &Protection, places: usize) -> [(String, Role); 6] {
    let within = one.verdict(view.now);
    let role = Role::of(within.verdict());
    let missing = match one.missing_off_site.as_slice() {
        [] => String::new(),
        missing => format!(", not in {}", missing.join(", ")),
    };
    let stores = match &one.newest {
        _ if one.is_from_future(view.now) => "from the future: a clock is wrong".to_owned(),
        Some(_) => format!("{}{missing}", one.stores_told()),
        None => one.why(view.now).unwrap_or_default(),
    };
    [
        (format!("{} {}", view.theme.marks().verdict(within.verdict()), within.word()), role),
        (one.data.clone(), Role::Strong),
        (gauge(view, one, places), role),
        (one.age_told(view.now), if within == Within::Within { Role::Text } else { role }),
        (one.verified_told(view.now), Role::Dim),
        (stores, Role::Dim),
    ]
}

/// `███████───`: how much of the RPO is used; question marks where that is not known.
fn gauge(view: &View<'_>, one: &Protection, places: usize) -> String {
    let marks = view.theme.marks();
    let full = match (one.verdict(view.now), one.share(view.now)) {
        (Within::Unknown, _) => return "?".repeat(places),
        // Nothing to restore from has no length.
        (_, None) => 0,
        (_, Some(share)) => (1..=places).filter(|place| share * places as f64 >= *place as f64).count(),
    };
    format!("{}{}", marks.bars[7].repeat(full), marks.rule.repeat(places - full))
}
