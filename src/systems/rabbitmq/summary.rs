//! What a listing of queues comes to.

use std::collections::HashMap;
use std::time::Duration;

use super::definitions::{Expected, Missing};
use super::listing::Listing;
use super::lost::Losses;
use super::queue::{Id, Queue};
use crate::plan::facts::{Value, Verdict};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::{Shape, Span, untrusted};

/// How many queues a list names.
const LISTED: usize = 100;
/// How many sentences are said about one sort of trouble.
const SENTENCES: usize = 3;

/// What the queues come to at one moment.
pub struct Summary<'a> {
    /// The queues.
    pub listing: &'a Listing,
    /// What should be there.
    pub expected: &'a Expected,
    /// How far consumers are behind.
    pub lags: &'a HashMap<Id, Span>,
    /// What vanished.
    pub losses: &'a Losses,
    /// By the clock that never jumps.
    pub now: Duration,
    /// Whether counts may not be there yet.
    pub settling: bool,
}

impl Summary<'_> {
    /// Tells of them.
    pub fn tell(&self, told: &mut Told) {
        let queues = &self.listing.queues;
        let down: Vec<&Queue> = queues.iter().filter(|queue| queue.is_down()).collect();
        let critical = queues.iter().filter(|queue| queue.is_quorum_critical()).count();
        told.facts.set("queues_down", Value::Count(down.len() as u64));
        told.facts.set("quorum_critical", Value::Count(critical as u64));
        let said = down.iter().take(SENTENCES).map(|queue| {
            let what = if queue.has_lost_quorum() { "has lost its majority" } else { "is down" };
            let verdict = if self.expected.is_critical(queue) { Verdict::Down } else { Verdict::Degraded };
            Reason::of_fact(verdict, "queues_down", format!("queue {} {what}", shown(queue)))
        });
        told.reasons.extend(said);
        if !self.settling {
            self.consumers(told);
            let dead = queues.iter().filter(|queue| self.listing.dead.contains(&queue.id()));
            let dead: u64 = dead.filter_map(|queue| queue.messages).fold(0, u64::saturating_add);
            told.facts.set("dead_lettered", Value::Count(dead));
            self.lost(told);
        }
        self.missing(told);
        self.list(told);
        if self.listing.queues.len() < self.listing.total {
            let (seen, all) = (self.listing.queues.len(), self.listing.total);
            told.facts.hide("queues_missing", format!("only {seen} of {all} queues were looked at"));
        }
    }

    fn consumers(&self, told: &mut Told) {
        let alone = |queue: &&Queue| self.expected.is_critical(queue) && queue.consumers == Some(0);
        let alone: Vec<&Queue> = self.listing.queues.iter().filter(alone).collect();
        if !self.expected.critical.is_empty() {
            told.facts.set("critical_without_consumer", Value::Count(alone.len() as u64));
        }
        let lag = self.lags.values().max_by_key(|lag| lag.approx());
        told.facts.set("consumer_lag", Value::Span(lag.copied().unwrap_or(Span::ZERO)));
    }

    fn lost(&self, told: &mut Told) {
        let losses = self.losses.lately(self.now);
        told.facts
            .set("messages_lost", Value::Count(losses.iter().map(|loss| loss.messages).fold(0, u64::saturating_add)));
        let said = losses.iter().take(SENTENCES).map(|loss| {
            let (queue, count) = (untrusted(&loss.queue.1, Shape::line(60)), loss.messages);
            let how = if loss.gone { "is gone with" } else { "came back without" };
            let sentence = format!("queue {queue} {how} {count} messages that nobody had taken");
            Reason::of_fact(Verdict::Degraded, "messages_lost", sentence)
        });
        told.reasons.extend(said);
    }

    fn missing(&self, told: &mut Told) {
        let Some(missing) = self.expected.missing(self.listing) else {
            let why = "the plan names no critical queues, and no backup of the definitions is at hand";
            told.facts.hide("definitions", why);
            told.facts.hide("queues_missing", why);
            return;
        };
        told.facts.set("definitions", Value::word(missing.word()));
        told.facts.set("queues_missing", Value::Count(missing.count() as u64));
        let critical = missing.critical.iter().take(SENTENCES).map(|name| {
            let name = untrusted(name, Shape::line(60));
            Reason::of_fact(Verdict::Down, "definitions", format!("the critical queue {name} does not exist"))
        });
        told.reasons.extend(critical);
        let backup = self.expected.backup.as_ref().map_or("", |(name, _)| name);
        tell_others(&missing, backup, told);
    }

    /// The queues that deserve a look first.
    fn list(&self, told: &mut Told) {
        let mut sorted: Vec<(&Queue, Option<&Span>)> =
            self.listing.queues.iter().map(|queue| (queue, self.lags.get(&queue.id()))).collect();
        let rank = |(queue, lag): &(&Queue, Option<&Span>)| {
            let alone = self.expected.is_critical(queue) && queue.consumers == Some(0);
            let lag = lag.map_or(0, |lag| lag.approx_millis() / 60_000);
            (!queue.is_down(), !alone, std::cmp::Reverse((lag, queue.messages)), queue.id())
        };
        sorted.sort_by_cached_key(rank);
        let count = |count: Option<u64>| count.map_or_else(|| "?".to_owned(), |count| count.to_string());
        let row = |(queue, lag): &(&Queue, Option<&Span>)| {
            let name =
                if queue.vhost == "/" { queue.name.clone() } else { format!("{} in {}", queue.name, queue.vhost) };
            vec![
                name,
                count(queue.messages),
                count(queue.messages_unacknowledged),
                count(queue.consumers),
                lag.map_or_else(String::new, |lag| lag.brief()),
                queue.state.clone().unwrap_or_default(),
            ]
        };
        let columns = ["Queue", "Messages", "Handed out", "Consumers", "Behind by", "State"];
        let rows = sorted.iter().take(LISTED).map(row).collect();
        told.facts.list_of("Queues", &columns, rows, self.listing.total);
    }
}

fn tell_others(missing: &Missing, backup: &str, told: &mut Told) {
    if missing.others.is_empty() {
        return;
    }
    let names: Vec<String> =
        missing.others.iter().take(SENTENCES).map(|id| untrusted(&id.1, Shape::line(40))).collect();
    let more = missing.others.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let backup = untrusted(backup, Shape::line(60));
    let sentence = format!("queues of the backup {backup} do not exist: {}{more}", names.join(", "));
    told.reasons.push(Reason::of_fact(Verdict::Degraded, "definitions", sentence));
}

/// The audit: queues that do not survive a restart, and those with messages that do not.
pub fn audit(listing: &Listing, told: &mut Told) {
    let fleeting: Vec<&Queue> = listing.queues.iter().filter(|queue| queue.is_fleeting()).collect();
    told.facts.set("fleeting_queues", Value::Count(fleeting.len() as u64));
    let messages: u64 = listing.queues.iter().map(Queue::fleeting_messages).fold(0, u64::saturating_add);
    told.facts.set("fleeting_messages", Value::Count(messages));
    let touched = |queue: &&Queue| queue.is_fleeting() || queue.fleeting_messages() > 0;
    let mut touched: Vec<&Queue> = listing.queues.iter().filter(touched).collect();
    touched.sort_by_cached_key(|queue| (std::cmp::Reverse(queue.fleeting_messages()), queue.id()));
    let row = |queue: &&Queue| {
        let durable = if queue.durable { "yes" } else { "no" };
        vec![queue.name.clone(), durable.to_owned(), queue.fleeting_messages().to_string()]
    };
    let rows = touched.iter().take(LISTED).map(row).collect();
    let columns = ["Queue", "Survives a restart", "Messages that do not"];
    told.facts.list_of("What a restart would lose", &columns, rows, touched.len());
}

fn shown(queue: &Queue) -> String {
    untrusted(&queue.name, Shape::line(60))
}
