//! The part of the report about backups: for each job and store whether there is a recovery point, and how old.

use std::fmt::Write;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Status;
use super::report::cell;
use crate::plan::Plan;
use crate::plan::types::{Component, Job, Kind, Store, StoreKind, Task};
use crate::systems::Bucket;
use crate::systems::recent::newest_of;
use crate::text::instant::stamp;
use crate::text::{Clock, Span, SystemClock};

/// How long a folder may take to be looked through; a network drive may hang.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was found of one job's recovery points in one store.
enum Found {
    At(DateTime<Utc>),
    Nothing,
    NotLooked(&'static str),
}

pub(super) fn write(status: &Status<'_>, out: &mut String) {
    let of_shown = |job: &&Job| {
        let index = status.plan.component.iter().position(|component| Some(&component.name) == job.of.as_ref());
        job.task == Task::Backup && index.is_some_and(|index| status.shows(index))
    };
    let jobs: Vec<&Job> = status.plan.job.iter().filter(of_shown).collect();
    if jobs.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "## Backups\n\n| job | of | store | newest | age | at most | met |\n|---|---|---|---|---|---|---|"
    );
    for job in jobs {
        for store in &job.to {
            row(status, job, store, out);
        }
    }
    let _ = writeln!(out);
}

fn row(status: &Status<'_>, job: &Job, store: &str, out: &mut String) {
    let of = job.of.as_deref().unwrap_or_default();
    let found = match status.plan.store.iter().find(|known| known.name == store) {
        Some(known) if known.kind == StoreKind::S3 => in_bucket(status, known),
        Some(known) => in_folder(job, known),
        None => Found::NotLooked("the plan has no such store"),
    };
    let most = at_most(status.plan, job);
    let (newest, age, met) = match found {
        Found::At(at) => {
            let age = Span::between(at, SystemClock.now());
            let met = most.map_or("", |most| if age <= most { "yes" } else { "no" });
            (stamp(at), age.brief(), met)
        }
        Found::Nothing => ("none".to_owned(), String::new(), if most.is_some() { "no" } else { "" }),
        Found::NotLooked(why) => (format!("not looked at: {why}"), String::new(), ""),
    };
    let most = most.map_or_else(String::new, |most| most.to_string());
    let (job, of, store) = (cell(&job.name), cell(of), cell(store));
    let _ = writeln!(out, "| {job} | {of} | {store} | {newest} | {age} | {most} | {met} |");
}

fn in_folder(job: &Job, store: &Store) -> Found {
    let is_here = store.kind == StoreKind::Directory && store.is_here();
    let (true, Some(path)) = (is_here, store.path.clone()) else {
        return Found::NotLooked("it is no folder of this machine");
    };
    let (tell, told) = sync_channel(1);
    let job = job.clone();
    std::thread::spawn(move || tell.send(newest_of(&job, &path)));
    match told.recv_timeout(PATIENCE) {
        Ok(Some(Some(written))) => Found::At(written.into()),
        Ok(Some(None)) => Found::Nothing,
        Ok(None) => Found::NotLooked("what such a job leaves there has no place of its own"),
        Err(_) => Found::NotLooked("it does not answer"),
    }
}

/// How old it may be: what the job says, else the strictest objective of the data that it protects.
fn at_most(plan: &Plan, job: &Job) -> Option<Span> {
    let protected = plan.data.iter().filter(|data| data.protected_by.contains(&job.name));
    job.newest.or_else(|| protected.filter_map(|data| data.rpo).min())
}

/// A bucket that is watched has told already how old its newest object is.
fn in_bucket(status: &Status<'_>, store: &Store) -> Found {
    let is_it = |component: &Component| {
        Bucket::of_component(component).is_ok_and(|it| Some(it.name()) == store.bucket.as_deref())
    };
    let watched =
        status.picture.components().find(|(component, _)| component.kind == Kind::S3Bucket && is_it(component));
    match watched.and_then(|(_, seen)| seen.fact("newest")) {
        Some(crate::plan::facts::Value::Moment(at)) => Found::At(*at),
        _ => Found::NotLooked("the plan watches no such bucket, or it did not tell"),
    }
}
