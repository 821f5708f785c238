//! Times of days by a cron expression, in a time zone whose clocks change twice a year.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use croner::parser::{CronParser, Seconds, Year};
use croner::{Cron, Weekday};

use super::ScheduleError;
use crate::text::{Span, Zone};

/// Times of days in a time zone.
#[derive(Clone, Debug)]
pub struct CronSchedule {
    cron: Cron,
    zone: Zone,
    /// The hour is named, so that people mean that hour, also in the nights when clocks change.
    fixed_hour: bool,
}

const FIELDS: [&str; 5] = ["minute", "hour", "day of the month", "month", "day of the week"];
/// Days looked at for the longest interval; leap days come once in them.
const DAYS: usize = 5 * 366;
/// Enough for a leap day on a certain weekday.
const MANY_DAYS: usize = 41 * 366;

impl CronSchedule {
    /// Reads five fields: minute, hour, day of the month, month, day of the week.
    pub fn new(text: &str, zone: Zone) -> Result<CronSchedule, ScheduleError> {
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

    /// The first run after `instant`.
    pub fn next(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
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

    /// The last run before `instant`.
    pub fn previous(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if !self.fixed_hour {
            // The library leaves fractions of a second out, and so the run that is one of them old.
            let fraction = TimeDelta::nanoseconds(i64::from(instant.timestamp_subsec_nanos()));
            let whole = if fraction.is_zero() { instant } else { instant - fraction + TimeDelta::seconds(1) };
            let found = self.cron.find_previous_occurrence(&whole.with_timezone(&self.zone), false).ok()?;
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
    pub(crate) fn usual_interval(&self) -> Option<Span> {
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

    /// The longest time between two runs from `from` on, the nights when clocks change included.
    pub fn worst_interval(&self, from: DateTime<Utc>) -> Option<Span> {
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
fn clock_changes(zone: Zone, from: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    // Nowhere do clocks change twice within less than a week.
    let day = |number: i64| from + TimeDelta::days(number);
    (0..370).step_by(5).filter_map(|number| clock_change(zone, day(number), day(number + 5))).collect()
}

/// The first instant after a change of clocks between `early` and `late`, if their offsets differ.
fn clock_change(zone: Zone, early: DateTime<Utc>, late: DateTime<Utc>) -> Option<DateTime<Utc>> {
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
