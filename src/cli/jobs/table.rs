//! Jobs for people: a line each, and below it what is wrong.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Shown;
use crate::cli::Failure;
use crate::cli::output::{Output, Style};
use crate::plan::{does, when, zone_of};
use crate::protect::due::{Ending, JobStanding, SlotState};
use crate::text::wrap::{columns, wrap};
use crate::text::{Clock, Shape, Span, SystemClock, untrusted};

const HEAD: [&str; 7] = ["job", "does", "when", "last", "outcome", "took", "next"];

/// Prints them.
pub(super) fn print(shown: &Shown<'_>) -> Result<(), Failure> {
    let out = shown.context.out();
    let now = SystemClock.now();
    if !shown.jobs.is_empty() {
        let rows = shown.jobs.iter().map(|standing| row(shown, standing, now));
        let lines = columns(&std::iter::once(HEAD.map(str::to_owned).to_vec()).chain(rows).collect::<Vec<_>>());
        let mut lines = lines.iter();
        if let Some(head) = lines.next() {
            out.line(out.styled(Style::Faint, head))?;
        }
        for (line, standing) in lines.zip(&shown.jobs) {
            out.line(if standing.needs_attention() { out.styled(Style::Warning, line) } else { line.clone() })?;
            for told in wrong(shown, standing, now) {
                out.line(wrap(&told, out.width(), "    ", "    "))?;
            }
        }
        out.line("")?;
    }
    out.line(wrap(&summary(shown), out.width(), "", ""))?;
    for told in troubles(shown) {
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "", "")))?;
    }
    Ok(())
}

/// What stands in the way of knowing more, each once with the jobs that it is true of.
fn troubles(shown: &Shown<'_>) -> Vec<String> {
    let mut jobs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for standing in &shown.jobs {
        if let Some(trouble) = &standing.trouble {
            jobs.entry(trouble).or_default().push(&standing.job.name);
        }
    }
    let told = |(trouble, jobs): (&str, Vec<&str>)| match jobs[..] {
        [job] => untrusted(format!("{job}: {trouble}."), Shape::line(500)),
        _ => untrusted(format!("Of {} jobs: {trouble}.", jobs.len()), Shape::line(500)),
    };
    jobs.into_iter().map(told).collect()
}

fn row(shown: &Shown<'_>, standing: &JobStanding<'_>, now: DateTime<Utc>) -> Vec<String> {
    let last = standing.last.as_ref();
    let ago = |at: DateTime<Utc>| format!("{} ago", Span::between(at, now).rough());
    let outcome = match (&standing.running, last) {
        (Some(_), _) => "running".to_owned(),
        (None, Some(run)) => run.ending.word().to_owned(),
        (None, None) if !standing.is_known => "unknown".to_owned(),
        (None, None) if standing.has_slots => "never ran".to_owned(),
        (None, None) => String::new(),
    };
    vec![
        untrusted(&standing.job.name, Shape::line(40)),
        does(standing.job),
        untrusted(when(standing.job), Shape::line(30)),
        last.map(|run| ago(run.began)).unwrap_or_default(),
        outcome,
        standing.took().map(|took| Span::from(took).brief()).unwrap_or_default(),
        standing
            .next
            .map(|next| if next > now { local(shown, next) } else { "due now".to_owned() })
            .unwrap_or_default(),
    ]
}

fn local(shown: &Shown<'_>, at: DateTime<Utc>) -> String {
    at.with_timezone(&zone_of(&shown.plan.platform)).format("%a %Y-%m-%d %H:%M %Z").to_string()
}

/// What somebody should know about it, a sentence each.
fn wrong(shown: &Shown<'_>, standing: &JobStanding<'_>, now: DateTime<Utc>) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(since) = standing.late_since {
        let missed = match standing.missed.count {
            0 => String::new(),
            1 => "; 1 slot before the newest was missed".to_owned(),
            count => format!("; {count} slots before the newest were missed"),
        };
        told.push(format!("late by {}, since {}{missed}", Span::between(since, now).rough(), local(shown, since)));
    }
    if let Some(run) = standing.last.as_ref().filter(|run| matches!(run.ending, Ending::Failed | Ending::Skipped)) {
        let host = Output::safe(&run.host);
        told.push(untrusted(format!("{} on {host}: {}", run.ending.word(), run.told), Shape::line(600)));
    }
    if let Some(SlotState::Running { holder, since, is_certain }) = standing.running.as_ref().map(|run| &run.state) {
        let doubt = if *is_certain { "" } else { ", unless that host is gone" };
        told.push(format!("run by {} since {}{doubt}", Output::safe(holder), local(shown, *since)));
    }
    told
}

fn summary(shown: &Shown<'_>) -> String {
    let jobs = |count: usize| if count == 1 { "1 job".to_owned() } else { format!("{count} jobs") };
    let count = |is: fn(&JobStanding<'_>) -> bool| shown.jobs.iter().filter(|job| is(job)).count();
    let late = count(|job| job.late_since.is_some());
    let failed = count(|job| job.last.as_ref().is_some_and(|run| run.ending == Ending::Failed));
    let chosen = shown.jobs.len();
    let of = if chosen < shown.all { format!("{chosen} of {}", jobs(shown.all)) } else { jobs(chosen) };
    let unknown = match count(|job| !job.is_known) {
        0 => String::new(),
        unknown => format!(" Nothing is known of {}.", jobs(unknown)),
    };
    // Then nobody has told the host to.
    let is_idle = shown.jobs.iter().all(|job| job.last.is_none() && job.running.is_none()) && late > 0;
    let told = match (late, failed) {
        (late, _) if is_idle => {
            let schedule = shown.context.again(["schedule"]);
            format!("{of}: {late} late. None of them ever ran: `{schedule}` prints the line for cron that runs them.")
        }
        (0, 0) => format!("{of}: none is late, none failed the last time."),
        _ => format!("{of}: {late} late, {failed} failed the last time."),
    };
    told + &unknown
}
