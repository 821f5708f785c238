//! How far consumers are behind: the age of the oldest message where it is known, else how long the backlog takes.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::listing::Listing;
use super::queue::{Id, Queue};
use crate::text::Span;

/// How long it would take at most; what takes longer is told as this.
const LONGEST: Duration = Duration::from_hours(24 * 30);

/// Since when the backlog of each queue does not move.
#[derive(Default)]
pub struct Lags {
    stuck: HashMap<Id, (Duration, u64)>,
}

impl Lags {
    /// How far each queue with a backlog is behind. What nobody is meant to consume does not count: dead letters,
    /// streams, and queues without a consumer unless the plan calls them critical.
    pub fn note(
        &mut self,
        listing: &Listing,
        is_critical: impl Fn(&Queue) -> bool,
        since_boot: Duration,
        now: DateTime<Utc>,
    ) -> HashMap<Id, Span> {
        let mut lags = HashMap::new();
        let mut stuck = HashMap::new();
        for queue in &listing.queues {
            let waiting = queue.messages_ready.unwrap_or(0);
            let nobody = queue.consumers.unwrap_or(0) == 0 && !is_critical(queue);
            let id = queue.id();
            if waiting == 0 || nobody || queue.kind == "stream" || listing.dead.contains(&id) {
                continue;
            }
            let taken = queue.message_stats.deliver_get.max(queue.message_stats.ack);
            let since = match self.stuck.get(&id) {
                Some((since, then)) if *then == taken => *since,
                _ => since_boot,
            };
            stuck.insert(id.clone(), (since, taken));
            lags.insert(id, Span::from(lag(queue, waiting, since_boot.saturating_sub(since), now)));
        }
        self.stuck = stuck;
        lags
    }
}

fn lag(queue: &Queue, waiting: u64, stuck: Duration, now: DateTime<Utc>) -> Duration {
    let written = queue.head_message_timestamp.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    if let Some(written) = written {
        return (now - written).to_std().unwrap_or_default().min(LONGEST);
    }
    let rate = queue.message_stats.ack_details.0.max(queue.message_stats.deliver_get_details.0);
    if rate > 0.0 { Duration::from_secs_f64((waiting as f64 / rate).min(LONGEST.as_secs_f64())) } else { stuck }
}

#[cfg(test)]
mod tests {
    use super::super::queue::{RateOf, Stats};
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn queue(waiting: u64, rate: f64, head: Option<i64>) -> Queue {
        let stats = Stats { ack_details: RateOf(rate), ..Stats::default() };
        Queue {
            name: "q".to_owned(),
            messages_ready: Some(waiting),
            consumers: Some(1),
            head_message_timestamp: head,
            message_stats: stats,
            ..Queue::default()
        }
    }

    fn lag_of(lags: &mut Lags, queue: Queue, at: u64) -> Option<Span> {
        let listing = Listing { total: 1, queues: vec![queue], ..Listing::default() };
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        lags.note(&listing, |queue| queue.consumers == Some(0), SECOND * u32::try_from(at).unwrap(), now)
            .into_values()
            .next()
    }

    #[test]
    fn the_oldest_messages_age_is_known_where_publishers_tell_it() {
        let lag = lag_of(&mut Lags::default(), queue(5, 1.0, Some(1_000_000 - 90)), 0);
        assert_eq!(lag, Some(Span::from_secs(90)));
    }

    #[test]
    fn else_it_is_how_long_the_backlog_takes() {
        assert_eq!(lag_of(&mut Lags::default(), queue(600, 2.0, None), 0), Some(Span::from_mins(5)));
        assert_eq!(lag_of(&mut Lags::default(), queue(u64::MAX, 0.001, None), 0), Some(Span::from_days(30)));
        assert_eq!(lag_of(&mut Lags::default(), queue(0, 2.0, None), 0), None);
    }

    #[test]
    fn a_backlog_that_does_not_move_grows_older() {
        let mut lags = Lags::default();
        assert_eq!(lag_of(&mut lags, queue(5, 0.0, None), 100), Some(Span::ZERO));
        assert_eq!(lag_of(&mut lags, queue(7, 0.0, None), 160), Some(Span::from_mins(1)));
        let moved = Queue { message_stats: Stats { ack: 1, ..Stats::default() }, ..queue(7, 0.0, None) };
        assert_eq!(lag_of(&mut lags, moved, 200), Some(Span::ZERO));
    }

    #[test]
    fn what_nobody_consumes_counts_only_where_the_plan_says_so() {
        let alone = Queue { consumers: Some(0), ..queue(5, 0.0, None) };
        assert_eq!(lag_of(&mut Lags::default(), alone.clone(), 0), Some(Span::ZERO), "critical by this test's rule");
        let listing = Listing { total: 1, queues: vec![alone], ..Listing::default() };
        assert!(Lags::default().note(&listing, |_| false, SECOND, DateTime::UNIX_EPOCH).is_empty());
    }
}
