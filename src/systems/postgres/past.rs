//! What a probe remembers of earlier questions: counters, where the log ended, and who answered then.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::archive::Backlog;
use super::trail::Trail;
use super::trouble::quoted;
use crate::plan::facts::Verdict;
use crate::systems::change::Known;
use crate::systems::lately::Lately;
use crate::systems::meter::Meter;
use crate::systems::reading::Reason;

/// What a probe remembers.
#[derive(Debug, Default)]
pub struct Past {
    /// Commits, rollbacks, deadlocks, pages from memory, pages from disk.
    pub counters: Meter<5>,
    /// Its deadlocks.
    pub deadlocks: Lately,
    /// Where the primary's log, or what a standby has received of it, ended.
    pub trail: Trail,
    /// When a standby was last seen to receive something.
    pub received: Option<Duration>,
    /// What waited to be archived when it was last listed.
    pub backlog: Option<Backlog>,
    /// Another process than before has answered on the same connection.
    pub pooled: bool,
    role: Known<&'static str>,
    system: Known<String>,
}

impl Past {
    /// Notes who answers, and tells if that is not who answered before.
    pub fn who(
        &mut self,
        role: &'static str,
        system: Option<&str>,
        at: DateTime<Utc>,
        since_boot: Duration,
    ) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if let Some(news) = self.role.note(role, at, since_boot) {
            let sentence = format!("it was a {} until {}, and is a {role} now", news.was, news.noticed);
            reasons.push(Reason::of_fact(Verdict::Degraded, "role", sentence));
        }
        let system = system.and_then(|system| self.system.note(system.to_owned(), at, since_boot));
        if let Some(news) = system {
            let sentence = format!(
                "another cluster answers since {}: its system identifier was {}",
                news.noticed,
                quoted(&news.was)
            );
            reasons.push(Reason::of_fact(Verdict::Degraded, "system_identifier", sentence));
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_who_it_was_is_told() {
        let mut past = Past::default();
        let mut who = |role, system| {
            let reasons = past.who(role, Some(system), DateTime::UNIX_EPOCH, Duration::ZERO);
            reasons.into_iter().map(|reason| reason.sentence).collect::<Vec<_>>()
        };
        assert!(who("primary", "7").is_empty());
        let role = "it was a primary until 1970-01-01 00:00:00 UTC, and is a standby now";
        assert_eq!(who("standby", "7"), [role]);
        let system = "another cluster answers since 1970-01-01 00:00:00 UTC: its system identifier was 7";
        assert_eq!(who("standby", "8"), [role, system]);
    }
}
