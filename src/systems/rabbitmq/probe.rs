//! The probe of a broker: AMQP and the management API side by side, told apart where only one of them answers.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::amqp::{Amqp, Login, Session};
use super::listing;
use super::management::{Management, Node, Overview, api};
use super::nodes;
use super::others::{Other, others, say};
use super::queues::Queues;
use super::summary::audit;
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::Component;
use crate::systems::contact::{Contact, time_for};
use crate::systems::lately::Lately;
use crate::systems::logs::LogWatch;
use crate::systems::probe::{Depth, Probe, Subject, Told};
use crate::systems::reading::Reason;
use crate::systems::trouble::ContactError;
use crate::text::Span;
use crate::text::instant::ClockOffset;

/// What needs the management API, and is hidden without it.
const BEHIND_IT: [&str; 6] = ["version", "nodes", "cluster", "queues", "messages", "consumers"];

/// Asks a broker.
pub struct RabbitmqProbe {
    component: Component,
    /// The management API, as a component of its own.
    api: Option<Component>,
    others: Vec<Other>,
    amqp: Amqp,
    queues: Queues,
    unroutable: Lately,
    is_first: bool,
    log: Option<LogWatch>,
}

/// What the management API said.
pub struct Said {
    /// Of itself.
    pub overview: Overview,
    /// The time by its clock.
    pub clock: Option<ClockOffset>,
    /// Of its nodes.
    pub nodes: Result<Vec<Node>, ContactError>,
    /// How many queues would lose their majority with the node that answered.
    pub critical: Option<u64>,
}

impl RabbitmqProbe {
    /// The probe of a broker.
    pub fn new(subject: Subject<'_>) -> RabbitmqProbe {
        RabbitmqProbe {
            component: subject.component.clone(),
            api: api(subject.component),
            others: others(subject.component, subject.plan),
            amqp: Amqp::default(),
            queues: Queues::of(subject),
            unroutable: Lately::default(),
            is_first: true,
            log: LogWatch::of(subject),
        }
    }
}

impl Probe for RabbitmqProbe {
    fn ask<'a>(&'a mut self, depth: Depth, with: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>> {
        Box::pin(async move {
            let login = Login::of(&self.component, with).await?;
            match depth {
                Depth::Vital => self.vital(&login, with).await,
                Depth::Rare => self.rare(&login).await,
            }
        })
    }
}

impl RabbitmqProbe {
    async fn vital(&mut self, login: &Login, with: &Contact<'_>) -> Result<Told, ContactError> {
        let begun = with.clock.since_boot();
        if let Some(log) = &mut self.log {
            log.start(with);
        }
        let (component, api) = (self.component.clone(), self.api.clone());
        let time = time_for(&component);
        let left = || time.saturating_sub(with.clock.since_boot().saturating_sub(begun));
        // One that hangs must not take with it what the other says.
        let amqp = async {
            let asked = tokio::time::timeout(time, self.amqp.ask(&component, login)).await;
            let silent = || ContactError::silent(&component, Span::from(time));
            (asked.unwrap_or_else(|_| Err(silent())), with.clock.since_boot().saturating_sub(begun))
        };
        let management = async {
            let Some(api) = &api else { return Ok(None) };
            let listening = tokio::time::timeout(time, listen(api, login, with)).await;
            listening.unwrap_or_else(|_| Err(ContactError::silent(api, Span::from(time)))).map(Some)
        };
        let ((session, took), said) = tokio::join!(amqp, management);
        let mut told = Told::default();
        told.facts.set("latency", Value::Span(Span::from(took)));
        let lets_in = session.is_ok();
        self.session(session, matches!(said, Ok(Some(_))), &mut told).await?;
        match said {
            Ok(Some((management, said))) => {
                self.overview(&said, with.clock.since_boot(), &mut told);
                self.queues.tell(&management, &said, left(), &mut told, with).await;
            }
            Ok(None) => hide(&mut told, "the plan names no management API"),
            Err(error) => {
                hide(&mut told, &error.to_string());
                // What a login may not see says nothing about the broker.
                if lets_in && !error.is_ours() && !matches!(error, ContactError::Denied { .. }) {
                    let sentence = format!("it lets clients in, but its management API does not work: {error}");
                    told.reasons.push(Reason::new(Verdict::Degraded, sentence));
                }
            }
        }
        if let Some(log) = &mut self.log {
            log.tell(&mut told, false, left(), with.clock.now()).await;
        }
        Ok(told)
    }

    /// What the login over AMQP says, also where the management API contradicts it.
    async fn session(
        &self,
        session: Result<Session, ContactError>,
        api_answers: bool,
        told: &mut Told,
    ) -> Result<(), ContactError> {
        let error = match session {
            Ok(session) => {
                told.identity = format!("RabbitMQ, {} in {}", session.user, session.vhost);
                if session.blocked {
                    told.reasons.push(Reason::new(Verdict::Degraded, "it holds publishers back: an alarm is on"));
                }
                return Ok(());
            }
            Err(error) => error,
        };
        let refuses = matches!(error, ContactError::Refused { .. } | ContactError::Unreachable { .. });
        let word = match (api_answers, refuses) {
            (true, _) => "its management API answers".to_owned(),
            (false, true) => say(&self.others).await,
            (false, false) => String::new(),
        };
        if word.is_empty() {
            return Err(error);
        }
        told.facts.set("connection", Value::word(error.connection()));
        told.reasons.push(Reason::new(error.verdict(), format!("{error}; {word}")));
        Ok(())
    }

    fn overview(&mut self, said: &Said, since_boot: Duration, told: &mut Told) {
        let overview = &said.overview;
        told.clock = said.clock;
        let who = told.identity.strip_prefix("RabbitMQ").unwrap_or_default();
        told.identity = format!("RabbitMQ {}, {}{who}", overview.rabbitmq_version, overview.node);
        let facts = &mut told.facts;
        facts.set_text("version", &overview.rabbitmq_version);
        facts.set_text("node", &overview.node);
        let count = |count: Option<u64>| count.map(Value::Count);
        facts.set_some("queues", count(overview.object_totals.queues));
        facts.set_some("consumers", count(overview.object_totals.consumers));
        facts.set_some("connections", count(overview.object_totals.connections));
        facts.set_some("messages", count(overview.queue_totals.messages));
        facts.set_some("unacknowledged", count(overview.queue_totals.messages_unacknowledged));
        let stats = &overview.message_stats;
        facts.set("published", Value::PerSecond(stats.publish_details.rate));
        facts.set("delivered", Value::PerSecond(stats.deliver_get_details.rate));
        facts.set("no_route", Value::Count(self.no_route(overview, since_boot)));
        match &said.nodes {
            Ok(all) => nodes::tell(all, self.component.nodes, told),
            Err(error) => {
                for name in ["nodes", "cluster"] {
                    match error {
                        ContactError::Denied { .. } => told.facts.deny(name, error.to_string()),
                        _ => told.facts.hide(name, error.to_string()),
                    }
                }
            }
        }
    }

    /// Messages without a route in ten minutes; at the first question, whether the rate of now shows one.
    fn no_route(&mut self, overview: &Overview, since_boot: Duration) -> u64 {
        let stats = &overview.message_stats;
        let now = stats.return_unroutable.saturating_add(stats.drop_unroutable);
        let rate = stats.return_unroutable_details.rate + stats.drop_unroutable_details.rate;
        if std::mem::take(&mut self.is_first) && rate > 0.0 {
            self.unroutable.note(now.saturating_sub(1), since_boot);
        }
        self.unroutable.note(now, since_boot)
    }

    /// The audit of all queues.
    async fn rare(&self, login: &Login) -> Result<Told, ContactError> {
        let mut told = Told::default();
        let Some(api) = &self.api else { return Ok(told) };
        let management = Management::open(api, login).await?;
        match listing::list(management.ask(&listing::path())?).await {
            Ok(listing) => audit(&listing, &mut told),
            Err(why) => {
                told.facts.hide("fleeting_queues", why.clone());
                told.facts.hide("fleeting_messages", why);
            }
        }
        Ok(told)
    }
}

async fn listen<'a>(
    api: &'a Component,
    login: &Login,
    with: &Contact<'_>,
) -> Result<(Management<'a>, Said), ContactError> {
    let management = Management::open(api, login).await?;
    let asked = tokio::join!(management.overview(with), management.nodes(with), management.quorum_critical(with));
    let (overview, nodes, critical) = asked;
    let (overview, clock) = overview?;
    Ok((management, Said { overview, clock, nodes, critical }))
}

fn hide(told: &mut Told, why: &str) {
    for name in BEHIND_IT {
        told.facts.hide(name, why);
    }
}
