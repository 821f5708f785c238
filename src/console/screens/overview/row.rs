//! A component as a row: its columns, and below them why it is not well.

use unicode_width::UnicodeWidthStr;

use crate::console::canvas::harmless;
use crate::console::screens::why::sentences;
use crate::console::widgets::{Column, Filter, Line, Place, age, ago, fit, fold};
use crate::console::{Canvas, Role, View};
use crate::plan::facts::{Value, Verdict};
use crate::plan::rpo_of;
use crate::plan::types::Component;
use crate::text::Span;
use crate::watch::Seen;

/// Columns left of all others, for the pointer.
pub(super) const MARGIN: u16 = 2;
/// Of what is older than this it is said how old it is.
const FRESH: Span = Span::from_secs(90);
/// How many lines a component's reasons may take.
const REASON_LINES: usize = 2;

/// The columns, best first where there is little room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Verdict,
    Name,
    Matters,
    Took,
    Since,
    Site,
    Rto,
    Rpo,
    Title,
}

/// Where the columns are, for a list of some width.
pub(super) struct Layout {
    places: Vec<(What, Column, Place)>,
    width: u16,
}

impl Layout {
    /// The columns that fit for these components.
    pub fn of(view: &View<'_>, members: &[usize], width: u16) -> Layout {
        let plan = &view.desk.plan;
        let widest = |of: fn(&Component) -> &str| {
            let widths = members.iter().map(|index| harmless(of(&plan.component[*index])).width());
            u16::try_from(widths.max().unwrap_or(0)).unwrap_or(u16::MAX)
        };
        let name = widest(|component| &component.name).clamp(9, 28);
        let site = widest(|component| component.site.as_deref().unwrap_or_default()).clamp(4, 16);
        let title = widest(|component| component.title.as_deref().unwrap_or_default()).min(30);
        let column = |title, least, ideal, rank, right| Column { title, least, ideal, rank, right };
        let mut all = vec![
            (What::Verdict, column("VERDICT", 10, 10, 0, false)),
            (What::Name, column("COMPONENT", 16, name, 0, false)),
            (What::Matters, column("WHAT MATTERS", 27, 34, 1, false)),
            (What::Took, column("ANSWER", 6, 7, 2, true)),
            (What::Since, column("SINCE", 5, 8, 3, true)),
            (What::Site, column("SITE", site, site, 4, false)),
            (What::Rto, column("RTO", 5, 6, 5, true)),
            (What::Rpo, column("RPO", 5, 6, 6, true)),
        ];
        if title > 0 {
            all.push((What::Title, column("IS", 20, title, 7, false)));
        }
        let columns: Vec<Column> = all.iter().map(|(_, column)| *column).collect();
        let places = fit(&columns, width.saturating_sub(MARGIN));
        let places = all.into_iter().zip(places).filter_map(|((what, column), place)| Some((what, column, place?)));
        Layout { places: places.collect(), width }
    }

    /// The heads of the columns.
    pub fn draw_heads(&self, canvas: &mut Canvas<'_>, y: u16) {
        for (_, column, place) in &self.places {
            put(canvas, *column, *place, y, column.title, Role::Dim);
        }
    }

    /// A component in its columns.
    pub fn draw(&self, view: &View<'_>, filter: &Filter, index: usize, canvas: &mut Canvas<'_>, y: u16) {
        let (component, seen) = (&view.desk.plan.component[index], view.desk.picture.seen(index));
        for (what, column, place) in &self.places {
            let (text, role) = cell(*what, view, component, seen);
            if *what == What::Name {
                let mut part = canvas.part(MARGIN + place.x, y, place.width, 1);
                part.pieces(0, 0, &filter.found(&harmless(&text), role));
            } else {
                put(canvas, *column, *place, y, &text, role);
            }
        }
    }

    /// Why a component is not well, folded below its name; nothing for those that are.
    pub fn below(&self, view: &View<'_>, index: usize) -> Vec<Line> {
        let indent = if self.width < 50 { usize::from(MARGIN) + 2 } else { usize::from(MARGIN) + 12 };
        let room = usize::from(self.width).saturating_sub(indent);
        let told = sentences(view, index).join("; ");
        let mut lines = fold(&told, room);
        if lines.len() > REASON_LINES {
            lines.truncate(REASON_LINES);
            if let Some(last) = lines.last_mut() {
                let ellipsis = view.theme.marks().ellipsis;
                *last = view.theme.marks().cut(&format!("{last}{ellipsis}"), room).into_owned();
            }
        }
        lines.into_iter().map(|line| Line::of(line, Role::Text).indented(indent)).collect()
    }
}

fn put(canvas: &mut Canvas<'_>, column: Column, place: Place, y: u16, text: &str, role: Role) {
    let text = harmless(text);
    let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
    let blank = if column.right { place.width.saturating_sub(width) } else { 0 };
    canvas.put_within(MARGIN + place.x + blank, y, place.width - blank, &text, role);
}

fn cell(what: What, view: &View<'_>, component: &Component, seen: &Seen) -> (String, Role) {
    let verdict = seen.verdict();
    let span = |span: Option<Span>| span.map_or_else(String::new, |span| span.to_string());
    match what {
        What::Verdict => (format!("{} {verdict}", view.theme.marks().verdict(verdict)), Role::of(verdict)),
        What::Name => (component.name.clone(), if verdict == Verdict::Healthy { Role::Text } else { Role::Strong }),
        What::Matters => matters(view, component, seen),
        What::Took => took(view, component, seen),
        What::Since => (seen.since().map_or_else(String::new, |since| age(view.since(since))), Role::Text),
        What::Site => (component.site.clone().unwrap_or_default(), Role::Text),
        What::Rto => (span(component.rto), Role::Dim),
        What::Rpo => (span(rpo_of(&view.desk.plan, component)), Role::Dim),
        What::Title => (component.title.clone().unwrap_or_default(), Role::Dim),
    }
}

/// Its role and key fact; how old they are, if nobody asks every minute; as of when, if they should be newer; else that
/// it is asked.
fn matters(view: &View<'_>, component: &Component, seen: &Seen) -> (String, Role) {
    let ellipsis = view.theme.marks().ellipsis;
    match &seen.latest {
        None if seen.asking_since.is_some() => (format!("asking{ellipsis}"), Role::Dim),
        None => ("not asked yet".to_owned(), Role::Dim),
        Some(latest) if seen.is_stale(component, view.now) => {
            (format!("as of {}", view.moment(latest.answered)), Role::Stale)
        }
        Some(latest) => {
            let old = view.since(latest.answered);
            let matters = seen.matters(component);
            (if old > FRESH { format!("{}: {matters}", ago(old)) } else { matters }, Role::Text)
        }
    }
}

fn took(view: &View<'_>, component: &Component, seen: &Seen) -> (String, Role) {
    let Some(latest) = &seen.latest else { return (String::new(), Role::Text) };
    let role = if seen.is_stale(component, view.now) { Role::Stale } else { Role::Text };
    let long = if latest.took < Span::from_millis(1) { "<1ms".to_owned() } else { latest.took.brief() };
    // Without an answer there is no time in which it came.
    let was_waited_for = latest.fact("connection").is_some_and(|word| *word == Value::word("timeout"));
    (if was_waited_for { format!(">{long}") } else { long }, role)
}
