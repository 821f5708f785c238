//! All about one component: how it is and why, everything that is known of it, its past, and what the plan says.

mod aside;
mod context;
mod facts;
mod head;
mod past;

pub(super) use aside::draw as draw_aside;

use super::why::copied;
use super::{Reply, Screen};
use crate::console::widgets::{Filter, Line, Page, Reader, beside, half};
use crate::console::{Action, Canvas, Role, View};
use crate::plan::Plan;
use crate::plan::types;
use crate::watch::Seen;

/// From this width on there are two columns.
const WIDE: u16 = 150;
/// How many lines stand above what can be scrolled: who it is, and a blank.
const HEAD: u16 = 2;

/// All about one component.
#[derive(Debug, Default)]
pub struct Component {
    index: usize,
    reader: Reader,
    filter: Filter,
}

/// The component that is shown.
struct One<'a> {
    view: &'a View<'a>,
    index: usize,
    component: &'a types::Component,
    seen: &'a Seen,
}

impl<'a> One<'a> {
    /// The component at this place; nothing where the plan has none there.
    fn of(view: &'a View<'a>, index: usize) -> Option<One<'a>> {
        let component = view.desk.plan.component.get(index)?;
        Some(One { view, index, component, seen: view.desk.picture.seen(index) })
    }

    fn plan(&self) -> &'a Plan {
        &self.view.desk.plan
    }
}

impl Screen for Component {
    fn title(&self) -> &'static str {
        "Component"
    }

    fn actions(&self) -> &'static [Action] {
        const ACTIONS: &[Action] = &[
            Action::Left,
            Action::Right,
            Action::Open,
            Action::Filter,
            Action::Copy,
            Action::Down,
            Action::Up,
            Action::PageDown,
            Action::PageUp,
            Action::First,
            Action::Last,
        ];
        ACTIONS
    }

    fn show(&mut self, component: usize) {
        if self.index != component {
            self.index = component;
            self.reader.to_start();
        }
    }

    fn about(&self) -> Option<usize> {
        Some(self.index)
    }

    fn act(&mut self, action: Action, view: &View<'_>) -> Reply {
        if self.reader.act(action) {
            return Reply::Done;
        }
        let all = view.desk.plan.component.len();
        match action {
            Action::Left if all > 0 => self.show((self.index + all - 1) % all),
            Action::Right if all > 0 => self.show((self.index + 1) % all),
            Action::Open if all > 0 => return Reply::Logs(self.index),
            Action::Copy => return copied(view, self.index).map_or(Reply::Ignored, Reply::Copy),
            _ => return Reply::Ignored,
        }
        Reply::Done
    }

    fn filter(&mut self, text: &str, _: &View<'_>) {
        self.filter = Filter::new(text);
        self.reader.to_start();
    }

    fn draw(&mut self, view: &View<'_>, canvas: &mut Canvas<'_>) {
        let Some(one) = One::of(view, self.index) else {
            canvas.put(0, 0, "The plan names no component.", Role::Dim);
            return;
        };
        let (width, height) = (canvas.width(), canvas.height());
        head::line(&one, usize::from(width)).draw(canvas, 0, 0);
        let lines =
            if width >= WIDE { two_columns(&one, &self.filter, width) } else { one_column(&one, &self.filter, width) };
        self.reader.draw(&lines, &mut canvas.part(0, HEAD, width, height.saturating_sub(HEAD)));
    }
}

fn one_column(one: &One<'_>, filter: &Filter, width: u16) -> Vec<Line> {
    let mut page = Page::new(width);
    now(one, &mut page);
    around(one, &mut page);
    page.lines(filter)
}

fn two_columns(one: &One<'_>, filter: &Filter, width: u16) -> Vec<Line> {
    let half = half(width);
    let (mut left, mut right) = (Page::new(half), Page::new(half));
    now(one, &mut left);
    around(one, &mut right);
    beside(left.lines(filter), right.lines(filter), width)
}

/// How it is now.
fn now(one: &One<'_>, page: &mut Page) {
    head::why(one, page);
    head::identity(one, page);
    past::graphs(one, page);
    facts::known(one, page);
    facts::rare(one, page);
    facts::unseen(one, page);
    facts::lists(one, page);
}

/// What is around it.
fn around(one: &One<'_>, page: &mut Page) {
    past::elsewhere(one, page);
    past::events(one, page);
    context::needs(one, page);
    context::protection(one, page);
    context::ways_out(one, page);
    context::plan(one, page);
}
