//! The queues of a broker from question to question: listed beside the questions, compared with the listing before.

use std::collections::HashMap;
use std::time::Duration;

use super::definitions::{Backup, Expected};
use super::lag::Lags;
use super::listing::{self, Listing};
use super::lost::Losses;
use super::management::Management;
use super::nodes;
use super::probe::Said;
use super::queue::{Id, Queue};
use super::summary::Summary;
use crate::plan::facts::{Value, Verdict};
use crate::systems::background::Background;
use crate::systems::contact::Contact;
use crate::systems::http::Ask;
use crate::systems::probe::{Subject, Told};
use crate::systems::reading::Reason;
use crate::text::Span;

/// What is known of the queues.
pub struct Queues {
    work: Background<(Backup, Result<Listing, String>)>,
    backup: Option<Backup>,
    expected: Expected,
    listed: Option<Result<Listing, String>>,
    losses: Losses,
    lags: Lags,
    behind: HashMap<Id, Span>,
}

impl Queues {
    /// Nothing is known yet but what should be there.
    pub fn of(subject: Subject<'_>) -> Queues {
        let settings = subject.component.rabbitmq.clone().unwrap_or_default();
        Queues {
            work: Background::new(),
            backup: Some(Backup::of(subject.component, subject.plan)),
            expected: Expected { critical: settings.critical_queues, vhosts: settings.vhosts, backup: None },
            listed: None,
            losses: Losses::default(),
            lags: Lags::default(),
            behind: HashMap::new(),
        }
    }

    /// Lists them if that is due, and tells what is known. Waits for a list that is short, or the first one, and no
    /// longer than `left`.
    pub async fn tell(
        &mut self,
        management: &Management<'_>,
        said: &Said,
        left: Duration,
        told: &mut Told,
        with: &Contact<'_>,
    ) {
        let every = listing::interval(said.overview.object_totals.queues.unwrap_or(0));
        let now = with.clock.since_boot();
        if self.work.is_due(every, now)
            && let Ok(ask) = management.ask(&listing::path())
        {
            self.work.start(now, list(self.backup.take().unwrap_or_default(), ask));
        }
        let patience = if every.is_zero() || self.listed.is_none() { left } else { Duration::ZERO };
        if let Some((backup, listed)) = self.work.result(patience).await {
            self.expected.backup = backup.queues();
            self.backup = Some(backup);
            self.note(listed, said, with);
        }
        match &self.listed {
            Some(Ok(listing)) => self.summary(listing, said, now).tell(told),
            Some(Err(why)) => told.facts.hide("queues_down", why.clone()),
            None => {
                told.facts.hide("queues_down", "its queues are still being listed");
                if !self.expected.critical.is_empty() {
                    let sentence = "its critical queues could not be looked at yet: they are still being listed";
                    told.reasons.push(Reason::of_fact(Verdict::Degraded, "queues_down", sentence));
                }
            }
        }
        if let Some(critical) = said.critical.filter(|_| told.facts.get("quorum_critical").is_none()) {
            told.facts.set("quorum_critical", Value::Count(critical));
        }
    }

    fn note(&mut self, listed: Result<Listing, String>, said: &Said, with: &Contact<'_>) {
        if let Ok(listing) = &listed {
            let now = with.clock.since_boot();
            let uptime = said.nodes.as_ref().ok().and_then(|all| nodes::uptime(all));
            self.losses.note(listing, now, uptime);
            let expected = &self.expected;
            let is_critical = |queue: &Queue| expected.is_critical(queue);
            self.behind = self.lags.note(listing, is_critical, now, with.clock.now());
        }
        self.listed = Some(listed);
    }

    fn summary<'a>(&'a self, listing: &'a Listing, said: &Said, now: Duration) -> Summary<'a> {
        Summary {
            listing,
            expected: &self.expected,
            lags: &self.behind,
            losses: &self.losses,
            now,
            settling: said.nodes.as_ref().is_ok_and(|all| nodes::is_settling(all)),
        }
    }
}

async fn list(mut backup: Backup, ask: Ask) -> (Backup, Result<Listing, String>) {
    let looking = tokio::task::spawn_blocking(move || {
        backup.look();
        backup
    });
    let listed = listing::list(ask).await;
    (looking.await.unwrap_or_default(), listed)
}
