//! Backups: how old what one would restore from is, against what may be lost; below it every recovery point, or the
//! jobs that take them.
//!
//! ```text
//! what matters first                                     as of when
//!   what is under way, how far it is, how it ended
//!   category of data   gauge   age of RPO   verified   where
//! Recovery points   Jobs
//!   heads of the columns
//!   point                                  │ the details of
//!                                          │ what is chosen
//! ```

mod asking;
mod data;
mod detail;
mod jobs;
mod points;
mod retention;
mod under_way;

use std::sync::Arc;

use super::{Reply, Screen};
use crate::console::fetch_point::PointAnswer;
use crate::console::fetch_retention::RetentionAnswer;
use crate::console::widgets::{Filter, Line, List, Reader, fold};
use crate::console::{Action, Canvas, Role, View};
use crate::desk::shelf::Brief;

/// From this width on the details stand beside the list.
const WIDE: u16 = 140;

/// Which list is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pane {
    #[default]
    Points,
    Jobs,
}

/// A recovery point that is read in full.
#[derive(Debug, Default)]
struct Opened {
    id: Option<Arc<str>>,
    answer: Option<PointAnswer>,
    reader: Reader,
}

/// The backups.
#[derive(Debug, Default)]
pub struct Backups {
    pane: Pane,
    points: List<Arc<str>>,
    jobs: List<usize>,
    filter: Filter,
    hides_details: bool,
    opened: Opened,
    /// What would be thrown away, while that is looked at.
    retention: Option<Retention>,
}

/// What would be thrown away.
#[derive(Debug, Default)]
struct Retention {
    answer: Option<RetentionAnswer>,
    reader: Reader,
}

impl Screen for Backups {
    fn title(&self) -> &'static str {
        "Backups"
    }

    fn actions(&self) -> &'static [Action] {
        const ACTIONS: &[Action] = &[
            Action::Open,
            Action::BackUp,
            Action::Verify,
            Action::CallOff,
            Action::Retention,
            Action::Hold,
            Action::Filter,
            Action::Jobs,
            Action::Details,
            Action::Copy,
            Action::Down,
            Action::Up,
            Action::PageDown,
            Action::PageUp,
            Action::First,
            Action::Last,
            Action::Left,
            Action::Right,
        ];
        ACTIONS
    }

    fn act(&mut self, action: Action, view: &View<'_>) -> Reply {
        if let Some(reply) = self.ask(action, view) {
            return reply;
        }
        if let Some(retention) = &mut self.retention {
            return retention.act(action).unwrap_or_else(|| {
                self.retention = None;
                Reply::Done
            });
        }
        if action == Action::Retention {
            self.retention = Some(Retention::default());
            return Reply::Done;
        }
        if self.opened.id.is_some() {
            return self.act_opened(action, view);
        }
        match action {
            Action::Left => self.pane = Pane::Points,
            Action::Right => self.pane = Pane::Jobs,
            Action::Jobs => {
                self.pane = if self.pane == Pane::Points { Pane::Jobs } else { Pane::Points };
            }
            Action::Details => self.hides_details = !self.hides_details,
            _ => {
                return match self.pane {
                    Pane::Points => self.act_points(action, view),
                    Pane::Jobs => self.act_jobs(action, view),
                };
            }
        }
        Reply::Done
    }

    fn filter(&mut self, text: &str, _: &View<'_>) {
        self.filter = Filter::new(text);
    }

    fn wants_point(&self) -> Option<Arc<str>> {
        self.opened.id.clone()
    }

    fn take_point(&mut self, answer: PointAnswer) {
        if self.opened.id.as_ref() == Some(&answer.id) {
            self.opened.answer = Some(answer);
        }
    }

    fn wants_retention(&self) -> bool {
        self.retention.is_some()
    }

    fn take_retention(&mut self, answer: RetentionAnswer) {
        if let Some(retention) = &mut self.retention {
            retention.answer = Some(answer);
        }
    }

    fn draw(&mut self, view: &View<'_>, canvas: &mut Canvas<'_>) {
        let (width, height) = (canvas.width(), canvas.height());
        if let Some(retention) = &mut self.retention {
            let lines = retention::page(view, retention.answer.as_ref(), width).lines(&self.filter);
            retention.reader.draw(&lines, canvas);
            return;
        }
        if let Some(id) = &self.opened.id {
            let answer = self.opened.answer.as_ref();
            let lines = detail::page(view, id, answer, width).lines(&self.filter);
            self.opened.reader.draw(&lines, canvas);
            return;
        }
        let head = data::head(view, width, height);
        let fixed = u16::try_from(head.len()).unwrap_or(u16::MAX).min(height);
        for (y, line) in (0..fixed).zip(&head) {
            line.draw(canvas, 0, y);
        }
        self.tabs(view, width).draw(canvas, 0, fixed);
        let top = fixed.saturating_add(1).min(height);
        let rest = height - top;
        match self.pane {
            Pane::Points => {
                let shown = self.shown(view);
                let with_details = !self.hides_details && width >= WIDE && !shown.is_empty();
                let beside = if with_details { width / 3 } else { 0 };
                let listed = width - beside;
                let inner = listed.saturating_sub(u16::from(beside > 0));
                points::draw(view, &shown, &mut self.points, &self.filter, &mut canvas.part(0, top, inner, rest));
                let chosen = shown.iter().find(|brief| Some(&brief.id) == self.points.chosen());
                if let (Some(brief), true) = (chosen, beside > 0) {
                    let mut part = canvas.part(listed, top, beside, rest);
                    for y in 0..rest {
                        part.put(0, y, view.theme.marks().wall, Role::Rule);
                    }
                    detail::aside(view, brief, &mut part.part(2, 0, beside.saturating_sub(2), rest));
                }
            }
            Pane::Jobs => {
                let shown = jobs::shown(view, &self.filter);
                jobs::draw(view, &shown, &mut self.jobs, &self.filter, &mut canvas.part(0, top, width, rest));
            }
        }
    }
}

impl Retention {
    /// Moves in the text; nothing where it is to be left.
    fn act(&mut self, action: Action) -> Option<Reply> {
        match action {
            _ if self.reader.act(action) => Some(Reply::Done),
            Action::Back | Action::Left | Action::Retention => None,
            _ => Some(Reply::Ignored),
        }
    }
}

impl Backups {
    /// What the filter lets through, the newest first.
    fn shown<'v>(&self, view: &View<'v>) -> Vec<&'v Brief> {
        let lets = |brief: &&Brief| {
            let component = brief.component.as_deref().unwrap_or_default();
            self.filter.lets([&*brief.id, component, &brief.holds, brief.state.word(), &brief.stores])
        };
        view.desk.shelf.points.iter().filter(lets).collect()
    }

    fn act_points(&mut self, action: Action, view: &View<'_>) -> Reply {
        let shown = self.shown(view);
        let keys: Vec<Arc<str>> = shown.iter().map(|brief| Arc::clone(&brief.id)).collect();
        if self.points.act(action, &keys) {
            return Reply::Done;
        }
        let Some(brief) = shown.get(self.points.settle(&keys)) else { return Reply::Ignored };
        match action {
            Action::Open => self.opened = Opened { id: Some(Arc::clone(&brief.id)), ..Opened::default() },
            Action::Copy => return Reply::Copy(brief.id.to_string()),
            _ => return Reply::Ignored,
        }
        Reply::Done
    }

    fn act_jobs(&mut self, action: Action, view: &View<'_>) -> Reply {
        let shown = jobs::shown(view, &self.filter);
        let keys: Vec<usize> = shown.iter().map(|job| job.job).collect();
        if self.jobs.act(action, &keys) {
            return Reply::Done;
        }
        let job = shown.get(self.jobs.settle(&keys)).and_then(|seen| view.desk.plan.job.get(seen.job));
        match (action, job) {
            (Action::Copy, Some(job)) => Reply::Copy(job.name.clone()),
            (Action::Open, Some(job)) => {
                let of = view.desk.plan.component.iter().position(|it| Some(&it.name) == job.of.as_ref());
                of.map_or(Reply::Say("it is about no component".to_owned()), Reply::Component)
            }
            _ => Reply::Ignored,
        }
    }

    /// While one recovery point is read.
    fn act_opened(&mut self, action: Action, view: &View<'_>) -> Reply {
        if self.opened.reader.act(action) {
            return Reply::Done;
        }
        match (action, &self.opened.id) {
            (Action::Back | Action::Left, _) => self.opened = Opened::default(),
            (Action::Copy, Some(id)) => {
                let lines =
                    self.opened.answer.as_ref().map(|answer| detail::restore_lines(view, answer)).unwrap_or_default();
                return Reply::Copy(if lines.is_empty() { id.to_string() } else { lines.join("\n") });
            }
            _ => return Reply::Ignored,
        }
        Reply::Done
    }

    /// `Recovery points 72   Jobs 4, 1 late`, and what the filter leaves.
    fn tabs(&self, view: &View<'_>, width: u16) -> Line {
        let shelf = &view.desk.shelf;
        let late = shelf.late().filter(|late| *late > 0).map(|late| format!(", {late} late")).unwrap_or_default();
        let role = |pane| if self.pane == pane { Role::Title } else { Role::Dim };
        let points = format!("Recovery points {}", shelf.points.len());
        let jobs = format!("Jobs {}{late}", view.desk.plan.job.len());
        let mark = |pane| if self.pane == pane { view.theme.marks().open } else { " " };
        let line = Line::of(format!("{} {points}", mark(Pane::Points)), role(Pane::Points));
        let line = line.and(format!("   {} {jobs}", mark(Pane::Jobs)), role(Pane::Jobs));
        let (shown, all) = match self.pane {
            Pane::Points if self.filter.is_empty() => (0, 0),
            Pane::Points => (self.shown(view).len(), shelf.points.len()),
            Pane::Jobs => (jobs::shown(view, &self.filter).len(), shelf.jobs.len()),
        };
        match self.filter.told(shown, all) {
            Some(told) if line.columns() + told.len() + 4 <= usize::from(width) => {
                line.and(format!("    {told}"), Role::Strong)
            }
            Some(told) => Line::of(told, Role::Strong),
            None => line,
        }
    }
}

/// A sentence where a list would be.
fn said(text: &str, canvas: &mut Canvas<'_>) {
    let lines = fold(text, usize::from(canvas.width().saturating_sub(4)));
    for (y, line) in (0..canvas.height()).zip(lines) {
        canvas.put(2, y, &line, Role::Dim);
    }
}
