//! When a job runs: occurrences in the plan's time zone, and the longest it can be silent.
//!
//! A job at a fixed hour runs once a day whatever the clocks do: at the end of the gap on the night
//! when its time does not exist, and the first time on the night when it exists twice. A job with a
//! free hour (`*`, `*/2`) follows the real passing of time through both.

mod cron;

use chrono::{DateTime, Utc};

use super::types::Job;
use crate::text::{Span, Zone};

pub use cron::CronSchedule;

/// When a job runs.
#[derive(Clone, Debug)]
pub enum Schedule {
    /// At certain times of certain days.
    Cron(Box<CronSchedule>),
    /// Again and again; slots are counted from 1970 in UTC, so that every host names the same ones.
    Every(Span),
    /// Never stops; what has changed may lie for the lag.
    Continuous {
        /// How long a change may lie, if the plan says so.
        lag: Option<Span>,
    },
    /// Whenever something changes.
    OnChange,
}

/// Why a job has no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// None of the four is given.
    #[error("nothing says when it runs")]
    None,
    /// More than one of them is given.
    #[error("{0} and {1} both say when it runs")]
    Several(&'static str, &'static str),
    /// No cron expression.
    #[error("{text:?} is no cron expression: {why}")]
    Cron {
        /// As written.
        text: String,
        /// What is wrong.
        why: String,
        /// Which of its fields is wrong, if one is.
        field: Option<usize>,
    },
    /// A date that never comes, like 30 February.
    #[error("{0:?} never comes")]
    Never(String),
    /// No time at all between two runs.
    #[error("every 0s is no schedule")]
    Zero,
}

impl Schedule {
    /// What `job` says about when it runs.
    pub fn of(job: &Job, zone: Zone) -> Result<Schedule, ScheduleError> {
        let continuous = job.continuous == Some(true);
        // The cron of continuous work is its documented cadence.
        let said = [
            ("cron", job.cron.is_some() && !continuous),
            ("every", job.every.is_some()),
            ("continuous", continuous),
            ("on_change", job.on_change == Some(true)),
        ];
        let mut said = said.iter().filter(|(_, said)| *said).map(|(key, _)| *key);
        let first = said.next().ok_or(ScheduleError::None)?;
        if let Some(second) = said.next() {
            return Err(ScheduleError::Several(first, second));
        }
        let cron = job.cron.as_deref().map(|text| CronSchedule::new(text, zone)).transpose()?;
        match (first, cron, job.every) {
            ("cron", Some(cron), _) => Ok(Schedule::Cron(Box::new(cron))),
            ("every", _, Some(every)) if every.is_zero() => Err(ScheduleError::Zero),
            ("every", _, Some(every)) => Ok(Schedule::Every(every)),
            ("continuous", cron, _) => {
                let lag = job.lag.or_else(|| cron.and_then(|cron| cron.usual_interval()));
                Ok(Schedule::Continuous { lag })
            }
            _ => Ok(Schedule::OnChange),
        }
    }

    /// The first run after `instant`; continuous work and work on change have none.
    pub fn next(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Schedule::Cron(cron) => cron.next(instant),
            Schedule::Every(every) => slot(*every, instant, 1),
            Schedule::Continuous { .. } | Schedule::OnChange => None,
        }
    }

    /// The last run before `instant`.
    pub fn previous(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Schedule::Cron(cron) => cron.previous(instant),
            Schedule::Every(every) => slot(*every, instant, 0),
            Schedule::Continuous { .. } | Schedule::OnChange => None,
        }
    }

    /// The longest time between two runs from `from` on, the nights when clocks change included.
    pub fn worst_interval(&self, from: DateTime<Utc>) -> Option<Span> {
        match self {
            Schedule::Cron(cron) => cron.worst_interval(from),
            Schedule::Every(every) => Some(*every),
            Schedule::Continuous { lag } => *lag,
            Schedule::OnChange => Some(Span::ZERO),
        }
    }
}

/// The slot of `every` after (1) or before (0) `instant`.
fn slot(every: Span, instant: DateTime<Utc>, after: u32) -> Option<DateTime<Utc>> {
    let since = u64::try_from(instant.timestamp_millis()).ok()?;
    let guess = u32::try_from(since / every.approx_millis().max(1)).ok()?;
    let at = |count: u32| every.times(count).after(DateTime::UNIX_EPOCH);
    let mut candidates = (guess.saturating_sub(2)..=guess.saturating_add(2)).filter_map(at);
    if after == 1 { candidates.find(|at| *at > instant) } else { candidates.rfind(|at| *at < instant) }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn berlin() -> Zone {
        "Europe/Berlin".parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn cron(text: &str) -> Schedule {
        Schedule::Cron(Box::new(CronSchedule::new(text, berlin()).unwrap()))
    }

    fn runs(schedule: &Schedule, from: &str, count: usize) -> Vec<String> {
        std::iter::successors(schedule.next(at(from)), |last| schedule.next(*last))
            .take(count)
            .map(|run| run.format("%m-%d %H:%M").to_string())
            .collect()
    }

    /// The same runs, found backwards.
    fn runs_back(schedule: &Schedule, from: &str, count: usize) -> Vec<String> {
        let mut runs: Vec<_> = std::iter::successors(schedule.previous(at(from)), |last| schedule.previous(*last))
            .take(count)
            .map(|run| run.format("%m-%d %H:%M").to_string())
            .collect();
        runs.reverse();
        runs
    }

    #[test]
    fn a_time_that_does_not_exist_is_made_up_for_once() {
        let half_past_two = cron("30 2 * * *");
        let expected = ["03-29 01:30", "03-30 01:00", "03-31 00:30"];
        assert_eq!(runs(&half_past_two, "2025-03-28T12:00:00Z", 3), expected);
        assert_eq!(runs_back(&half_past_two, "2025-03-31T12:00:00Z", 3), expected);
    }

    #[test]
    fn a_time_that_exists_twice_is_used_once() {
        let half_past_two = cron("30 2 * * *");
        let expected = ["10-25 00:30", "10-26 00:30", "10-27 01:30"];
        assert_eq!(runs(&half_past_two, "2025-10-24T12:00:00Z", 3), expected);
        assert_eq!(runs_back(&half_past_two, "2025-10-27T12:00:00Z", 3), expected);
    }

    #[test]
    fn several_named_hours_are_each_met_once() {
        let twice_a_day = cron("30 2,14 * * *");
        assert_eq!(runs(&twice_a_day, "2025-03-29T13:00:00Z", 3), ["03-29 13:30", "03-30 01:00", "03-30 12:30"]);
        assert_eq!(runs(&twice_a_day, "2025-10-25T12:00:00Z", 3), ["10-25 12:30", "10-26 00:30", "10-26 13:30"]);
    }

    #[test]
    fn what_runs_every_few_minutes_goes_on_through_a_change_of_clocks() {
        let quarter = cron("*/15 * * * *");
        assert_eq!(runs(&quarter, "2025-10-26T00:50:00Z", 3), ["10-26 01:00", "10-26 01:15", "10-26 01:30"]);
        assert_eq!(runs(&quarter, "2025-03-30T00:40:00Z", 3), ["03-30 00:45", "03-30 01:00", "03-30 01:15"]);
    }

    #[test]
    fn the_first_thursday_is_found() {
        let drill = cron("0 10 * * THU#1");
        assert_eq!(runs(&drill, "2024-11-18T00:00:00Z", 3), ["12-05 09:00", "01-02 09:00", "02-06 09:00"]);
        assert_eq!(drill.worst_interval(at("2024-11-18T00:00:00Z")), Some(Span::from_days(35) + Span::from_hours(1)));
    }

    #[test]
    fn the_worst_interval_counts_the_longest_night() {
        let now = at("2024-11-18T00:00:00Z");
        for (text, expected) in [
            ("*/5 * * * *", "5min"),
            ("* * * * *", "1min"),
            ("0 * * * *", "1h"),
            ("0 2 * * *", "25h"),
            ("0 */2 * * *", "3h"),
            ("0 9-17 * * *", "17h"),
            ("0 0 * * 0", "7d 1h"),
            ("0 4 1 * *", "31d 1h"),
            ("0 9 * * MON-FRI", "3d 1h"),
            ("0 0 29 2 *", "1461d"),
        ] {
            assert_eq!(cron(text).worst_interval(now).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn no_two_runs_are_ever_further_apart_than_the_worst_interval() {
        let now = at("2024-11-18T09:13:00Z");
        for text in ["0 2 * * *", "0 */3 * * *", "*/15 1-5 * * *", "30 2,14 * * *", "0 0 * * 0", "7 3 1,15 * *"] {
            let schedule = cron(text);
            let worst = schedule.worst_interval(now).unwrap().approx();
            let mut before = schedule.next(now).unwrap();
            let mut longest = std::time::Duration::ZERO;
            while before < now + TimeDelta::days(370) {
                let after = schedule.next(before).unwrap();
                assert_eq!(schedule.previous(after), Some(before), "{text}: what goes forwards goes backwards");
                longest = longest.max((after - before).to_std().unwrap());
                before = after;
            }
            assert_eq!(longest, worst, "{text}");
        }
    }

    #[test]
    fn slots_are_the_same_for_everybody() {
        let quarter = Schedule::Every(Span::from_mins(15));
        assert_eq!(quarter.next(at("2024-11-18T10:15:00Z")), Some(at("2024-11-18T10:30:00Z")));
        assert_eq!(quarter.previous(at("2024-11-18T10:15:00Z")), Some(at("2024-11-18T10:00:00Z")));
        let quarterly = Schedule::Every(Span::from_months(3));
        assert_eq!(quarterly.next(at("2024-11-18T10:15:00Z")), Some(at("2025-01-01T00:00:00Z")));
        assert_eq!(quarterly.previous(at("2024-11-18T10:15:00Z")), Some(at("2024-10-01T00:00:00Z")));
    }

    fn of(rest: &str) -> Result<Schedule, ScheduleError> {
        let job: Job = toml::from_str(&format!("name = 'j'\ndo = 'backup'\n{rest}")).unwrap();
        Schedule::of(&job, berlin())
    }

    #[test]
    fn exactly_one_key_says_when() {
        assert_eq!(of("").unwrap_err(), ScheduleError::None);
        assert_eq!(of("continuous = false").unwrap_err(), ScheduleError::None);
        assert_eq!(of("cron = '0 2 * * *'\nevery = '1h'").unwrap_err(), ScheduleError::Several("cron", "every"));
        assert_eq!(of("every = '0s'").unwrap_err(), ScheduleError::Zero);
        assert!(matches!(of("on_change = true"), Ok(Schedule::OnChange)));
    }

    #[test]
    fn continuous_work_may_name_its_lag_or_its_cadence() {
        let lag = |rest| of(rest).unwrap().worst_interval(at("2024-11-18T00:00:00Z"));
        assert_eq!(lag("continuous = true"), None, "nobody said for how long what has changed may lie");
        assert_eq!(lag("continuous = true\nlag = '1s'"), Some(Span::from_secs(1)));
        assert_eq!(lag("continuous = true\ncron = '*/5 * * * *'"), Some(Span::from_mins(5)));
    }

    #[test]
    fn a_wrong_cron_names_the_wrong_field() {
        for (text, expected) in
            [("0 25 * * *", Some(1)), ("61 * * * *", Some(0)), ("* * * * FOO", Some(4)), ("0 2 * *", None)]
        {
            match CronSchedule::new(text, berlin()) {
                Err(ScheduleError::Cron { field, .. }) => assert_eq!(field, expected, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
        assert_eq!(
            CronSchedule::new("0 0 30 2 *", berlin()).unwrap_err(),
            ScheduleError::Never("0 0 30 2 *".to_owned())
        );
    }
}
