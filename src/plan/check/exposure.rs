//! How much a protection can lose at worst: what changed since the newest copy that counts, at the
//! moment before the next one is complete.

use std::collections::{HashMap, HashSet};

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
    /// The components that have a base backup.
    based: HashSet<&'a str>,
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
}

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
                (schedule, _) => schedule.worst_interval(now),
            });
        let intervals = intervals.collect();
        let mut uploads: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, job) in plan.job.iter().enumerate().filter(|(_, job)| job.task == Task::Upload) {
            for taken in &job.takes {
                uploads.entry(taken).or_default().push(index);
            }
        }
        Exposures {
            plan,
            now,
            by_name: plan.job.iter().enumerate().rev().map(|(index, job)| (job.name.as_str(), index)).collect(),
            sites: plan.component.iter().filter_map(|own| Some((own.name.as_str(), own.site.as_deref()?))).collect(),
            based: plan
                .job
                .iter()
                .filter(|job| job.method == Some(Method::Base))
                .filter_map(|job| job.of.as_deref())
                .collect(),
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

    /// The least that the protections of `data` can lose at worst: what is left when one may choose
    /// among those that can be restored by themselves. Definitions alone bring no messages back, so
    /// they do not count beside a job that keeps messages.
    pub fn best(&self, data: &Data) -> Option<Exposure> {
        let method = |name: &str| self.by_name.get(name).and_then(|job| self.plan.job[*job].method);
        let keeps_messages = data.protected_by.iter().any(|name| method(name) == Some(Method::Messages));
        let counts = |name: &&String| {
            let only_definitions = matches!(method(name), Some(Method::Definitions | Method::Queues));
            !(keeps_messages && only_definitions) && self.stands_alone(name).is_ok()
        };
        let exposures = data.protected_by.iter().filter(counts).filter_map(|name| self.of(data, name).ok());
        exposures.min_by_key(|exposure| (exposure.worst, !exposure.is_known))
    }

    /// Whether what the job keeps can be restored: WAL and increments need a base backup.
    pub fn stands_alone(&self, name: &str) -> Result<(), Useless> {
        let job = self.by_name.get(name).map(|job| &self.plan.job[*job]).ok_or(Useless::TakesNothing)?;
        if !needs_base(job) {
            return Ok(());
        }
        match job.base.as_deref().and_then(|base| self.by_name.get(base)) {
            Some(base) => match self.plan.job[*base].method {
                Some(Method::Dump | Method::Sql) => Err(Useless::BaseIsDump),
                _ => Ok(()),
            },
            None if job.of.as_deref().is_some_and(|of| self.based.contains(of)) => Ok(()),
            None => Err(Useless::NoBase),
        }
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
        let is_live = matches!(self.schedule(job), Some(Schedule::Continuous { .. } | Schedule::OnChange));
        let hop = Hop { job, interval, age: Span::ZERO, duration: duration.unwrap_or_default(), upload: Span::ZERO };
        Exposure { hops: vec![hop], worst: interval + hop.duration, is_known: is_live || duration.is_some() }
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
        let interval = self.hops.last().map_or(Span::ZERO, |hop| hop.interval);
        self.worst > rpo || (self.worst == rpo && !self.is_known && !interval.is_zero())
    }
}

/// WAL and increments are nothing without the base they follow.
pub fn needs_base(job: &Job) -> bool {
    job.task == Task::SwitchWal || matches!(job.method, Some(Method::Wal | Method::Incremental))
}

fn duration(job: &Job) -> Option<Span> {
    job.expect.as_ref()?.duration.map(|duration| duration.most)
}

#[cfg(test)]
mod tests {
    use super::super::testing::now;
    use super::*;

    fn plan(rest: &str) -> Plan {
        toml::from_str(&format!("[platform]\nname='p'\n{rest}")).unwrap()
    }

    fn worst(rest: &str) -> Result<String, Useless> {
        let plan = plan(rest);
        Exposures::new(&plan, now()).of(&plan.data[0], &plan.data[0].protected_by[0]).map(|e| e.worst.to_string())
    }

    const STORES: &str = "[[store]]\nname='near'\nkind='directory'\n[[store]]\nname='far'\nkind='s3'\n";

    fn with_job(data: &str, job: &str) -> String {
        format!("{STORES}[[data]]\nname='d'\nprotected_by=['j']\n{data}\n[[job]]\nname='j'\ndo='backup'\n{job}")
    }

    #[test]
    fn interval_duration_and_upload_add_up() {
        let job = "every='1h'\nto=['near', 'far']\nexpect={duration='3min to 5min', upload='10min'}";
        assert_eq!(worst(&with_job("", job)).unwrap(), "1h 5min", "the near copy counts too");
        assert_eq!(worst(&with_job("counts_in='far'", job)).unwrap(), "1h 15min");
        assert_eq!(worst(&with_job("counts_in='near'", job)).unwrap(), "1h 5min");
    }

    #[test]
    fn continuous_work_loses_its_lag_and_its_way() {
        let job = "continuous=true\nlag='1s'\nto=['near', 'far']\nexpect={upload='30s'}";
        assert_eq!(worst(&with_job("", job)).unwrap(), "1s");
        assert_eq!(worst(&with_job("counts_in='far'", job)).unwrap(), "31s");
    }

    #[test]
    fn an_upload_adds_its_interval_and_the_age_of_what_it_takes() {
        let plan = |at: &str| {
            format!(
                "{}\n[[job]]\nname='u'\ndo='upload'\ntakes=['j']\ncron='0 {at} * * *'\nto=['far']\nexpect={{duration='20min'}}",
                with_job("counts_in='far'", "cron='0 2 * * *'\nto=['near']\nexpect={duration='30min'}")
            )
        };
        assert_eq!(worst(&plan("4")).unwrap(), "26h 20min", "from 02:00 to 04:20 a day later");
        assert_eq!(worst(&plan("1")).unwrap(), "47h 20min", "what is a day old is uploaded");
    }

    #[test]
    fn an_upload_may_be_named_as_the_protection_itself() {
        let plan = format!(
            "{STORES}[[data]]\nname='d'\nprotected_by=['u']\ncounts_in='far'\n\
             [[job]]\nname='j'\ndo='backup'\nevery='1h'\nto=['near']\nexpect={{duration='5min'}}\n\
             [[job]]\nname='u'\ndo='upload'\ntakes=['j']\nevery='1h'\nto=['far']\nexpect={{duration='1min'}}"
        );
        assert_eq!(worst(&plan).unwrap(), "2h 6min", "no clock says how they meet");
    }

    #[test]
    fn what_does_not_reach_the_store_that_counts_does_not_count() {
        assert_eq!(worst(&with_job("counts_in='far'", "every='1h'\nto=['near']")), Err(Useless::NotInStore));
        let verify = "[[data]]\nname='d'\nprotected_by=['v']\n[[job]]\nname='v'\ndo='verify'\nevery='1h'";
        assert_eq!(worst(verify), Err(Useless::TakesNothing));
    }

    #[test]
    fn wal_needs_a_base_that_is_none_of_the_dumps() {
        let alone = |rest: &str| {
            let plan =
                plan(&format!("[[job]]\nname='wal'\ndo='backup'\nof='db'\nmethod='wal'\ncontinuous=true\n{rest}"));
            Exposures::new(&plan, now()).stands_alone("wal")
        };
        let other =
            |method: &str| format!("[[job]]\nname='b'\ndo='backup'\nof='db'\nmethod='{method}'\ncron='0 2 * * *'");
        assert_eq!(alone(""), Err(Useless::NoBase));
        assert_eq!(alone(&other("base")), Ok(()));
        assert_eq!(alone(&other("dump")), Err(Useless::NoBase));
        assert_eq!(alone(&format!("base='b'\n{}", other("dump"))), Err(Useless::BaseIsDump));
        assert_eq!(alone(&format!("base='b'\n{}", other("base"))), Ok(()));
    }
}
