//! The log of a component: fetched by somebody else, filtered and read here.

use super::{Reply, Screen};
use crate::console::fetch::{LogAnswer, LogWish};
use crate::console::widgets::fold::broken;
use crate::console::widgets::{Filter, Line, Reader, fold};
use crate::console::{Action, Canvas, Role, View};
use crate::plan::Plan;
use crate::systems::logs::{Level, LogLine, source};

/// How many lines are fetched.
const LINES: usize = 500;
/// What stands before a line: when, and how bad.
const BEFORE: usize = 22;

/// The log of a component.
#[derive(Debug)]
pub struct Logs {
    component: Option<usize>,
    answer: Option<LogAnswer>,
    least: Level,
    follows: bool,
    filter: Filter,
    reader: Reader,
}

impl Default for Logs {
    fn default() -> Logs {
        Logs {
            component: None,
            answer: None,
            least: Level::Unknown,
            follows: true,
            filter: Filter::default(),
            reader: Reader::default(),
        }
    }
}

impl Screen for Logs {
    fn title(&self) -> &'static str {
        "Logs"
    }

    fn actions(&self) -> &'static [Action] {
        const ACTIONS: &[Action] = &[
            Action::Level,
            Action::Follow,
            Action::Filter,
            Action::Left,
            Action::Right,
            Action::Copy,
            Action::Up,
            Action::Down,
            Action::PageUp,
            Action::PageDown,
            Action::First,
            Action::Last,
        ];
        ACTIONS
    }

    fn show(&mut self, component: usize) {
        if self.component != Some(component) {
            (self.component, self.answer) = (Some(component), None);
            self.reader.to_start();
            self.follows = true;
        }
    }

    fn about(&self) -> Option<usize> {
        self.component
    }

    fn act(&mut self, action: Action, view: &View<'_>) -> Reply {
        if self.reader.act(action) {
            // Who reads what was said before is not torn away from it.
            self.follows = matches!(action, Action::Last | Action::Down | Action::PageDown) && self.reader.is_at_end();
            return Reply::Done;
        }
        match action {
            Action::Follow => self.follows = !self.follows,
            Action::Level => {
                self.least = match self.least {
                    Level::Unknown | Level::Debug | Level::Info => Level::Warning,
                    Level::Warning => Level::Error,
                    Level::Error => Level::Unknown,
                };
            }
            Action::Left => return self.step(&view.desk.plan, false),
            Action::Right => return self.step(&view.desk.plan, true),
            Action::Copy => {
                let lines: Vec<String> = self.shown().iter().map(|line| copied(line)).collect();
                return Reply::Copy(lines.join("\n"));
            }
            _ => return Reply::Ignored,
        }
        Reply::Done
    }

    fn filter(&mut self, text: &str, _: &View<'_>) {
        self.filter = Filter::new(text);
    }

    fn wants(&self, view: &View<'_>) -> Option<LogWish> {
        let component = self.component.or_else(|| first(view))?;
        source(view.desk.plan.component.get(component)?, &view.desk.plan)?;
        Some(LogWish { component, lines: LINES, follows: self.follows })
    }

    fn take(&mut self, answer: LogAnswer) {
        if self.component.is_none_or(|component| component == answer.component) {
            self.component = Some(answer.component);
            self.answer = Some(answer);
        }
    }

    fn draw(&mut self, view: &View<'_>, canvas: &mut Canvas<'_>) {
        let (width, height) = (canvas.width(), canvas.height());
        let head = self.head(view, usize::from(width));
        let fixed = u16::try_from(head.len()).unwrap_or(u16::MAX).min(height);
        for (y, line) in (0..fixed).zip(&head) {
            line.draw(canvas, 0, y);
        }
        let lines: Vec<Line> =
            self.shown().into_iter().flat_map(|line| self.lines(view, line, usize::from(width))).collect();
        if self.follows {
            self.reader.to_end();
        }
        self.reader.draw(&lines, &mut canvas.part(0, fixed, width, height.saturating_sub(fixed)));
    }
}

impl Logs {
    /// The lines that the level and the filter let through.
    fn shown(&self) -> Vec<&LogLine> {
        let Some(Ok(lines)) = self.answer.as_ref().map(|answer| &answer.lines) else { return Vec::new() };
        let is_shown = |line: &&LogLine| line.level >= self.least && self.filter.lets([line.text.as_str()]);
        lines.iter().filter(is_shown).collect()
    }

    /// Whose log it is, as of when, and what of it is shown.
    fn head(&self, view: &View<'_>, width: usize) -> Vec<Line> {
        let plan = &view.desk.plan;
        let chosen = self.component.or_else(|| first(view));
        let Some(component) = chosen.and_then(|index| plan.component.get(index)) else {
            return said(
                "No component has a log that the plan knows of. Give one a `log`: a path, \"journal:UNIT\" or \
                         \"container\".",
                Role::Dim,
                width,
            );
        };
        let Some(from) = source(component, plan) else { return without(plan, &component.name, width) };
        let mut lines = said(&format!("The log of {}: {from}", component.name), Role::Strong, width);
        match &self.answer {
            None => lines.extend(said(&format!("reading it{}", view.theme.marks().ellipsis), Role::Dim, width)),
            Some(LogAnswer { lines: Err(why), at, .. }) => {
                lines.extend(said(&format!("It cannot be read ({}): {why}", view.moment(*at)), Role::Down, width));
            }
            Some(LogAnswer { lines: Ok(all), at, .. }) => {
                lines.extend(said(&self.state(view, all.len(), *at), Role::Dim, width));
            }
        }
        lines.push(Line::blank());
        lines
    }

    /// `12 of 500 lines, warnings and errors, with "timeout"; followed, as of 03:12:05`
    fn state(&self, view: &View<'_>, all: usize, at: chrono::DateTime<chrono::Utc>) -> String {
        let shown = self.shown().len();
        let count = if shown == all { format!("{all} lines") } else { format!("{shown} of {all} lines") };
        let level = match self.least {
            Level::Error => ", errors only",
            Level::Warning => ", warnings and errors",
            Level::Unknown | Level::Debug | Level::Info => "",
        };
        let filter =
            self.filter.told(shown, all).map(|_| format!(", with \"{}\"", self.filter.text())).unwrap_or_default();
        let follows = if self.follows { "followed" } else { "standing still" };
        format!("{count}{level}{filter}; {follows}, as of {}", view.moment(at))
    }

    /// A line of the log, folded beside its moment and its level.
    fn lines(&self, view: &View<'_>, line: &LogLine, width: usize) -> Vec<Line> {
        let (word, role) = match line.level {
            Level::Error => ("error", Role::Down),
            Level::Warning => ("warning", Role::Degraded),
            Level::Debug => ("debug", Role::Dim),
            Level::Info | Level::Unknown => ("", Role::Text),
        };
        let at = line.at.map(|at| view.moment(at)).unwrap_or_default();
        let narrow = width < 60;
        let before = if narrow { format!("{at:<9}") } else { format!("{at:<13}{word:<9}") };
        let indent = if narrow { 9 } else { BEFORE };
        let parts = broken(&line.text, width.saturating_sub(indent));
        let with = |(number, part): (usize, String)| {
            let start = if number == 0 { before.clone() } else { " ".repeat(indent) };
            let mut shown = Line::of(start, if role == Role::Text { Role::Dim } else { role });
            shown.0.extend(self.filter.found(&part, role));
            shown
        };
        parts.into_iter().enumerate().map(with).collect()
    }

    /// To the next or the previous component that has a log.
    fn step(&mut self, plan: &Plan, forwards: bool) -> Reply {
        let with: Vec<usize> = with_log(plan).collect();
        let now = self.component.unwrap_or(0);
        let next = if forwards {
            with.iter().find(|index| **index > now).or(with.first())
        } else {
            with.iter().rev().find(|index| **index < now).or(with.last())
        };
        match next {
            Some(next) => self.show(*next),
            None => return Reply::Say("no component has a log".to_owned()),
        }
        Reply::Done
    }
}

/// The components that have a log, by their places.
fn with_log(plan: &Plan) -> impl Iterator<Item = usize> + '_ {
    (0..plan.component.len()).filter(|index| source(&plan.component[*index], plan).is_some())
}

/// That a component has no log, who has one, and how to give it one.
fn without(plan: &Plan, name: &str, width: usize) -> Vec<Line> {
    let mut lines = said(&format!("{name} has no log in the plan."), Role::Degraded, width);
    let others: Vec<&str> = with_log(plan).map(|index| plan.component[index].name.as_str()).collect();
    if !others.is_empty() {
        let told = format!("Left and right go to those that have one: {}.", others.join(", "));
        lines.extend(said(&told, Role::Text, width));
    }
    let how = "To see its log here, give it a `log` in the plan: a path, \"journal:UNIT\" or \"container\".";
    lines.extend(said(how, Role::Dim, width));
    lines
}

/// The component whose log is read unless one is chosen: the worst of those that have one.
fn first(view: &View<'_>) -> Option<usize> {
    let plan = &view.desk.plan;
    with_log(plan).max_by_key(|index| (view.desk.picture.seen(*index).verdict(), std::cmp::Reverse(*index)))
}

fn said(text: &str, role: Role, width: usize) -> Vec<Line> {
    fold(text, width).into_iter().map(|line| Line::of(line, role)).collect()
}

fn copied(line: &LogLine) -> String {
    let at = line.at.map(|at| format!("{} ", crate::text::instant::stamp(at))).unwrap_or_default();
    format!("{at}{}", line.text)
}
