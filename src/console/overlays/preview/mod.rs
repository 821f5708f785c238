//! What exactly would be done, before it is: shown calmly, and done when that is confirmed.
//!
//! ```text
//! Back up now: what exactly
//! › agents by dump                 where there is a choice
//!   agents by base
//!
//!   takes       what, of what, to which stores
//!   usually     how large, how long
//!
//!   y does it   esc leaves
//! ```

mod told;

use told::{Fact, told};

use super::{Answer, Field};
use crate::console::app::App;
use crate::console::order::Order;
use crate::console::terminal::{Code, Key};
use crate::console::widgets::{Filter, Line, Page};
use crate::console::{Action, Canvas, Role, View};

/// The preview that is open.
#[derive(Clone, Debug)]
pub struct Preview {
    orders: Vec<Order>,
    chosen: usize,
    /// Where a reason is typed, if one is wanted.
    reason: Field,
}

impl Preview {
    /// Of these, beginning with one of them; nothing where there is none.
    pub fn new(orders: Vec<Order>, chosen: usize) -> Option<Preview> {
        let chosen = chosen.min(orders.len().checked_sub(1)?);
        Some(Preview { orders, chosen, reason: Field::default() })
    }

    fn order(&self) -> Option<&Order> {
        self.orders.get(self.chosen)
    }

    /// Arrows choose, `y` or Enter does it, everything else leaves it alone.
    pub(super) fn key(&mut self, app: &App, key: Key) -> Answer {
        let Some(order) = self.order().cloned() else { return Answer::Close };
        let last = self.orders.len() - 1;
        match key.code {
            Code::Escape => return Answer::Close,
            Code::Up => self.chosen = self.chosen.saturating_sub(1),
            Code::Down => self.chosen = (self.chosen + 1).min(last),
            Code::Enter if order.wants_reason() && self.reason.text().trim().is_empty() => {}
            Code::Enter if order.wants_reason() => {
                return Preview::confirmed(app, order.because(self.reason.text().trim()));
            }
            _ if order.wants_reason() => {
                self.reason.key(key);
            }
            Code::Char('y') if !key.ctrl => return Preview::confirmed(app, order),
            // What ends another's work takes the letter.
            Code::Enter if order.action() != Action::CallOff => return Preview::confirmed(app, order),
            Code::Char('n' | 'q') if !key.ctrl => return Answer::Close,
            _ => {}
        }
        Answer::Stay
    }

    /// It is done, unless something speaks against it.
    fn confirmed(app: &App, order: Order) -> Answer {
        if told(&order, &app.look.live(), app.ends_at_logout).refusal.is_some() {
            Answer::Stay
        } else {
            Answer::Start(order)
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        if self.order().is_some_and(Order::wants_reason) {
            self.reason.paste(text);
        }
    }

    /// Draws it over the screen.
    pub fn draw(&self, app: &App, canvas: &mut Canvas<'_>) {
        let Some(order) = self.order() else { return };
        let view = app.look.live();
        let told = told(order, &view, app.ends_at_logout);
        let mut page = Page::new(canvas.width());
        page.line(Line::of(told.title, Role::Title));
        let height = usize::from(canvas.height());
        self.choice(&view, height / 3, &mut page);
        if height > 14 {
            page.line(Line::blank());
        }
        for Fact { label, text, role } in &told.facts {
            page.labelled(label, text, *role);
        }
        if height > 14 {
            page.line(Line::blank());
        }
        let end = self.end(order, told.refusal.as_deref(), canvas.width());
        let lines = page.lines(&Filter::default());
        let room = height.saturating_sub(end.len());
        let mut y = 0;
        // How to leave is always there, whatever has to be cut.
        for line in lines.iter().take(room).chain(&end) {
            line.draw(canvas, 0, y);
            y += 1;
        }
        if order.wants_reason() && told.refusal.is_none() {
            let y = y.saturating_sub(2);
            let x = canvas.put(2, y, "why", Role::Key);
            self.reason.draw(&mut canvas.part(x + 1, y, u16::MAX, 1));
        }
    }

    /// The orders that one chooses among, where there are several.
    fn choice(&self, view: &View<'_>, most: usize, page: &mut Page) {
        let most = most.max(1);
        if self.orders.len() < 2 {
            return;
        }
        let first = (self.chosen + 1).saturating_sub(most);
        for (place, order) in self.orders.iter().enumerate().skip(first).take(most) {
            let is_chosen = place == self.chosen;
            let pointer = if is_chosen { view.theme.marks().pointer } else { " " };
            let role = if is_chosen { Role::Strong } else { Role::Text };
            page.line(Line::of(format!("{pointer} "), Role::Key).and(told::named(order, view), role));
        }
        let hidden = self.orders.len() - self.orders.len().min(most);
        if hidden > 0 {
            let marks = view.theme.marks();
            page.line(Line::of(format!("  {} {hidden} more; up and down choose", marks.ellipsis), Role::Dim));
        }
    }

    /// What is in the way, or what does it.
    fn end(&self, order: &Order, refusal: Option<&str>, width: u16) -> Vec<Line> {
        let mut page = Page::new(width);
        if let Some(why) = refusal {
            page.text(2, why, Role::Degraded);
            page.line(Line::of("  esc", Role::Key).and(" leaves", Role::Dim));
            return page.lines(&Filter::default());
        }
        let keys = match order {
            order if order.wants_reason() => {
                // The place of the reason.
                page.line(Line::blank());
                if self.reason.text().trim().is_empty() {
                    return with(
                        page,
                        Line::of("  a reason is needed; ", Role::Text).and("esc", Role::Key).and(" leaves", Role::Dim),
                    );
                }
                "enter"
            }
            Order::CallOff { .. } => "y",
            _ => "y or enter",
        };
        let line = Line::of(format!("  {keys}"), Role::Key).and(" does it   ", Role::Dim);
        with(page, line.and("esc", Role::Key).and(" leaves", Role::Dim))
    }
}

fn with(mut page: Page, line: Line) -> Vec<Line> {
    page.line(line);
    page.lines(&Filter::default())
}
