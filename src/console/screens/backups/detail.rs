//! One recovery point in full: its copies, file by file, and what restores it with standard tools alone.

use super::points::role;
use crate::console::fetch_point::PointAnswer;
use crate::console::widgets::{Filter, Page, ago};
use crate::console::{Canvas, Role, View};
use crate::desk::shelf::Brief;
use crate::text::Size;
use crate::text::instant::stamp;
use crate::vault::{Copied, Point, State, by_hand, first_byte};

const INCOMPLETE: &str = "no copy has all there was, and it counts for no RPO";

/// More tables than these are only counted.
const MOST_COUNTS: usize = 12;

/// The page of a recovery point, as far as it was read.
pub(super) fn page(view: &View<'_>, id: &str, answer: Option<&PointAnswer>, width: u16) -> Page {
    let mut page = Page::new(width);
    page.text(0, id, Role::Title);
    match answer.map(|answer| &answer.point) {
        None => page.text(0, &format!("reading it{}", view.theme.marks().ellipsis), Role::Dim),
        Some(Err(why)) => page.text(0, &format!("It cannot be read: {why}"), Role::Down),
        Some(Ok(point)) => of_point(view, point, &mut page),
    }
    page
}

fn of_point(view: &View<'_>, point: &Point, page: &mut Page) {
    let state = point.state();
    page.labelled("state", &told(view, &state), role(&state));
    if point.is_incomplete() {
        page.labelled("incomplete", INCOMPLETE, Role::Degraded);
    }
    page.labelled("taken", &format!("{}, {}", stamp(point.taken), ago(view.since(point.taken))), Role::Text);
    page.labelled("of", point.component.as_deref().unwrap_or("no component of this plan"), Role::Text);
    page.labelled("size", &Size(point.size()).approx(), Role::Text);
    if let Some(manifest) = point.manifest() {
        page.labelled("from", &manifest.source.system, Role::Text);
        let counts = manifest.source.counts.iter().take(MOST_COUNTS).map(|(name, count)| format!("{name} {count}"));
        let more = manifest.source.counts.len().saturating_sub(MOST_COUNTS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        page.labelled("counts", &format!("{}{more}", counts.collect::<Vec<_>>().join(", ")), Role::Text);
        manifest.source.left_out.iter().for_each(|left_out| page.labelled("not in it", left_out, Role::Degraded));
    }
    for copied in &point.copies {
        of_copy(view, copied, page);
    }
    for from in by_hand(point, &view.desk.plan.store, view.now) {
        let at = from.at.map(|at| format!(", at {at}")).unwrap_or_default();
        page.heading(&format!("Restored by hand from {}{at}", from.store));
        for line in from.lines {
            line.doubt().into_iter().for_each(|doubt| page.text(2, doubt, Role::Degraded));
            page.labelled(line.holds, &line.typed, Role::Text);
        }
        from.remarks.iter().for_each(|remark| page.text(2, remark, Role::Dim));
    }
}

fn of_copy(view: &View<'_>, copied: &Copied, page: &mut Page) {
    let state = copied.state();
    let store = view.desk.plan.store.iter().find(|store| store.name == copied.store);
    let thaw = first_byte(store, copied, view.now).map(|told| format!(", {told}"));
    let beside = format!("{}{}", told(view, &state), thaw.unwrap_or_default());
    page.heading_with(&format!("In {}", copied.store), &beside, role(&state));
    copied.lacks().for_each(|lack| page.labelled("not in it", lack, Role::Degraded));
    let artefacts = copied.artefacts.iter().map(|(sort, holding)| (sort.word(), holding));
    let notes = copied.notes.iter().map(|(_, holding, _)| ("note", holding));
    let rows = artefacts.chain(notes).map(|(what, holding)| {
        vec![what.to_owned(), Size(holding.size).approx(), view.moment(holding.written), holding.key.clone()]
    });
    page.table(&["holds", "size", "written", "file"], &rows.collect::<Vec<_>>());
}

/// What is known at once, beside the list.
pub(super) fn aside(view: &View<'_>, brief: &Brief, canvas: &mut Canvas<'_>) {
    let mut page = Page::new(canvas.width());
    page.text(0, &brief.id, Role::Title);
    page.labelled("state", &told(view, &brief.state), role(&brief.state));
    page.labelled("taken", &format!("{}, {}", view.moment(brief.taken), ago(view.since(brief.taken))), Role::Text);
    page.labelled("of", brief.component.as_deref().unwrap_or("no component of this plan"), Role::Text);
    page.labelled("holds", &brief.holds, Role::Text);
    page.labelled("size", &Size(brief.size).approx(), Role::Text);
    page.labelled("in", &brief.stores, Role::Text);
    if brief.is_incomplete {
        page.labelled("incomplete", INCOMPLETE, Role::Degraded);
    }
    if brief.is_broken() && brief.copies > 1 {
        page.labelled("broken", &format!("{} of {} copies", brief.broken, brief.copies), Role::Degraded);
    }
    page.labelled("opened", "its files, and the lines that restore it", Role::Dim);
    for (y, line) in (0..canvas.height()).zip(page.lines(&Filter::default())) {
        line.draw(canvas, 0, y);
    }
}

/// The lines that restore it from its best copy, to be copied.
pub(super) fn restore_lines(view: &View<'_>, answer: &PointAnswer) -> Vec<String> {
    let point = answer.point.as_ref().ok();
    let best = point.and_then(|point| by_hand(point, &view.desk.plan.store, view.now).into_iter().next());
    best.map(|from| from.lines.into_iter().filter(|line| line.is_known).map(|line| line.typed).collect())
        .unwrap_or_default()
}

/// `● verified, 3h ago`; and why it is no better.
fn told(view: &View<'_>, state: &State) -> String {
    let mark = view.theme.marks().state(state);
    let word = state.word();
    match state {
        State::Verified(at) | State::Proven(at) => format!("{mark} {word} {}", ago(view.since(*at))),
        State::Partial(why) | State::Flawed(why) => format!("{mark} {word}: {why}"),
        State::Present => format!("{mark} {word}, never verified"),
        State::Tainted => format!("{mark} {word}: it is not to be trusted"),
    }
}
