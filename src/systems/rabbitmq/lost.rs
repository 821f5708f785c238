//! Messages that vanished without having been delivered: from a queue that is gone, or that came back empty.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::listing::Listing;
use super::nodes::SETTLING;
use super::queue::{Id, Queue, Stats};

/// For how long a loss is told.
const TOLD: Duration = Duration::from_hours(1);
/// How many queues are remembered.
const MOST: usize = 50_000;

/// What was in each queue at the last listing, and what was lost lately.
#[derive(Default)]
pub struct Losses {
    before: Option<HashMap<Id, Known>>,
    /// When the broker had started at the last listing, by our clock since boot.
    started: Duration,
    lost: VecDeque<(Duration, Loss)>,
}

/// What was known of a queue.
struct Known {
    messages: u64,
    stats: Stats,
    keeps: bool,
}

/// A loss in one queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// In which.
    pub queue: Id,
    /// How many messages.
    pub messages: u64,
    /// Whether the queue itself is gone.
    pub gone: bool,
}

impl Losses {
    /// Compares a listing with the one before. `uptime` is that of the node that started last: after a start
    /// its counters begin anew.
    pub fn note(&mut self, listing: &Listing, now: Duration, uptime: Option<Duration>) {
        let started = uptime.map_or(self.started, |uptime| now.saturating_sub(uptime));
        // Counts of the first seconds after a start are not there yet, or those of before.
        if uptime.is_some_and(|uptime| uptime < SETTLING) {
            return;
        }
        let restarted = started > self.started + Duration::from_secs(5);
        if let Some(before) = &self.before {
            let now_there: HashMap<(&str, &str), &Queue> =
                listing.queues.iter().map(|queue| ((&*queue.vhost, &*queue.name), queue)).collect();
            let is_whole = listing.queues.len() >= listing.total;
            for (id, known) in before {
                let queue = now_there.get(&(id.0.as_str(), id.1.as_str()));
                let messages = match queue {
                    Some(queue) => vanished(known, queue, restarted),
                    None if is_whole && known.keeps => known.messages,
                    None => 0,
                };
                if messages > 0 {
                    self.lost.push_back((now, Loss { queue: id.clone(), messages, gone: queue.is_none() }));
                }
            }
        }
        self.lost.retain(|(at, _)| now.saturating_sub(*at) < TOLD);
        let known = |queue: &Queue| {
            let messages = queue.messages?;
            let keeps = !queue.exclusive && !queue.auto_delete && queue.setting("expires").is_none();
            Some((queue.id(), Known { messages, stats: queue.message_stats, keeps }))
        };
        self.before = Some(listing.queues.iter().take(MOST).filter_map(known).collect());
        self.started = started;
    }

    /// What was lost within the last hour, the largest first.
    pub fn lately(&self, now: Duration) -> Vec<&Loss> {
        let lately = self.lost.iter().filter(|(at, _)| now.saturating_sub(*at) < TOLD);
        let mut losses: Vec<&Loss> = lately.map(|(_, loss)| loss).collect();
        losses.sort_by_key(|loss| std::cmp::Reverse(loss.messages));
        losses
    }
}

/// How many messages went without having been taken by anybody.
fn vanished(known: &Known, queue: &Queue, restarted: bool) -> u64 {
    // Streams keep or drop messages by themselves, as do queues with limits.
    if queue.kind == "stream" || queue.forgets() {
        return 0;
    }
    let Some(messages) = queue.messages else { return 0 };
    let taken = |stats: &Stats| stats.ack.saturating_add(stats.deliver_no_ack).saturating_add(stats.get_no_ack);
    let (then, since) = (taken(&known.stats), taken(&queue.message_stats));
    let taken = if restarted || since < then { since } else { since - then };
    let gone = known.messages.saturating_sub(messages);
    // Counters lag behind by seconds: only what came back empty, or much emptier after a restart, is a loss.
    if messages == 0 || restarted { gone.saturating_sub(taken) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn queue(name: &str, messages: u64, ack: u64) -> Queue {
        Queue {
            name: name.to_owned(),
            vhost: "/".to_owned(),
            durable: true,
            messages: Some(messages),
            message_stats: Stats { ack, ..Stats::default() },
            ..Queue::default()
        }
    }

    fn listing(queues: Vec<Queue>) -> Listing {
        Listing { total: queues.len(), queues, ..Listing::default() }
    }

    /// What is lost between two listings a minute apart, by a broker that is up for so long at the second.
    fn lost(before: Vec<Queue>, after: Vec<Queue>, uptime: Duration) -> Vec<(String, u64, bool)> {
        let mut losses = Losses::default();
        losses.note(&listing(before), MINUTE * 60, Some(MINUTE * 30));
        losses.note(&listing(after), MINUTE * 61, Some(uptime));
        let lately = losses.lately(MINUTE * 62);
        assert!(losses.lately(MINUTE * 122).is_empty(), "it is told for an hour");
        lately.into_iter().map(|loss| (loss.queue.1.clone(), loss.messages, loss.gone)).collect()
    }

    #[test]
    fn what_was_delivered_is_not_lost() {
        assert_eq!(lost(vec![queue("a", 10, 5)], vec![queue("a", 0, 15)], MINUTE * 31), []);
        assert_eq!(lost(vec![queue("a", 10, 5)], vec![queue("a", 4, 5)], MINUTE * 31), [], "counters lag behind");
    }

    #[test]
    fn what_came_back_empty_is() {
        assert_eq!(lost(vec![queue("a", 10, 5)], vec![queue("a", 0, 5)], MINUTE * 31), [("a".to_owned(), 10, false)]);
    }

    #[test]
    fn a_restart_loses_what_was_not_written_down() {
        let after = vec![queue("a", 6, 1)];
        assert_eq!(lost(vec![queue("a", 10, 90)], after, MINUTE / 2), [("a".to_owned(), 3, false)]);
    }

    #[test]
    fn a_queue_that_is_gone_took_its_messages_with_it() {
        let fleeting = Queue { auto_delete: true, ..queue("b", 5, 0) };
        let before = vec![queue("a", 10, 0), fleeting, queue("empty", 0, 0)];
        assert_eq!(lost(before, vec![], MINUTE * 31), [("a".to_owned(), 10, true)]);
    }

    #[test]
    fn what_limits_itself_loses_nothing() {
        let limited =
            |messages| Queue { arguments: serde_json::json!({"x-message-ttl": 5}), ..queue("a", messages, 0) };
        assert_eq!(lost(vec![limited(10)], vec![limited(0)], MINUTE * 31), []);
    }

    #[test]
    fn the_first_seconds_after_a_start_are_not_believed() {
        let mut losses = Losses::default();
        losses.note(&listing(vec![queue("a", 10, 0)]), MINUTE * 60, Some(MINUTE * 30));
        losses.note(&listing(vec![]), MINUTE * 61, Some(Duration::from_secs(4)));
        losses.note(&listing(vec![queue("a", 10, 0)]), MINUTE * 62, Some(MINUTE));
        assert!(losses.lately(MINUTE * 62).is_empty());
    }
}
