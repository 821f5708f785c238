//! A schedule taken apart, to be written down again in another language. Whatever cannot be said there is left to
//! `--due`, which knows the schedule itself: then it is only asked more often than needed.

use crate::plan::types::Job;
use crate::text::Span;

/// When a job is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// At times of days, in the zone of the platform.
    Times(Times),
    /// Every so many minutes, which divide an hour, in UTC.
    Minutes(u32),
    /// Every so many hours, which divide a day, in UTC.
    Hours(u32),
    /// This cannot be said: every few minutes.
    Often,
}

/// Times of days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub(super) minutes: Vec<u8>,
    pub(super) hours: Vec<u8>,
    pub(super) months: Vec<u8>,
    /// A day that is any of these.
    pub(super) days: Vec<Days>,
}

/// Which days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Days {
    Every,
    /// Days of the month.
    OfMonth(Vec<u8>),
    LastOfMonth,
    /// Days of the week; Sunday is 0.
    Weekdays(Vec<u8>),
    /// The first, second … of them in its month.
    Nth(u8, u8),
    LastWeekday(u8),
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
pub(super) const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Shape {
    /// That of a job which runs by slots.
    pub(super) fn of(job: &Job) -> Shape {
        match (&job.cron, job.every) {
            (Some(cron), _) => times(cron).map_or(Shape::Often, Shape::Times),
            (None, Some(every)) => interval(every),
            (None, None) => Shape::Often,
        }
    }
}

/// So many minutes lie between two of its slots at least; an hour, where that is more or nothing is said.
pub(super) fn least_minutes(job: &Job) -> u32 {
    if let Some(every) = job.every.filter(|_| job.cron.is_none()) {
        return u32::try_from(every.approx_millis() / 60_000).unwrap_or(60).min(60);
    }
    let Some(times) = job.cron.as_deref().and_then(times) else { return 60 };
    let next = times.minutes.iter().skip(1).copied().chain(times.minutes.first().map(|first| first + 60));
    times.minutes.iter().zip(next).map(|(minute, next)| u32::from(next - minute)).min().unwrap_or(60)
}

fn interval(every: Span) -> Shape {
    if every.whole_months().is_some() || !every.approx_millis().is_multiple_of(60_000) {
        return Shape::Often;
    }
    match u32::try_from(every.approx_millis() / 60_000) {
        Ok(minutes) if minutes > 0 && 60 % minutes == 0 => Shape::Minutes(minutes),
        Ok(minutes) if minutes > 0 && minutes % 60 == 0 && 24 % (minutes / 60) == 0 => Shape::Hours(minutes / 60),
        _ => Shape::Often,
    }
}

fn times(cron: &str) -> Option<Times> {
    let cron = cron.to_ascii_lowercase();
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields[..] else { return None };
    let is_any = |field: &str| matches!(field, "*" | "?");
    let mut days = Vec::new();
    if !is_any(day) {
        days.extend(days_of_month(day)?);
    }
    if !is_any(weekday) {
        days.extend(weekdays(weekday)?);
    }
    if days.is_empty() {
        days.push(Days::Every);
    }
    Some(Times {
        minutes: set(minute, (0, 59), &[])?,
        hours: set(hour, (0, 23), &[])?,
        months: set(month, (1, 12), &MONTHS)?,
        days,
    })
}

fn days_of_month(field: &str) -> Option<Vec<Days>> {
    if field == "l" {
        return Some(vec![Days::LastOfMonth]);
    }
    Some(vec![Days::OfMonth(set(field, (1, 31), &[])?)])
}

fn weekdays(field: &str) -> Option<Vec<Days>> {
    let mut plain = Vec::new();
    let mut days = Vec::new();
    for item in field.split(',') {
        if let Some((day, nth)) = item.split_once('#') {
            let day = number(day, &WEEKDAYS)? % 7;
            days.push(if nth == "l" {
                Days::LastWeekday(day)
            } else {
                Days::Nth(day, nth.parse().ok().filter(|nth| (1..=5).contains(nth))?)
            });
        } else {
            // Seven is Sunday too, also at the end of a range.
            plain.extend(set(item, (0, 7), &WEEKDAYS)?.into_iter().map(|day| day % 7));
        }
    }
    plain.sort_unstable();
    plain.dedup();
    if !plain.is_empty() {
        days.push(Days::Weekdays(plain));
    }
    Some(days)
}

/// The numbers that a field stands for; nothing where it says more than numbers.
fn set(field: &str, (least, most): (u8, u8), names: &[&str]) -> Option<Vec<u8>> {
    let mut numbers = Vec::new();
    for item in field.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
            None => (item, 1_usize),
        };
        let (first, last) = match range.split_once('-') {
            _ if matches!(range, "*" | "?") => (least, most),
            Some((first, last)) => (number(first, names)?, number(last, names)?),
            // `5/10` begins there and goes on.
            None if item.contains('/') => (number(range, names)?, most),
            None => (number(range, names)?, number(range, names)?),
        };
        if first < least || last > most || first > last {
            return None;
        }
        numbers.extend((first..=last).step_by(step));
    }
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

fn number(text: &str, names: &[&str]) -> Option<u8> {
    let named = || names.iter().position(|name| *name == text).and_then(|place| u8::try_from(place).ok());
    let first = u8::from(names.len() == MONTHS.len());
    text.parse().ok().or_else(|| named().map(|place| place + first))
}

/// Numbers as ranges: each its first and its last.
pub(super) fn ranges(numbers: &[u8]) -> Vec<(u8, u8)> {
    let mut ranges: Vec<(u8, u8)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(when: &str) -> Shape {
        Shape::of(&toml::from_str(&format!("name = 'j'\ndo = 'command'\n{when}")).unwrap())
    }

    #[test]
    fn crons_are_taken_apart() {
        let Shape::Times(times) = shape("cron = '*/20 2-4 1,15 JAN-mar *'") else { panic!() };
        assert_eq!((times.minutes, times.hours, times.months), (vec![0, 20, 40], vec![2, 3, 4], vec![1, 2, 3]));
        assert_eq!(times.days, [Days::OfMonth(vec![1, 15])]);
        let Shape::Times(times) = shape("cron = '0 10 L * THU#1,FRI#L,5-7'") else { panic!() };
        let days = [Days::LastOfMonth, Days::Nth(4, 1), Days::LastWeekday(5), Days::Weekdays(vec![0, 5, 6])];
        assert_eq!(times.days, days);
        assert_eq!(shape("cron = '0 10 15W * *'"), Shape::Often);
    }

    #[test]
    fn intervals_that_divide_a_day_are_told_from_others() {
        for (every, wanted) in [
            ("15min", Shape::Minutes(15)),
            ("1h", Shape::Minutes(60)),
            ("6h", Shape::Hours(6)),
            ("24h", Shape::Hours(24)),
            ("7min", Shape::Often),
            ("90s", Shape::Often),
            ("1 month", Shape::Often),
            ("7d", Shape::Often),
        ] {
            assert_eq!(shape(&format!("every = '{every}'")), wanted, "{every}");
        }
    }
}
