//! One queue, as the management API lists it.

use serde::Deserialize;
use serde_json::Value;

use super::management::Rate;

/// What is asked for of each queue.
pub const COLUMNS: &str = "name,vhost,type,state,durable,exclusive,auto_delete,messages,messages_ready,\
                           messages_unacknowledged,messages_persistent,consumers,head_message_timestamp,arguments,\
                           effective_policy_definition,members,online,message_stats.ack,message_stats.ack_details.rate,\
                           message_stats.deliver_get,message_stats.deliver_get_details.rate,message_stats.deliver_no_ack,\
                           message_stats.get_no_ack";

/// A queue. Names are as they came.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Queue {
    pub name: String,
    pub vhost: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub state: Option<String>,
    pub durable: bool,
    pub exclusive: bool,
    pub auto_delete: bool,
    pub messages: Option<u64>,
    pub messages_ready: Option<u64>,
    pub messages_unacknowledged: Option<u64>,
    pub messages_persistent: Option<u64>,
    pub consumers: Option<u64>,
    pub head_message_timestamp: Option<i64>,
    pub arguments: Value,
    pub effective_policy_definition: Value,
    pub members: Vec<String>,
    pub online: Vec<String>,
    pub message_stats: Stats,
}

/// Counters of a queue since the broker's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Stats {
    pub ack: u64,
    pub ack_details: RateOf,
    pub deliver_get: u64,
    pub deliver_get_details: RateOf,
    pub deliver_no_ack: u64,
    pub get_no_ack: u64,
}

/// How fast a counter grows, a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "Rate")]
pub struct RateOf(pub f64);

impl From<Rate> for RateOf {
    fn from(rate: Rate) -> RateOf {
        RateOf(rate.rate)
    }
}

/// What tells a queue from all others.
pub type Id = (String, String);

impl Queue {
    /// Its virtual host and its name.
    pub fn id(&self) -> Id {
        (self.vhost.clone(), self.name.clone())
    }

    /// Whether it does not do its work.
    pub fn is_down(&self) -> bool {
        let state = self.state.as_deref().unwrap_or_default();
        matches!(state, "down" | "crashed" | "stopped" | "minority" | "terminated") || self.has_lost_quorum()
    }

    /// Whether fewer than a majority of its members are there.
    pub fn has_lost_quorum(&self) -> bool {
        !self.members.is_empty() && self.online.len() * 2 <= self.members.len()
    }

    /// Whether it would be without a majority if one more member went. One that has a single member never had more.
    pub fn is_quorum_critical(&self) -> bool {
        let left = self.online.len().saturating_sub(1);
        self.kind == "quorum" && self.members.len() > 1 && !self.has_lost_quorum() && left * 2 <= self.members.len()
    }

    /// Whether it is gone after a restart, and not meant for one connection only.
    pub fn is_fleeting(&self) -> bool {
        !self.durable && !self.exclusive
    }

    /// Messages that are gone after a restart. Quorum queues and streams write down every message.
    pub fn fleeting_messages(&self) -> u64 {
        let messages = self.messages.unwrap_or(0);
        match self.kind.as_str() {
            "quorum" | "stream" => 0,
            _ if !self.durable => messages,
            _ => messages.saturating_sub(self.messages_persistent.unwrap_or(messages)),
        }
    }

    /// An argument of the queue, else of the policy that holds for it.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        let argument = self.arguments.get(format!("x-{name}"));
        argument.or_else(|| self.effective_policy_definition.get(name))
    }

    /// Where it sends what it cannot deliver: an exchange, and a key if it names one.
    pub fn dead_letters_to(&self) -> Option<(&str, Option<&str>)> {
        let exchange = self.setting("dead-letter-exchange")?.as_str()?;
        Some((exchange, self.setting("dead-letter-routing-key").and_then(Value::as_str)))
    }

    /// Whether it throws messages away by itself.
    pub fn forgets(&self) -> bool {
        ["message-ttl", "expires", "max-length", "max-length-bytes", "delivery-limit"]
            .iter()
            .any(|name| self.setting(name).is_some())
    }

    /// Whether its name says that it is for dead letters.
    pub fn is_named_dead(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        name.contains("dead") || name.split(['.', '-', '_', ':']).any(|word| matches!(word, "dlq" | "dlx" | "dlqs"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quorum(members: usize, online: usize) -> Queue {
        let names = |count| (0..count).map(|node| format!("n{node}")).collect();
        Queue { kind: "quorum".to_owned(), members: names(members), online: names(online), ..Queue::default() }
    }

    #[test]
    fn a_majority_is_more_than_half() {
        for (members, online, critical, lost) in [
            (1, 1, false, false),
            (3, 3, false, false),
            (3, 2, true, false),
            (3, 1, false, true),
            (5, 4, false, false),
            (5, 3, true, false),
            (4, 3, true, false),
            (2, 1, false, true),
        ] {
            let queue = quorum(members, online);
            assert_eq!(
                (queue.is_quorum_critical(), queue.has_lost_quorum()),
                (critical, lost),
                "{online} of {members}"
            );
        }
    }

    #[test]
    fn only_what_is_written_down_survives() {
        let classic = |durable, messages, persistent| Queue {
            durable,
            messages: Some(messages),
            messages_persistent: Some(persistent),
            ..Queue::default()
        };
        assert_eq!(classic(true, 10, 7).fleeting_messages(), 3);
        assert_eq!(classic(false, 10, 10).fleeting_messages(), 10);
        assert_eq!(Queue { messages: Some(10), messages_persistent: Some(0), ..quorum(3, 3) }.fleeting_messages(), 0);
    }

    #[test]
    fn a_policy_counts_like_an_argument() {
        let queue: Queue = serde_json::from_str(
            r#"{"name":"q","vhost":"/","arguments":{},"effective_policy_definition":{"dead-letter-exchange":"dlx","message-ttl":5}}"#,
        )
        .unwrap();
        assert_eq!(queue.dead_letters_to(), Some(("dlx", None)));
        assert!(queue.forgets() && !Queue::default().forgets());
        let bare: Queue = serde_json::from_str(r#"{"name":"q","effective_policy_definition":[]}"#).unwrap();
        assert_eq!(bare.dead_letters_to(), None);
    }
}
