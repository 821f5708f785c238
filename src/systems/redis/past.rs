//! What a probe remembers of earlier questions: counters, memory, keys, and who answered then.

use chrono::{DateTime, Utc};

use super::growth::Growth;
use super::traffic::Counters;
use crate::systems::change::Known;

/// What a probe remembers.
#[derive(Debug, Default)]
pub struct Past {
    /// What the counters showed.
    pub counters: Counters,
    /// How much memory was used.
    pub growth: Growth,
    /// What it was: primary, replica.
    pub role: Known<&'static str>,
    /// How many keys it had when it last had some, and how many of them were to stay.
    pub keys: Option<(u64, u64)>,
    /// When it was started.
    pub started: Option<DateTime<Utc>>,
}

impl Past {
    /// When it was started, by what it says of its age in whole seconds: the same moment each time.
    pub fn started(&mut self, now: DateTime<Utc>, up_secs: i64) -> Option<DateTime<Utc>> {
        let at = now.checked_sub_signed(chrono::TimeDelta::try_seconds(up_secs)?)?;
        let same = self.started.filter(|known| (at - *known).abs() < chrono::TimeDelta::seconds(3));
        self.started = same.or(Some(at));
        self.started
    }
}
