//! Repeated events: the first few are written, the rest are counted.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::{Event, Metadata};
use tracing_appender::non_blocking::NonBlocking;
use tracing_subscriber::layer::{Context, Filter};

use crate::text::{Clock, Span};

/// How often the same event is written …
const OFTEN: u32 = 5;
/// … within this time.
const INTERVAL: Duration = Duration::from_mins(1);
/// More different events than this are not told apart any longer; the counts so far are written.
const MOST: usize = 1_000;

/// Whether an event is written or only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is written.
    Write,
    /// It is counted.
    Count,
}

/// Counts equal events. Pure: told the time with every event.
#[derive(Debug, Default)]
pub struct Limiter {
    seen: HashMap<String, Seen>,
    oldest: Option<Duration>,
}

#[derive(Debug)]
struct Seen {
    first: Duration,
    times: u32,
}

impl Limiter {
    /// Takes note of an event at `now` (time since boot).
    pub fn event(&mut self, event: &str, now: Duration) -> Verdict {
        let seen = match self.seen.get_mut(event) {
            Some(seen) => seen,
            None => self.seen.entry(event.to_owned()).or_insert(Seen { first: now, times: 0 }),
        };
        self.oldest.get_or_insert(seen.first);
        seen.times = seen.times.saturating_add(1);
        if seen.times <= OFTEN { Verdict::Write } else { Verdict::Count }
    }

    /// What became of the events whose time is over at `now`, or of all when there are too many: a
    /// line for each that was not written every time. They start afresh.
    pub fn summaries(&mut self, now: Duration) -> Vec<String> {
        let over = |first: Duration| now.saturating_sub(first) >= INTERVAL;
        if self.seen.len() < MOST && !self.oldest.is_some_and(over) {
            return Vec::new();
        }
        let everything = self.seen.len() >= MOST;
        self.take(|seen| everything || over(seen.first))
    }

    /// The same for every event, at the end.
    pub fn finish(&mut self) -> Vec<String> {
        self.take(|_| true)
    }

    fn take(&mut self, which: impl Fn(&Seen) -> bool) -> Vec<String> {
        let interval = Span::from(INTERVAL);
        let mut ended: Vec<_> = self.seen.extract_if(|_, seen| which(seen)).collect();
        ended.retain(|(_, seen)| seen.times > OFTEN);
        ended.sort_by_key(|(_, seen)| seen.first);
        self.oldest = self.seen.values().map(|seen| seen.first).min();
        let line = |(event, seen): (String, Seen)| {
            format!("repeated {} times within {interval}, written {OFTEN} times: {event}", seen.times)
        };
        ended.into_iter().map(line).collect()
    }
}

/// A limiter in the way of the events of the process.
#[derive(Clone)]
pub(super) struct Limited {
    limiter: Arc<Mutex<Limiter>>,
    clock: Arc<dyn Clock>,
    writer: NonBlocking,
}

impl Limited {
    pub(super) fn new(clock: Arc<dyn Clock>, writer: NonBlocking) -> Limited {
        Limited { limiter: Arc::default(), clock, writer }
    }

    pub(super) fn finish(&self) {
        let summaries = self.limiter.lock().unwrap_or_else(PoisonError::into_inner).finish();
        self.write(&summaries);
    }

    /// Straight to the file: as an event of its own a summary would come back here.
    fn write(&self, summaries: &[String]) {
        for summary in summaries {
            let now = crate::text::instant::stamp(self.clock.now());
            let line = format!("{now} [{}]  {summary}\n", std::process::id());
            let _ = self.writer.clone().write_all(line.as_bytes());
        }
    }
}

impl<S> Filter<S> for Limited {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        let mut text = Text(format!("{} {}:", metadata.level(), metadata.target()));
        event.record(&mut text);
        let now = self.clock.since_boot();
        let (summaries, verdict) = {
            let mut limiter = self.limiter.lock().unwrap_or_else(PoisonError::into_inner);
            (limiter.summaries(now), limiter.event(&text.0, now))
        };
        self.write(&summaries);
        verdict == Verdict::Write
    }
}

/// An event as one text; what is equal in it is equal to its reader.
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_first_few_are_written_and_all_are_counted() {
        let mut limiter = Limiter::default();
        let written = (0..500).filter(|_| limiter.event("disk slow", at(1)) == Verdict::Write).count();
        assert_eq!(written, 5);
        assert_eq!(limiter.event("another", at(2)), Verdict::Write);
        assert!(limiter.summaries(at(60)).is_empty(), "its minute is not over");
        assert_eq!(limiter.summaries(at(61)), ["repeated 500 times within 1min, written 5 times: disk slow"]);
        assert_eq!(limiter.event("disk slow", at(62)), Verdict::Write, "a new minute begins");
    }

    #[test]
    fn what_was_written_every_time_needs_no_summary() {
        let mut limiter = Limiter::default();
        for _ in 0..5 {
            assert_eq!(limiter.event("five times", at(0)), Verdict::Write);
        }
        assert!(limiter.summaries(at(100)).is_empty());
        assert!(limiter.finish().is_empty());
    }

    #[test]
    fn the_end_tells_what_was_still_being_counted() {
        let mut limiter = Limiter::default();
        for _ in 0..7 {
            limiter.event("again", at(0));
        }
        assert_eq!(limiter.finish(), ["repeated 7 times within 1min, written 5 times: again"]);
    }

    #[test]
    fn many_different_events_do_not_fill_the_memory() {
        let mut limiter = Limiter::default();
        for number in 0..10_000 {
            limiter.summaries(at(0));
            limiter.event(&number.to_string(), at(0));
        }
        assert!(limiter.seen.len() <= MOST);
    }
}
