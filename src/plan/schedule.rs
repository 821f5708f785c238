//! When a job runs: occurrences in the plan's time zone, and the longest it can be silent.
//!
//! A job at a fixed hour runs once a day whatever the clocks do: at the end of the gap on the night
//! when its time does not exist, and the first time on the night when it exists twice. A job with a
//! free hour (`*`, `*/2`) follows the real passing of time through both.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use croner::parser::{CronParser, Seconds, Year};
use croner::{Cron, Weekday};

use super::types::Job;
use crate::text::Span;

/// When a job runs.
#[derive(Clone, Debug)]
pub enum Schedule {
    /// At certain times of certain days.
    Cron(Box<CronSchedule>),
    /// Again and again; slots are counted from 1970 in UTC, so that every host names the same ones.
    Every(Span),
    /// Never stops; what has changed may lie for the lag.
    Continuous {
        /// How long a change may lie.
        lag: Span,
    },
    /// Whenever something changes.
    OnChange,
}

/// Times of days in a time zone.
#[derive(Clone, Debug)]
pub struct CronSchedule {
    cron: Cron,
    zone: Tz,
    /// The hour is named, so that people mean that hour, also in the nights when clocks change.
    fixed_hour: bool,
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

const FIELDS: [&str; 5] = ["minute", "hour", "day of the month", "month", "day of the week"];
/// Days looked at for the longest interval; leap days come once in them.
const DAYS: usize = 5 * 366;
/// Enough for a leap day on a certain weekday.
const MANY_DAYS: usize = 41 * 366;

impl Schedule {
    /// What `job` says about when it runs.
    pub fn of(job: &Job, zone: Tz) -> Result<Schedule, ScheduleError> {
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
                let lag = job.lag.or_else(|| cron.and_then(|cron| cron.usual_interval())).unwrap_or_default();
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
            Schedule::Continuous { lag } => Some(*lag),
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

impl CronSchedule {
    /// Reads five fields: minute, hour, day of the month, month, day of the week.
    pub fn new(text: &str, zone: Tz) -> Result<CronSchedule, ScheduleError> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let wrong = |why: String, field| ScheduleError::Cron { text: text.chars().take(80).collect(), why, field };
        let fields: Vec<&str> = text.split_whitespace().collect();
        if fields.len() != FIELDS.len() {
            let why = format!("it has {} fields instead of five ({})", fields.len(), FIELDS.join(", "));
            return Err(wrong(why, None));
        }
        let cron = parser.parse(text).map_err(|error| {
            // The library does not say which field it dislikes; so each is tried alone.
            let is_wrong = |position: &usize| {
                let mut alone = ["*"; 5];
                alone[*position] = fields[*position];
                parser.parse(&alone.join(" ")).is_err()
            };
            match (0..fields.len()).find(is_wrong) {
                Some(position) => wrong(format!("{:?} is no {}", fields[position], FIELDS[position]), Some(position)),
                None => wrong(error.to_string(), None),
            }
        })?;
        let hours = (0..24).filter(|hour| cron.pattern.hour_match(*hour).unwrap_or(false)).count();
        let schedule = CronSchedule { cron, zone, fixed_hour: !fields[1].contains('*') && hours < 24 };
        if schedule.runs_ever() { Ok(schedule) } else { Err(ScheduleError::Never(text.to_owned())) }
    }

    fn next(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if !self.fixed_hour {
            let found = self.cron.find_next_occurrence(&instant.with_timezone(&self.zone), false).ok()?;
            return Some(found.with_timezone(&Utc));
        }
        let mut wall = instant.with_timezone(&self.zone).naive_local();
        loop {
            wall = self.cron.find_next_occurrence(&wall, false).ok()?;
            if let Some(found) = self.real(wall).filter(|found| *found > instant) {
                return Some(found);
            }
        }
    }

    fn previous(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if !self.fixed_hour {
            let found = self.cron.find_previous_occurrence(&instant.with_timezone(&self.zone), false).ok()?;
            return Some(found.with_timezone(&Utc));
        }
        // In the second of two like hours the clocks show less than they did in the first.
        let mut wall = instant.with_timezone(&self.zone).naive_local() + TimeDelta::hours(3);
        loop {
            wall = self.cron.find_previous_occurrence(&wall, false).ok()?;
            if let Some(found) = self.real(wall).filter(|found| *found < instant) {
                return Some(found);
            }
        }
    }

    /// When the clocks show `wall`: the first time of two, and the end of the gap for one that is left out.
    fn real(&self, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
        let shown = |wall: NaiveDateTime| self.zone.from_local_datetime(&wall).earliest();
        if let Some(at) = shown(wall) {
            return Some(at.with_timezone(&Utc));
        }
        // The longest gap ever was a day: Samoa moved over the date line.
        let after = (1..=4 * 25).find_map(|quarters| shown(wall + TimeDelta::minutes(15 * quarters)))?;
        let after = after.with_timezone(&Utc);
        clock_change(self.zone, after - TimeDelta::hours(1), after)
    }

    /// The minutes of a day at which it runs, first to last.
    fn minutes(&self) -> Vec<u32> {
        let minutes: Vec<u32> =
            (0..60).filter(|minute| self.cron.pattern.minute_match(*minute).unwrap_or(false)).collect();
        let hours = (0..24).filter(|hour| self.cron.pattern.hour_match(*hour).unwrap_or(false));
        hours.flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute)).collect()
    }

    fn runs_on(&self, date: NaiveDate) -> bool {
        let weekday = Weekday::from_days_from_sunday(date.weekday().num_days_from_sunday());
        self.cron.pattern.month_match(date.month()).unwrap_or(false)
            && self.cron.pattern.day_match(date.year(), date.month(), date.day(), weekday).unwrap_or(false)
    }

    fn runs_ever(&self) -> bool {
        let Some(start) = NaiveDate::from_ymd_opt(2000, 1, 1) else { return false };
        self.every_day() || start.iter_days().take(MANY_DAYS).any(|date| self.runs_on(date))
    }

    fn every_day(&self) -> bool {
        let pattern = &self.cron.pattern;
        pattern.is_dom_wildcard()
            && pattern.is_dow_wildcard()
            && (1..=12).all(|m| pattern.month_match(m).unwrap_or(false))
    }

    /// The longest interval on a day like any other.
    fn usual_interval(&self) -> Option<Span> {
        let minutes = self.minutes();
        let (first, last) = (*minutes.first()?, *minutes.last()?);
        let over_night = first + 24 * 60 - last;
        let by_day = minutes.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
        Some(Span::from_mins(u64::from(by_day.max(over_night))))
    }

    /// The longest interval by the calendar, without the changes of clocks.
    fn calendar_interval(&self, from: DateTime<Utc>) -> Option<Span> {
        let usual = self.usual_interval()?;
        if self.every_day() {
            return Some(usual);
        }
        let minutes = self.minutes();
        let (first, last) = (*minutes.first()?, *minutes.last()?);
        let gap = self.longest_gap(from, DAYS).or_else(|| self.longest_gap(from, MANY_DAYS))?;
        let between = Span::from_mins(gap * 24 * 60 + u64::from(first)).less(Span::from_mins(u64::from(last)));
        let by_day = minutes.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
        Some(between.max(Span::from_mins(u64::from(by_day))))
    }

    /// The most days between two on which it runs.
    fn longest_gap(&self, from: DateTime<Utc>, days: usize) -> Option<u64> {
        let start = from.with_timezone(&self.zone).date_naive();
        let mut runs = start.iter_days().take(days).filter(|date| self.runs_on(*date));
        let mut before = runs.next()?;
        let gaps = runs.map(|date| (date - std::mem::replace(&mut before, date)).num_days());
        gaps.max().and_then(|days| u64::try_from(days).ok())
    }

    fn worst_interval(&self, from: DateTime<Utc>) -> Option<Span> {
        let mut worst = self.calendar_interval(from)?;
        for change in clock_changes(self.zone, from) {
            worst = worst.max(self.interval_around(change).unwrap_or_default());
        }
        Some(worst)
    }

    /// The longest interval near a change of clocks.
    fn interval_around(&self, change: DateTime<Utc>) -> Option<Span> {
        let mut before = self.previous(change - TimeDelta::hours(3))?;
        let mut longest = TimeDelta::zero();
        while before < change + TimeDelta::hours(3) {
            let after = self.next(before)?;
            longest = longest.max(after - before);
            before = after;
        }
        Some(Span::from(longest.to_std().ok()?))
    }
}

/// The instants within a good year from `from` at which the clocks of `zone` change.
fn clock_changes(zone: Tz, from: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let day = |number: i64| from + TimeDelta::days(number);
    (0..370).filter_map(|number| clock_change(zone, day(number), day(number + 1))).collect()
}

/// The first instant after a change of clocks between `early` and `late`, if their offsets differ.
fn clock_change(zone: Tz, early: DateTime<Utc>, late: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    let new = offset(late);
    if offset(early) == new {
        return None;
    }
    let (mut before, mut after) = (early.timestamp(), late.timestamp());
    while after - before > 1 {
        let middle = before.midpoint(after);
        if offset(DateTime::from_timestamp(middle, 0)?) == new { after = middle } else { before = middle }
    }
    DateTime::from_timestamp(after, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: Tz = chrono_tz::Europe::Berlin;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn cron(text: &str) -> Schedule {
        Schedule::Cron(Box::new(CronSchedule::new(text, BERLIN).unwrap()))
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
        Schedule::of(&job, BERLIN)
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
        assert_eq!(lag("continuous = true"), Some(Span::ZERO));
        assert_eq!(lag("continuous = true\nlag = '1s'"), Some(Span::from_secs(1)));
        assert_eq!(lag("continuous = true\ncron = '*/5 * * * *'"), Some(Span::from_mins(5)));
    }

    #[test]
    fn a_wrong_cron_names_the_wrong_field() {
        for (text, expected) in
            [("0 25 * * *", Some(1)), ("61 * * * *", Some(0)), ("* * * * FOO", Some(4)), ("0 2 * *", None)]
        {
            match CronSchedule::new(text, BERLIN) {
                Err(ScheduleError::Cron { field, .. }) => assert_eq!(field, expected, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
        assert_eq!(CronSchedule::new("0 0 30 2 *", BERLIN).unwrap_err(), ScheduleError::Never("0 0 30 2 *".to_owned()));
    }
}
