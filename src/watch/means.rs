//! What every question needs, shared by all tasks that ask.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::reach::{self, Secrets};
use crate::systems::Contact;
use crate::text::{Clock, Redactor, SystemClock};

/// What every question needs.
pub struct Means {
    secrets: Secrets,
    reach: reach::Settings,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    only_looks: bool,
}

impl Means {
    /// The means of this process; what it asks ends when `stop` is cancelled.
    pub fn new(redactor: &Redactor, stop: CancellationToken) -> Means {
        Means {
            secrets: Secrets::new(redactor).cancelled_by(stop.clone()),
            reach: reach::Settings { redactor: redactor.clone(), ..reach::Settings::default() },
            clock: Arc::new(SystemClock),
            stop,
            only_looks: false,
        }
    }

    /// The same, for questions that change nothing: no golden flow that writes.
    #[must_use]
    pub fn only_looking(self, only_looks: bool) -> Means {
        Means { only_looks, ..self }
    }

    /// As a probe takes them.
    pub fn contact(&self) -> Contact<'_> {
        Contact {
            secrets: &self.secrets,
            reach: &self.reach,
            clock: &*self.clock,
            stop: self.stop.clone(),
            only_looks: self.only_looks,
        }
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// What ends every question.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }
}
