//! One job in full: what it does and when, how it ended the last time in all its words, what comes next.

use super::jobs::outcome;
use crate::console::screens::Reply;
use crate::console::widgets::{Page, ago, due};
use crate::console::{Role, View};
use crate::desk::shelf::JobSeen;
use crate::plan::types::Job;
use crate::plan::{does, when};
use crate::protect::due::Run;
use crate::text::Span;

/// The page of a job.
pub(super) fn page(view: &View<'_>, job: usize, width: u16) -> Page {
    let mut page = Page::new(width);
    let Some(of_plan) = view.desk.plan.job.get(job) else { return page };
    page.text(0, &of_plan.name, Role::Title);
    page.labelled("does", &does(of_plan), Role::Text);
    page.labelled("when", &when(of_plan), Role::Text);
    if !of_plan.to.is_empty() {
        page.labelled("to", &of_plan.to.join(", "), Role::Text);
    }
    let protects = protects(view, of_plan);
    if !protects.is_empty() {
        page.labelled("protects", &protects.join(", "), Role::Text);
    }
    if let Some(seen) = view.desk.shelf.jobs.iter().find(|seen| seen.job == job) {
        stands(view, seen, &mut page);
    }
    page
}

/// The component that a job is about.
pub(super) fn component(view: &View<'_>, job: usize) -> Reply {
    let name = view.desk.plan.job.get(job).and_then(|job| job.of.as_ref());
    let of = view.desk.plan.component.iter().position(|it| Some(&it.name) == name);
    of.map_or(Reply::Say("it is about no component".to_owned()), Reply::Component)
}

fn protects<'v>(view: &View<'v>, job: &Job) -> Vec<&'v str> {
    let data = view.desk.plan.data.iter().filter(|data| data.protected_by.contains(&job.name));
    data.map(|data| data.name.as_str()).collect()
}

fn stands(view: &View<'_>, seen: &JobSeen, page: &mut Page) {
    if let Some((holder, since)) = &seen.running {
        page.labelled("running", &format!("by {holder} since {}", view.moment(*since)), Role::Strong);
    }
    match (seen.late_since, seen.next) {
        (Some(since), _) => {
            let told = format!("late by {}, since {}", view.since(since).rough(), view.moment(since));
            page.labelled("next", &told, Role::Down);
        }
        (None, Some(next)) => {
            let told = format!("{}, {}", view.moment(next), due(Span::between(view.now, next)));
            page.labelled("next", &told, Role::Text);
        }
        (None, None) => {}
    }
    if let Some(trouble) = &seen.trouble {
        page.labelled("note", trouble, Role::Degraded);
    }
    match &seen.last {
        Some(run) => of_run(view, seen, run, page),
        None => page.labelled("last", &outcome(seen).0, Role::Dim),
    }
}

fn of_run(view: &View<'_>, seen: &JobSeen, run: &Run, page: &mut Page) {
    let role = if seen.has_failed() { Role::Down } else { Role::Text };
    page.heading_with("The last run", run.ending.word(), role);
    page.labelled("began", &format!("{}, {}", view.moment(run.began), ago(view.since(run.began))), Role::Text);
    page.labelled("took", &Span::between(run.began, run.ended).brief(), Role::Text);
    page.labelled("on", &run.host, Role::Text);
    if run.slot != run.began {
        page.labelled("for", &format!("what was due at {}", view.moment(run.slot)), Role::Text);
    }
    page.labelled("told", &run.told, role);
}
