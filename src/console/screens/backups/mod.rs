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
mod job;
mod jobs;
mod points;
mod reading;
mod retention;
mod under_way;

use std::sync::Arc;

use super::{Reply, Screen};
use crate::console::fetch_point::PointAnswer;
use crate::console::fetch_retention::RetentionAnswer;
use crate::console::widgets::{Filter, Line, List, fold};
use crate::console::{Action, Canvas, Role, View};
use crate::desk::shelf::Brief;
use reading::Reading;

/// From this width on the details stand beside the list.
const WIDE: u16 = 140;
/// And from this one where that is asked for: the list loses columns.
const WIDE_ENOUGH: u16 = 120;

/// Which list is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pane {
    #[default]
    Points,
    Jobs,
}

/// The backups.
#[derive(Debug, Default)]
pub struct Backups {
    pane: Pane,
    points: List<Arc<str>>,
    jobs: List<usize>,
    filter: Filter,
    details: Details,
    /// What is read in full, in place of the lists.
    reading: Option<Reading>,
}

/// The details beside the list.
#[derive(Debug, Default)]
struct Details {
    /// What was asked for last.
    wanted: Option<bool>,
    have_room: bool,
    are_shown: bool,
}

impl Details {
    /// Whether they stand there, in this width.
    fn fit(&mut self, width: u16) -> bool {
        self.have_room = width >= WIDE_ENOUGH;
        self.have_room && self.wanted.unwrap_or(width >= WIDE)
    }
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
        // Of what is read in full, only what can be done with it.
        const READING: &[Action] = &[
            Action::Back,
            Action::BackUp,
            Action::Verify,
            Action::CallOff,
            Action::Retention,
            Action::Hold,
            Action::Filter,
            Action::Copy,
            Action::Down,
            Action::Up,
            Action::PageDown,
            Action::PageUp,
            Action::First,
            Action::Last,
            Action::Left,
        ];
        let is_of_point = self.reading.as_ref().is_some_and(|reading| reading.of_job().is_none());
        if is_of_point { READING } else { ACTIONS }
    }

    fn act(&mut self, action: Action, view: &View<'_>) -> Reply {
        if let Some(reply) = self.ask(action, view) {
            return reply;
        }
        if let Some(reading) = &mut self.reading
            && (action != Action::Retention || reading.is_retention())
        {
            return reading.act(action, view).unwrap_or_else(|| {
                self.reading = None;
                Reply::Done
            });
        }
        match action {
            Action::Retention => self.reading = Some(Reading::retention()),
            Action::Left => self.pane = Pane::Points,
            Action::Right => self.pane = Pane::Jobs,
            Action::Jobs => {
                self.pane = if self.pane == Pane::Points { Pane::Jobs } else { Pane::Points };
            }
            Action::Details if !self.details.have_room => {
                return Reply::Say(format!("beside the list they need {WIDE_ENOUGH} columns; opened they fit"));
            }
            Action::Details => self.details.wanted = Some(!self.details.are_shown),
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
        self.reading.as_ref()?.of_point().cloned()
    }

    fn take_point(&mut self, answer: PointAnswer) {
        if let Some(reading) = &mut self.reading {
            reading.take_point(answer);
        }
    }

    fn wants_retention(&self) -> bool {
        self.reading.as_ref().is_some_and(Reading::is_retention)
    }

    fn take_retention(&mut self, answer: RetentionAnswer) {
        if let Some(reading) = &mut self.reading {
            reading.take_retention(answer);
        }
    }

    fn draw(&mut self, view: &View<'_>, canvas: &mut Canvas<'_>) {
        let (width, height) = (canvas.width(), canvas.height());
        if let Some(reading) = &mut self.reading {
            return reading.draw(view, &self.filter, canvas);
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
                self.details.are_shown = self.details.fit(width) && !shown.is_empty();
                let beside = if self.details.are_shown { width / 3 } else { 0 };
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
            Action::Open => self.reading = Some(Reading::point(Arc::clone(&brief.id))),
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
        let Some(seen) = shown.get(self.jobs.settle(&keys)) else { return Reply::Ignored };
        match (action, view.desk.plan.job.get(seen.job)) {
            (Action::Copy, Some(job)) => return Reply::Copy(job.name.clone()),
            (Action::Open, Some(_)) => self.reading = Some(Reading::job(seen.job)),
            _ => return Reply::Ignored,
        }
        Reply::Done
    }

    /// `Recovery points 72   Jobs 4, 1 failed, 1 late`, and what the filter leaves.
    fn tabs(&self, view: &View<'_>, width: u16) -> Line {
        let shelf = &view.desk.shelf;
        let late = shelf.late().filter(|late| *late > 0).map(|late| format!(", {late} late")).unwrap_or_default();
        let failed = shelf.jobs.iter().filter(|job| job.has_failed()).count();
        let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
        let role = |pane| if self.pane == pane { Role::Title } else { Role::Dim };
        let points = format!("Recovery points {}", shelf.points.len());
        let jobs = format!("Jobs {}{failed}{late}", view.desk.plan.job.len());
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
