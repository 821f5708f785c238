//! The categories of data, each with a gauge: how much of what may be lost would be lost now.

use unicode_width::UnicodeWidthStr;

use super::under_way;
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
    let places = if width < ROOMY { FEW_PLACES } else { PLACES };
    let mut lines = headline(view, usize::from(width));
    lines.extend(under_way::lines(view, width, height, places));
    lines.extend(held(view, width));
    let all = shelf.worst_first(now);
    // The list below needs the larger half.
    let room = usize::from(height / 2).saturating_sub(lines.len() + 1);
    let shown = if all.len() <= room { all.len() } else { room.saturating_sub(1) };
    lines.extend(rows(view, &all[..shown], width, places));
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

/// Who holds everything, and why.
fn held(view: &View<'_>, width: u16) -> Option<Line> {
    let (store, hold) = view.desk.shelf.hold()?;
    let why = hold.because();
    let mark = view.theme.marks().verdict(Verdict::Degraded);
    let text = format!("  {mark} Held by {} since {} (in {store}){why}", hold.by, view.moment(hold.since));
    let cut = view.theme.marks().cut(&harmless(&text), usize::from(width)).into_owned();
    Some(Line::of(cut, Role::Degraded))
}

/// The sentence on top; as of when at its right.
fn headline(view: &View<'_>, width: usize) -> Vec<Line> {
    let shelf = &view.desk.shelf;
    let (verdict, text) = match (shelf.at, told(&shelf.protection, view.now)) {
        _ if view.desk.plan.data.is_empty() => (Verdict::Unknown, "the plan names no data".to_owned()),
        (None, _) => (Verdict::Unknown, "the stores were not looked at yet".to_owned()),
        (Some(_), Some(worst)) => worst,
        (Some(_), None) => all_within(view),
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

/// That all data is within its RPO, unless something else went wrong.
fn all_within(view: &View<'_>) -> (Verdict, String) {
    let wrong: Vec<_> = view.desk.shelf.notices.iter().filter(|notice| notice.is_wrong).collect();
    let texts: Vec<&str> = wrong.iter().map(|notice| notice.text.as_str()).collect();
    match wrong.iter().map(|notice| notice.verdict).max() {
        Some(verdict) => (verdict, format!("all data is within its RPO, but {}", texts.join("; "))),
        None => (Verdict::Healthy, "all data is within its RPO".to_owned()),
    }
}

fn rows(view: &View<'_>, all: &[&Protection], width: u16, places: usize) -> Vec<Line> {
    let cells = all.iter().map(|one| row(view, one, places)).collect();
    let column = |least: u16, rank| Column { title: "", least, ideal: 0, rank, right: false };
    let columns = [column(9, 0), column(24, 0), column(10, 1), column(20, 0), column(18, 3), column(14, 4)];
    laid_out(view, cells, columns, width)
}

/// Cells below each other in columns as wide as their widest.
pub(super) fn laid_out<const N: usize>(
    view: &View<'_>,
    cells: Vec<[(String, Role); N]>,
    columns: [Column; N],
    width: u16,
) -> Vec<Line> {
    let widest = |column: usize| {
        let widest = cells.iter().map(|row| harmless(&row[column].0).width()).max().unwrap_or(0);
        u16::try_from(widest).unwrap_or(u16::MAX)
    };
    let sized = |(index, column): (usize, &Column)| {
        let ideal = widest(index);
        Column { least: column.least.min(ideal), ideal, ..*column }
    };
    let columns: Vec<Column> = columns.iter().enumerate().map(sized).filter(|column| column.ideal > 0).collect();
    let is_empty: Vec<bool> = (0..N).map(|index| widest(index) == 0).collect();
    let places = fit(&columns, width.saturating_sub(2));
    let line = |row: [(String, Role); N]| {
        let mut line = Line::of("  ", Role::Text);
        let row = row.into_iter().zip(&is_empty).filter(|(_, is_empty)| !**is_empty);
        for (((text, role), _), place) in row.zip(&places) {
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
    let look = one.look(view.now);
    let role = Role::of(look);
    let missing = match one.missing_off_site.as_slice() {
        [] => String::new(),
        missing => format!(", not in {}", missing.join(", ")),
    };
    let stores = match &one.newest {
        _ if one.is_from_future(view.now) => "from the future: a clock is wrong".to_owned(),
        Some(_) if one.shrunk.is_some() => format!("holds much less than before; {}{missing}", one.stores_told()),
        Some(_) => format!("{}{missing}", one.stores_told()),
        None => one.why(view.now).unwrap_or_default(),
    };
    [
        (format!("{} {}", view.theme.marks().verdict(look), within.word()), role),
        (one.data.clone(), Role::Strong),
        (gauge(view, one, places), role),
        (one.age_told(view.now), if within == Within::Within { Role::Text } else { role }),
        (one.verified_told(view.now), Role::Dim),
        (stores, Role::Dim),
    ]
}

/// `███████───`: how much of the RPO is used; question marks where that is not known.
fn gauge(view: &View<'_>, one: &Protection, places: usize) -> String {
    match (one.verdict(view.now), one.share(view.now)) {
        (Within::Unknown, _) => "?".repeat(places),
        // Nothing to restore from has no length.
        (_, share) => gauge_of(view, Some(share.unwrap_or(0.0)), places),
    }
}

/// A share as a gauge; nothing where it is not known.
pub(super) fn gauge_of(view: &View<'_>, share: Option<f64>, places: usize) -> String {
    let Some(share) = share else { return String::new() };
    let marks = view.theme.marks();
    let full = (1..=places).filter(|place| share * places as f64 >= *place as f64).count();
    format!("{}{}", marks.bars[7].repeat(full), marks.rule.repeat(places - full))
}
