//! What is read in full, in place of the lists: a recovery point, a job, or what would be thrown away.

use std::sync::Arc;

use super::{detail, job, retention};
use crate::console::fetch_point::PointAnswer;
use crate::console::fetch_retention::RetentionAnswer;
use crate::console::screens::Reply;
use crate::console::widgets::{Filter, Page, Reader};
use crate::console::{Action, Canvas, View};

/// Something that is read.
#[derive(Debug)]
pub(super) struct Reading {
    what: What,
    reader: Reader,
}

/// What is read, and what came of asking for it.
#[derive(Debug)]
enum What {
    Point(Arc<str>, Option<PointAnswer>),
    /// The job at this place in the plan.
    Job(usize),
    Retention(Option<RetentionAnswer>),
}

impl Reading {
    fn of(what: What) -> Reading {
        Reading { what, reader: Reader::default() }
    }

    pub(super) fn point(id: Arc<str>) -> Reading {
        Reading::of(What::Point(id, None))
    }

    pub(super) fn job(job: usize) -> Reading {
        Reading::of(What::Job(job))
    }

    pub(super) fn retention() -> Reading {
        Reading::of(What::Retention(None))
    }

    /// The recovery point that is read.
    pub(super) fn of_point(&self) -> Option<&Arc<str>> {
        match &self.what {
            What::Point(id, _) => Some(id),
            What::Job(_) | What::Retention(_) => None,
        }
    }

    /// The job that is read.
    pub(super) fn of_job(&self) -> Option<usize> {
        match self.what {
            What::Job(job) => Some(job),
            What::Point(..) | What::Retention(_) => None,
        }
    }

    pub(super) fn is_retention(&self) -> bool {
        matches!(self.what, What::Retention(_))
    }

    pub(super) fn take_point(&mut self, came: PointAnswer) {
        if let What::Point(id, answer) = &mut self.what
            && *id == came.id
        {
            *answer = Some(came);
        }
    }

    pub(super) fn take_retention(&mut self, came: RetentionAnswer) {
        if let What::Retention(answer) = &mut self.what {
            *answer = Some(came);
        }
    }

    /// Does it; nothing where this is to be left.
    pub(super) fn act(&mut self, action: Action, view: &View<'_>) -> Option<Reply> {
        if self.reader.act(action) {
            return Some(Reply::Done);
        }
        match (action, &self.what) {
            (Action::Back | Action::Left, _) | (Action::Retention, What::Retention(_)) => None,
            (Action::Copy, What::Point(id, answer)) => {
                let lines = answer.as_ref().map(|answer| detail::restore_lines(view, answer)).unwrap_or_default();
                Some(Reply::Copy(if lines.is_empty() { id.to_string() } else { lines.join("\n") }))
            }
            (Action::Copy, What::Job(job)) => view.desk.plan.job.get(*job).map(|job| Reply::Copy(job.name.clone())),
            (Action::Open, What::Job(job)) => Some(job::component(view, *job)),
            _ => Some(Reply::Ignored),
        }
    }

    pub(super) fn draw(&mut self, view: &View<'_>, filter: &Filter, canvas: &mut Canvas<'_>) {
        let page = self.page(view, canvas.width());
        self.reader.draw(&page.lines(filter), canvas);
    }

    fn page(&self, view: &View<'_>, width: u16) -> Page {
        match &self.what {
            What::Point(id, answer) => detail::page(view, id, answer.as_ref(), width),
            What::Job(job) => job::page(view, *job, width),
            What::Retention(answer) => retention::page(view, answer.as_ref(), width),
        }
    }
}
