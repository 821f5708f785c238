//! How many lines told of an error lately.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

use super::line::{Level, LogLine, Raw};
use super::moment::{Stamp, ahead};
use crate::text::Redactor;

/// How far back lines count.
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// How many lines are kept to be shown.
const SHOWN: usize = 20;

/// Errors by the second in which they were told, and the last of them.
#[derive(Debug, Default)]
pub(super) struct Counts {
    seconds: BTreeMap<i64, (u64, u64)>,
    last: VecDeque<LogLine>,
}

/// When the lines of a piece of log were written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Written {
    /// Since the last question: a line that does not say when counts as of now.
    Lately(DateTime<Utc>),
    /// At any time before: a line that does not say when, after none that did, does not count. The moment is
    /// that of the last line.
    Before(DateTime<Utc>),
}

impl Counts {
    /// Takes in lines in their order.
    pub fn note(&mut self, lines: &[Raw], written: Written, redactor: &Redactor) {
        let (Written::Lately(last) | Written::Before(last)) = written;
        let wall = lines.iter().rev().find_map(|line| match line.stamp {
            Some(Stamp::Wall(wall)) => Some(wall),
            _ => None,
        });
        let shift = wall.map_or_else(TimeDelta::zero, |wall| ahead(wall, last));
        let mut at = match written {
            Written::Lately(now) => Some(now),
            Written::Before(_) => None,
        };
        for line in lines {
            at = line.stamp.map(|stamp| stamp.at(shift)).or(at);
            if line.level != Level::Error {
                continue;
            }
            let Some(at) = at else { continue };
            let second = self.seconds.entry(at.timestamp()).or_default();
            second.0 += 1;
            second.1 += u64::from(line.database);
            if self.last.len() == SHOWN {
                self.last.pop_front();
            }
            self.last.push_back(line.shown(Some(at), redactor));
        }
    }

    /// How many there were in the window that ends now: errors, and those of databases among them. Forgets what
    /// is older, and what claims to be still to come.
    pub fn lately(&mut self, now: DateTime<Utc>) -> (u64, u64) {
        let begins = (now - WINDOW).timestamp();
        self.seconds = self.seconds.split_off(&begins);
        let counted = self.seconds.range(..=now.timestamp() + 60);
        counted.fold((0, 0), |(all, database), (_, second)| (all + second.0, database + second.1))
    }

    /// The last errors of the window, the newest first.
    pub fn last(&self, now: DateTime<Utc>) -> Vec<&LogLine> {
        self.last.iter().rev().filter(|line| line.at.is_some_and(|at| at >= now - WINDOW)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> DateTime<Utc> {
        format!("2024-11-18T{time}Z").parse().unwrap()
    }

    fn lines(text: &str) -> Vec<Raw> {
        text.lines().map(|line| Raw::read(line.as_bytes())).collect()
    }

    #[test]
    fn only_the_last_ten_minutes_count() {
        let mut counts = Counts::default();
        let log = "2024-11-18T11:40:00Z ERROR old\n2024-11-18T11:55:00Z ERROR database\n  a trace\n2024-11-18T11:56:00Z INFO fine";
        counts.note(&lines(log), Written::Before(at("11:56:00")), &Redactor::new());
        assert_eq!(counts.lately(at("12:00:00")), (1, 1));
        assert_eq!(counts.last(at("12:00:00"))[0].text, "ERROR database");
        assert_eq!(counts.lately(at("12:06:00")), (0, 0));
    }

    #[test]
    fn lines_without_a_date_count_only_when_they_are_new() {
        let mut counts = Counts::default();
        counts.note(&lines("ERROR one\nERROR two"), Written::Before(at("12:00:00")), &Redactor::new());
        assert_eq!(counts.lately(at("12:00:00")), (0, 0));
        counts.note(&lines("ERROR three"), Written::Lately(at("12:00:05")), &Redactor::new());
        assert_eq!(counts.lately(at("12:00:05")), (1, 0));
    }

    #[test]
    fn a_wall_clock_in_another_zone_counts_where_it_belongs() {
        let mut counts = Counts::default();
        let log = "2024-11-18 07:20:00 ERROR long ago\n2024-11-18 07:29:00 ERROR now\n2024-11-18 07:29:58 INFO x";
        counts.note(&lines(log), Written::Before(at("13:00:00")), &Redactor::new());
        assert_eq!(counts.lately(at("13:00:00")), (2, 0));
        assert_eq!(counts.lately(at("13:05:00")), (1, 0));
    }
}
