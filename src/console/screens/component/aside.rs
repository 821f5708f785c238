//! A component in short, beside the list of all.

use super::{One, context, facts, head, past};
use crate::console::widgets::{Filter, Line, Page};
use crate::console::{Canvas, Role, View};

/// How many facts are shown.
const FACTS: usize = 8;

/// Draws what is most worth knowing of the component at this place, with a line on its left.
pub(in crate::console::screens) fn draw(view: &View<'_>, index: usize, canvas: &mut Canvas<'_>) {
    let Some(one) = One::of(view, index) else { return };
    let (width, height) = (canvas.width(), canvas.height());
    for y in 0..height {
        canvas.put(0, y, view.theme.marks().wall, Role::Rule);
    }
    let mut part = canvas.part(2, 0, width.saturating_sub(2), height);
    let width = part.width();
    let mut page = Page::new(width);
    head::why(&one, &mut page);
    head::identity(&one, &mut page);
    past::graphs(&one, &mut page);
    let rows = facts::some(&one, page.columns(), FACTS);
    if !rows.is_empty() {
        page.heading("Facts");
        page.facts(&rows);
    }
    past::elsewhere(&one, &mut page);
    context::needs(&one, &mut page);
    past::events(&one, &mut page);
    context::protection(&one, &mut page);
    context::ways_out(&one, &mut page);
    let mut lines = vec![head::line(&one, usize::from(width)), Line::blank()];
    lines.extend(page.lines(&Filter::default()));
    for (y, line) in (0..height).zip(&lines) {
        line.draw(&mut part, 0, y);
    }
}
