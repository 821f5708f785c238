//! Whom to call: now, and when time passes; numbers, duties and channels.

mod sections;

use super::masked::Masked;
use super::{Reply, Screen};
use crate::console::widgets::{Filter, Line, Page, Reader, beside, fold, half};
use crate::console::{Action, Canvas, Role, View};
use crate::plan::types::Person;
use crate::plan::{Call, Plan, first_calls};

/// From this width on there are two columns.
const WIDE: u16 = 150;
/// How many are named who are next.
const NEXT: usize = 2;

/// Whom to call.
#[derive(Debug, Default)]
pub struct People {
    reader: Reader,
    filter: Filter,
    masked: Masked,
}

impl Screen for People {
    fn title(&self) -> &'static str {
        "People"
    }

    fn actions(&self) -> &'static [Action] {
        const ACTIONS: &[Action] = &[
            Action::Copy,
            Action::Filter,
            Action::Down,
            Action::Up,
            Action::PageDown,
            Action::PageUp,
            Action::First,
            Action::Last,
        ];
        ACTIONS
    }

    fn act(&mut self, action: Action, view: &View<'_>) -> Reply {
        if self.reader.act(action) {
            return Reply::Done;
        }
        let Some(plan) = self.masked.of(&view.desk.plan) else { return Reply::Ignored };
        let calls = first_calls(plan, view.now);
        match (action, calls.first().and_then(|call| call.people.first())) {
            (Action::Copy, Some(person)) => Reply::Copy(format!("{}: {}", called(person), numbers(person))),
            _ => Reply::Ignored,
        }
    }

    fn filter(&mut self, text: &str, _: &View<'_>) {
        self.filter = Filter::new(text);
        self.reader.to_start();
    }

    fn draw(&mut self, view: &View<'_>, canvas: &mut Canvas<'_>) {
        let Some(plan) = self.masked.of(&view.desk.plan) else {
            canvas.put(0, 0, "The plan cannot be shown: its secrets could not be covered.", Role::Down);
            return;
        };
        let (width, height) = (canvas.width(), canvas.height());
        let head = head(view, plan, usize::from(width));
        let fixed = u16::try_from(head.len()).unwrap_or(u16::MAX).min(height);
        for (y, line) in (0..fixed).zip(&head) {
            line.draw(canvas, 0, y);
        }
        let lines = if width >= WIDE {
            let (mut left, mut right) = (Page::new(half(width)), Page::new(half(width)));
            callable(view, plan, &mut left);
            around(plan, &mut right);
            beside(left.lines(&self.filter), right.lines(&self.filter), width)
        } else {
            let mut page = Page::new(width);
            callable(view, plan, &mut page);
            around(plan, &mut page);
            page.lines(&self.filter)
        };
        let below = fixed.saturating_add(1);
        self.reader.draw(&lines, &mut canvas.part(0, below, width, height.saturating_sub(below)));
    }
}

/// Who is called.
fn callable(view: &View<'_>, plan: &Plan, page: &mut Page) {
    sections::escalation(view, plan, page);
    sections::responses(plan, page);
    sections::rotas(view, plan, page);
}

/// Who else there is, and who does what.
fn around(plan: &Plan, page: &mut Page) {
    sections::contacts(plan, page);
    sections::channels(plan, page);
    sections::duties(plan, page);
}

/// Whom to call now, and who is next when nobody answers.
fn head(view: &View<'_>, plan: &Plan, width: usize) -> Vec<Line> {
    let calls = first_calls(plan, view.now);
    let mut lines = Vec::new();
    for call in &calls {
        let Some((first, others)) = call.people.split_first() else { continue };
        let now = format!("Call now: {}, {}", called(first), numbers(first));
        lines.extend(fold(&now, width).into_iter().map(|line| Line::of(line, Role::Strong)));
        let others = others.iter().map(|person| format!("then {}, {}", called(person), numbers(person)));
        for told in duty(view, plan, call).into_iter().chain(others.take(NEXT)) {
            let below = fold(&told, width.saturating_sub(2));
            lines.extend(below.into_iter().map(|line| Line::of(line, Role::Text).indented(2)));
        }
    }
    if lines.is_empty() {
        let told = "Nobody is named to be called: the plan has no people. Put them into [[person]] and [[rota]].";
        lines.extend(fold(told, width).into_iter().map(|line| Line::of(line, Role::Down)));
    }
    lines
}

/// `Engineer on call, on duty until 20 Nov 00:00`
fn duty(view: &View<'_>, plan: &Plan, call: &Call<'_>) -> Option<String> {
    let role = (!call.role.is_empty()).then(|| role_title(plan, call.role).to_owned());
    let until = call.until.map(|until| format!("on duty until {}", view.zoned(until).format("%a %d %b %H:%M")));
    let parts: Vec<String> = [role, until].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What a person is called.
fn called(person: &Person) -> &str {
    person.title.as_deref().unwrap_or(&person.name)
}

/// How a person is reached, the quickest way first.
fn numbers(person: &Person) -> String {
    let ways: Vec<&str> =
        [&person.phone, &person.chat, &person.email].into_iter().flatten().map(String::as_str).collect();
    if ways.is_empty() { "no number in the plan".to_owned() } else { ways.join(", ") }
}

/// What people call a role.
fn role_title<'a>(plan: &'a Plan, name: &'a str) -> &'a str {
    let role = plan.role.iter().find(|role| role.name == name);
    role.and_then(|role| role.title.as_deref()).unwrap_or(name)
}
