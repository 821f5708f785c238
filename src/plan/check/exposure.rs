//! How much a protection can lose at worst: what changed since the newest copy that counts, at the
//! moment before the next one is complete.

mod standing;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::examined::zone_of;
use crate::plan::types::{Data, Job, Method, Plan, Store, StoreKind, Task};
use crate::plan::{Schedule, ScheduleError};
use crate::text::Span;

/// The schedules of a plan's jobs, and what follows from them.
pub struct Exposures<'a> {
    plan: &'a Plan,
    now: DateTime<Utc>,
    by_name: HashMap<&'a str, usize>,
    stores: HashMap<&'a str, &'a Store>,
    /// The sites of components.
    sites: HashMap<&'a str, &'a str>,
    /// Jobs that take base backups, by their component.
    bases: HashMap<&'a str, Vec<usize>>,
    /// Upload jobs by what they take.
    uploads: HashMap<&'a str, Vec<usize>>,
    schedules: Vec<Result<Schedule, ScheduleError>>,
    intervals: Vec<Option<Span>>,
}

/// What a protection can lose at worst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// The jobs a copy goes through, first to last.
    pub hops: Vec<Hop>,
    /// In all.
    pub worst: Span,
    /// Whether the plan says how long everything takes. If not, it is longer than `worst`.
    pub is_known: bool,
}

/// One job on the way to the copy that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Its position in the plan.
    pub job: usize,
    /// The longest time between two of its runs.
    pub interval: Span,
    /// How old what it takes may be when it begins; nothing for what it takes from a component.
    pub age: Span,
    /// How long it takes.
    pub duration: Span,
    /// How long its copy then travels.
    pub upload: Span,
}

/// Why a job does not protect, or not by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Useless {
    /// It takes no copy of anything.
    TakesNothing,
    /// Its schedule cannot be understood.
    NoSchedule,
    /// Its copies never reach the store that counts.
    NotInStore,
    /// WAL and increments without a base backup to put them on.
    NoBase,
    /// WAL cannot be replayed onto a logical dump.
    BaseIsDump,
    /// The base backups never reach the store that counts.
    BaseElsewhere,
}

pub use standing::needs_base;

/// Uploads of uploads of uploads: no plan goes further.
const MOST_HOPS: usize = 4;
/// Runs that are looked at to see how old what an upload takes is.
const RUNS: usize = 8;

impl<'a> Exposures<'a> {
    /// Prepares a plan's jobs.
    pub fn new(plan: &'a Plan, now: DateTime<Utc>) -> Exposures<'a> {
        let zone = zone_of(&plan.platform);
        let schedules: Vec<_> = plan.job.iter().map(|job| Schedule::of(job, zone)).collect();
        // Many jobs share a schedule, and its worst interval takes a year of looking.
        let mut known: HashMap<&str, Option<Span>> = HashMap::new();
        let intervals =
            plan.job.iter().zip(&schedules).map(|(job, schedule)| match (schedule.as_ref().ok()?, &job.cron) {
                (schedule @ Schedule::Cron(_), Some(cron)) => {
                    *known.entry(cron).or_insert_with(|| schedule.worst_interval(now))
                }
                // What never stops has no interval; its lag may be left open.
                (Schedule::Continuous { lag }, _) => Some(lag.unwrap_or_default()),
                (schedule, _) => schedule.worst_interval(now),
            });
        let intervals = intervals.collect();
        let mut uploads: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, job) in plan.job.iter().enumerate().filter(|(_, job)| job.task == Task::Upload) {
            for taken in &job.takes {
                uploads.entry(taken).or_default().push(index);
            }
        }
        let mut bases: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, job) in plan.job.iter().enumerate().filter(|(_, job)| job.method == Some(Method::Base)) {
            if let Some(of) = &job.of {
                bases.entry(of).or_default().push(index);
            }
        }
        Exposures {
            plan,
            now,
            by_name: plan.job.iter().enumerate().rev().map(|(index, job)| (job.name.as_str(), index)).collect(),
            sites: plan.component.iter().filter_map(|own| Some((own.name.as_str(), own.site.as_deref()?))).collect(),
            bases,
            stores: plan.store.iter().map(|store| (store.name.as_str(), store)).collect(),
            uploads,
            schedules,
            intervals,
        }
    }

    /// When a job runs.
    pub fn schedule(&self, job: usize) -> Option<&Schedule> {
        self.schedules.get(job)?.as_ref().ok()
    }

    /// Why a job has no schedule.
    pub fn schedule_error(&self, job: usize) -> Option<&ScheduleError> {
        self.schedules.get(job)?.as_ref().err()
    }

    /// The longest time between two runs of a job.
    pub fn interval(&self, job: usize) -> Option<Span> {
        self.intervals.get(job).copied().flatten()
    }

    /// The upload jobs that take what the job named `name` makes.
    pub fn uploads_of(&self, name: &str) -> impl Iterator<Item = usize> + use<'_> {
        self.uploads.get(name).into_iter().flatten().copied()
    }

    /// What the job named `name` can lose of `data` at worst.
    ///
    /// With `counts_in` only a copy in that store counts, written by the job itself or by uploads
    /// that take what it made; otherwise any of the job's stores does, the quickest first.
    pub fn of(&self, data: &Data, name: &str) -> Result<Exposure, Useless> {
        let job = *self.by_name.get(name).ok_or(Useless::TakesNothing)?;
        let begun = self.begin(data, job)?;
        let Some(counts_in) = data.counts_in.as_deref() else {
            let uploads = self.plan.job[job].to.iter().map(|store| self.upload(data, job, store));
            return Ok(begun.arriving(uploads.min().unwrap_or_default()));
        };
        let best = self.ways(data, begun, counts_in, 1).into_iter().min_by_key(|exposure| exposure.worst);
        best.ok_or(Useless::NotInStore)
    }

    fn begin(&self, data: &Data, job: usize) -> Result<Exposure, Useless> {
        let said = &self.plan.job[job];
        let interval = self.interval(job).ok_or(Useless::NoSchedule)?;
        match said.task {
            Task::Backup | Task::GitCommit | Task::SwitchWal | Task::Command => Ok(self.first(job, interval)),
            Task::Upload => {
                let of_data = |taken: &&String| {
                    let taken = self.by_name.get(taken.as_str()).map(|taken| &self.plan.job[*taken]);
                    taken.is_some_and(|taken| {
                        data.component.is_none() || taken.of.is_none() || taken.of == data.component
                    })
                };
                let taken = said.takes.iter().filter(of_data).filter_map(|taken| self.by_name.get(taken.as_str()));
                let begun = taken
                    .filter(|taken| self.plan.job[**taken].task != Task::Upload)
                    .filter_map(|taken| Some(self.first(*taken, self.interval(*taken)?)))
                    .filter_map(|begun| self.further(&begun, job));
                begun.min_by_key(|exposure| exposure.worst).ok_or(Useless::TakesNothing)
            }
            _ => Err(Useless::TakesNothing),
        }
    }

    fn first(&self, job: usize, interval: Span) -> Exposure {
        let duration = duration(&self.plan.job[job]);
        let is_live = matches!(self.schedule(job), Some(Schedule::Continuous { lag: Some(_) } | Schedule::OnChange));
        let is_endless = matches!(self.schedule(job), Some(Schedule::Continuous { lag: None }));
        let hop = Hop { job, interval, age: Span::ZERO, duration: duration.unwrap_or_default(), upload: Span::ZERO };
        Exposure {
            hops: vec![hop],
            worst: interval + hop.duration,
            is_known: is_live || (duration.is_some() && !is_endless),
        }
    }

    /// All ways on to `store` by uploads.
    fn ways(&self, data: &Data, begun: Exposure, store: &str, hops: usize) -> Vec<Exposure> {
        let Some(last) = begun.hops.last() else { return Vec::new() };
        let job = last.job;
        if self.plan.job[job].to.iter().any(|to| to == store) {
            let upload = self.upload(data, job, store);
            return vec![begun.arriving(upload)];
        }
        if hops == MOST_HOPS {
            return Vec::new();
        }
        let uploads = self.uploads_of(&self.plan.job[job].name);
        let next = uploads.filter_map(|upload| self.further(&begun, upload));
        next.flat_map(|further| self.ways(data, further, store, hops + 1)).collect()
    }

    /// One upload further: until it has run again, what it took the last time is all there is.
    fn further(&self, begun: &Exposure, upload: usize) -> Option<Exposure> {
        let interval = self.interval(upload)?;
        let age = self.age_at(begun, upload).unwrap_or(begun.worst);
        let duration = duration(&self.plan.job[upload]);
        let hop = Hop { job: upload, interval, age, duration: duration.unwrap_or_default(), upload: Span::ZERO };
        let mut hops = begun.hops.clone();
        hops.push(hop);
        let is_known = begun.is_known && (duration.is_some() || self.plan.job[upload].expect.is_some());
        Some(Exposure { hops, worst: interval + age + hop.duration, is_known })
    }

    /// How old the newest complete copy is when `upload` begins, where the clock decides both.
    fn age_at(&self, begun: &Exposure, upload: usize) -> Option<Span> {
        let [source] = begun.hops.as_slice() else { return None };
        let (source_runs, upload_runs) = (self.schedule(source.job)?, self.schedule(upload)?);
        if !matches!((source_runs, upload_runs), (Schedule::Cron(_), Schedule::Cron(_))) {
            return None;
        }
        let takes = TimeDelta::from_std(source.duration.max(Span::from_secs(1)).approx()).ok()?;
        let mut run = self.now;
        let mut oldest = Span::ZERO;
        for _ in 0..RUNS {
            run = upload_runs.next(run)?;
            // What is complete at that very instant is taken; what begins then is not.
            let begun = source_runs.previous(run - takes + TimeDelta::milliseconds(1))?;
            oldest = oldest.max(Span::from((run - begun).to_std().ok()?));
        }
        Some(oldest)
    }

    /// How long a copy travels to `store`, if it is far.
    fn upload(&self, data: &Data, job: usize, store: &str) -> Span {
        let said = self.plan.job[job].expect.as_ref().and_then(|expect| expect.upload).unwrap_or_default();
        let Some(store) = self.stores.get(store) else { return Span::ZERO };
        let home = data.component.as_deref().or(self.plan.job[job].of.as_deref());
        let site = home.and_then(|name| self.sites.get(name).copied());
        let is_near = matches!(store.kind, StoreKind::Directory | StoreKind::Git)
            && (store.site.is_none() || site.is_none() || store.site.as_deref() == site);
        if is_near { Span::ZERO } else { said }
    }
}

impl Exposure {
    fn arriving(mut self, upload: Span) -> Exposure {
        if let Some(hop) = self.hops.last_mut() {
            hop.upload = upload;
        }
        self.worst = self.worst + upload;
        self
    }

    /// Whether at worst more than `rpo` is lost. Just as much is too much where something takes time
    /// that the plan does not state.
    pub fn misses(&self, rpo: Span) -> bool {
        self.worst > rpo || (self.worst == rpo && !self.is_known)
    }
}

fn duration(job: &Job) -> Option<Span> {
    job.expect.as_ref()?.duration.map(|duration| duration.most)
}

#[cfg(test)]
mod tests;
