//! `RabbitMQ`: AMQP for the login, the management API for what it says of itself.

mod amqp;
mod definitions;
mod frames;
mod lag;
mod leash;
mod listing;
mod lost;
mod management;
pub mod mend;
mod nodes;
mod others;
mod probe;
mod queue;
mod queues;
mod summary;
pub mod take;

pub use probe::RabbitmqProbe;

use amqp::{Amqp, Login};
use management::Management;

use super::contact::{Answer, Contact};
use super::trouble::ContactError;
use crate::plan::types::Component;

/// Logs in over AMQP; where the plan names a management API, version, node and time come from there.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let login = Login::of(component, with).await?;
    let mut amqp = Amqp::default();
    let session = amqp.ask(component, &login).await?;
    amqp.close().await;
    let (user, vhost) = (session.user, session.vhost);
    let Some(api) = management::api(component) else {
        return Ok(Answer { identity: format!("RabbitMQ, {user} in {vhost}"), clock: None });
    };
    let (overview, clock) = Management::open(&api, &login).await?.overview(with).await?;
    let identity = format!("RabbitMQ {}, {}, {user} in {vhost}", overview.rabbitmq_version, overview.node);
    Ok(Answer { identity, clock })
}
