//! The jobs: when each ran last and how that ended, when it runs next, which are late.

use super::said;
use crate::console::canvas::harmless;
use crate::console::widgets::{Column, Filter, List, Tall, ago, due, fit};
use crate::console::{Canvas, Role, View};
use crate::desk::shelf::JobSeen;
use crate::plan::types::Job;
use crate::plan::{does, when};
use crate::text::Span;

/// Columns left of all others, for the pointer.
const MARGIN: u16 = 2;

/// What the filter lets through: those that somebody should look at first, then in the order of the plan.
pub(super) fn shown<'v>(view: &View<'v>, filter: &Filter) -> Vec<&'v JobSeen> {
    let job = |seen: &JobSeen| view.desk.plan.job.get(seen.job);
    let lets = |seen: &&JobSeen| {
        let Some(job) = job(seen) else { return false };
        filter.lets([job.name.as_str(), &does(job), &when(job), &outcome(seen).0])
    };
    let mut shown: Vec<&JobSeen> = view.desk.shelf.jobs.iter().filter(lets).collect();
    shown.sort_by_key(|seen| (seen.late_since.is_none(), !seen.has_failed(), seen.is_known));
    shown
}

/// Draws them.
pub(super) fn draw(
    view: &View<'_>,
    shown: &[&JobSeen],
    list: &mut List<usize>,
    filter: &Filter,
    canvas: &mut Canvas<'_>,
) {
    let jobs: Vec<(&JobSeen, &Job)> =
        shown.iter().filter_map(|seen| Some((*seen, view.desk.plan.job.get(seen.job)?))).collect();
    if jobs.is_empty() {
        let told = match (view.desk.plan.job.is_empty(), view.desk.shelf.jobs.is_empty()) {
            (true, _) => "The plan names no job.",
            (false, true) => "How the jobs stand is not known yet.",
            (false, false) => "No job is like that.",
        };
        return said(told, canvas);
    }
    let columns = columns(&jobs);
    let places = fit(&columns, canvas.width().saturating_sub(MARGIN));
    for (column, place) in columns.iter().zip(&places) {
        if let Some(place) = place {
            canvas.put_within(MARGIN + place.x, 0, place.width, column.title, Role::Dim);
        }
    }
    let (width, height) = (canvas.width(), canvas.height().saturating_sub(1));
    let below = |(seen, _): &(&JobSeen, &Job)| below(view, seen);
    let rows: Vec<Tall<usize>> =
        jobs.iter().map(|job| Tall { key: job.0.job, height: 1 + usize::from(below(job).is_some()) }).collect();
    let mut part = canvas.part(0, 1, width, height);
    for line in list.window(&rows, usize::from(height)) {
        let (seen, job) = jobs[line.row];
        let mut row = part.part(0, u16::try_from(line.y).unwrap_or(u16::MAX), width, 1);
        if line.line > 0 {
            let told = below(&(seen, job)).unwrap_or_default();
            row.put(6, 0, &view.theme.marks().cut(&harmless(&told), usize::from(width.saturating_sub(6))), Role::Dim);
            continue;
        }
        for ((text, role), place) in cells(view, seen, job).into_iter().zip(&places) {
            if let Some(place) = place {
                row.part(MARGIN + place.x, 0, place.width, 1).pieces(0, 0, &filter.found(&harmless(&text), role));
            }
        }
        if list.chosen() == Some(&seen.job) {
            row.put(0, 0, view.theme.marks().pointer, Role::Selected);
            row.paint(Role::Selected);
        }
    }
}

fn cells(view: &View<'_>, seen: &JobSeen, job: &Job) -> [(String, Role); 6] {
    let last = seen.last.as_ref().map(|run| ago(view.since(run.began))).unwrap_or_default();
    let next = match (seen.late_since, seen.next) {
        (Some(since), _) => (format!("late by {}", view.since(since).rough()), Role::Down),
        (None, Some(next)) => (due(Span::between(view.now, next)), Role::Text),
        (None, None) => (String::new(), Role::Text),
    };
    [
        (job.name.clone(), Role::Strong),
        (last, Role::Text),
        outcome(seen),
        next,
        (does(job), Role::Dim),
        (when(job), Role::Dim),
    ]
}

/// How it ended the last time, in a word.
pub(super) fn outcome(seen: &JobSeen) -> (String, Role) {
    match (&seen.running, &seen.last) {
        (Some(_), _) => ("running".to_owned(), Role::Strong),
        (None, Some(run)) if seen.has_failed() => (run.ending.word().to_owned(), Role::Down),
        (None, Some(run)) => (run.ending.word().to_owned(), Role::Text),
        (None, None) if !seen.is_known => ("unknown".to_owned(), Role::Unknown),
        (None, None) if seen.has_slots => ("never ran".to_owned(), Role::Dim),
        (None, None) => (String::new(), Role::Dim),
    }
}

/// What somebody should know about it, in one line.
fn below(view: &View<'_>, seen: &JobSeen) -> Option<String> {
    if let Some((holder, since)) = &seen.running {
        return Some(format!("run by {holder} since {}", view.moment(*since)));
    }
    let failed = seen.last.as_ref().filter(|_| seen.has_failed());
    failed.map(|run| format!("on {}: {}", run.host, run.told)).or_else(|| seen.trouble.clone())
}

fn columns(jobs: &[(&JobSeen, &Job)]) -> [Column; 6] {
    let widest = |of: &dyn Fn(&Job) -> usize| {
        u16::try_from(jobs.iter().map(|(_, job)| of(job)).max().unwrap_or(0)).unwrap_or(u16::MAX)
    };
    let column = |title, least, ideal, rank| Column { title, least, ideal, rank, right: false };
    [
        column("JOB", 16, widest(&|job| job.name.chars().count()).clamp(3, 40), 0),
        column("LAST", 10, 14, 1),
        column("OUTCOME", 9, 9, 1),
        column("NEXT", 16, 20, 1),
        column("DOES", 18, widest(&|job| does(job).chars().count()).clamp(4, 24), 2),
        column("WHEN", 14, widest(&|job| when(job).chars().count()).clamp(4, 24), 3),
    ]
}
