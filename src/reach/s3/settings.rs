//! How patient the client of a store is, and from where it takes what the plan does not say.

use std::sync::Arc;
use std::time::Duration;

use super::surroundings::Surroundings;
use crate::text::{Clock, Redactor, SystemClock};

/// How requests to a bucket are made.
#[derive(Clone)]
pub struct Settings {
    /// How often a request is tried altogether.
    pub tries: u32,
    /// How long is waited before the second try, about; twice as long before each further one.
    pub first_wait: Duration,
    /// No wait is longer, whatever the service asks for.
    pub longest_wait: Duration,
    /// How long a connection may take to come about.
    pub connect: Duration,
    /// How long nothing may move in either direction. A request as a whole may take as long as it moves.
    pub idle: Duration,
    /// Tells the time that requests are signed with.
    pub clock: Arc<dyn Clock>,
    /// Learns the secrets that are found here.
    pub redactor: Redactor,
    /// Where keys are looked for if the plan names none.
    pub surroundings: Surroundings,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            tries: 5,
            first_wait: Duration::from_millis(200),
            longest_wait: Duration::from_secs(30),
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            clock: Arc::new(SystemClock),
            redactor: Redactor::new(),
            surroundings: Surroundings::default(),
        }
    }
}
