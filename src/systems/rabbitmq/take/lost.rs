//! What no definitions bring back: messages, and queues that live no longer than the broker or a connection.

use crate::systems::rabbitmq::queue::Queue;
use crate::text::{Shape, untrusted};

/// How many names are told.
const TOLD: usize = 20;

/// What there is besides what is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Queues that a restart of the broker ends.
    fleeting: Named,
    /// Queues that end with a connection.
    exclusive: Named,
    /// Messages in all queues, and in how many.
    messages: u64,
    filled: u64,
    /// Messages that a restart of the broker ends.
    transient: u64,
    /// Queues whose messages the broker does not know yet.
    uncounted: u64,
    /// Queues that should be restored.
    pub durable: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Named {
    count: u64,
    names: Vec<String>,
}

impl Named {
    fn add(&mut self, queue: &Queue) {
        self.count += 1;
        if self.names.len() < TOLD {
            let name = untrusted(&queue.name, Shape::line(120));
            let vhost = untrusted(&queue.vhost, Shape::line(60));
            self.names.push(if queue.vhost == "/" { name } else { format!("{name} in {vhost}") });
        }
    }

    fn told(&self, what: &str) -> Option<String> {
        let more = self.count - self.names.len() as u64;
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        (self.count > 0).then(|| format!("{what}: {}{more}", self.names.join(", ")))
    }
}

impl Lost {
    /// Counts a queue in.
    pub fn add(&mut self, queue: &Queue) {
        if queue.exclusive {
            self.exclusive.add(queue);
        } else if queue.durable {
            self.durable += 1;
        } else {
            self.fleeting.add(queue);
        }
        match queue.messages {
            Some(messages) => {
                self.messages += messages;
                self.filled += u64::from(messages > 0);
                let persistent = queue.messages_persistent.unwrap_or(messages);
                self.transient += messages.saturating_sub(persistent);
            }
            None => self.uncounted += 1,
        }
    }

    /// All of it, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let messages = (self.messages > 0).then(|| {
            format!("messages: {} in queues ({} of them), and definitions hold none", self.messages, self.filled)
        });
        let transient = (self.transient > 0)
            .then(|| format!("{} of these messages are transient: a restart of the broker ends them", self.transient));
        let uncounted = (self.uncounted > 0)
            .then(|| format!("the messages of {} queues, which the broker has not counted yet", self.uncounted));
        let fleeting = self.fleeting.told("queues that are not durable, which a restart of the broker ends");
        let exclusive = self.exclusive.told("queues that belong to a connection");
        [messages, transient, uncounted, fleeting, exclusive].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_is_told_by_name_and_number() {
        let mut lost = Lost::default();
        let queue = |name: &str, durable, messages| Queue {
            name: name.to_owned(),
            vhost: "/".to_owned(),
            durable,
            messages,
            messages_persistent: Some(3),
            ..Queue::default()
        };
        for number in 0..25 {
            lost.add(&queue(&format!("fleeting-{number}"), false, Some(0)));
        }
        lost.add(&queue("tasks", true, Some(5)));
        lost.add(&queue("new", true, None));
        let told = lost.sentences();
        assert_eq!(told[0], "messages: 5 in queues (1 of them), and definitions hold none");
        assert!(told[1].starts_with("2 of these messages are transient"));
        assert!(told[2].contains("1 queues"));
        assert!(told[3].contains("fleeting-19, and 5 more"), "{told:?}");
        assert_eq!(lost.durable, 2);
    }
}
