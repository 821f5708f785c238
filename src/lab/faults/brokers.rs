//! Faults of the message broker: queues, exchanges and messages gone.

use reqwest::Method;
use serde_json::Value;

use super::{Deed, guard};
use crate::lab::servers::rabbitmq::{self, segment};
use crate::lab::{LabError, Site};

fn site(deed: &Deed<'_>) -> Result<Site, LabError> {
    deed.site().filter(|site| *site != Site::Outside).ok_or_else(|| deed.bad_target())
}

/// What the broker lists under `kind`, each as the path that it is reached at.
async fn list(
    deed: &Deed<'_>,
    site: Site,
    kind: &str,
    wanted: impl Fn(&Value) -> bool,
) -> Result<Vec<String>, LabError> {
    let broker = guard::rabbitmq(deed.lab, site).await?;
    let listed = rabbitmq::get(deed.lab, broker, kind).await.map_err(|why| deed.failed(why))?;
    let part = |one: &Value, name: &str| segment(one[name].as_str().unwrap_or_default());
    let found: Vec<String> = (listed.as_array().into_iter().flatten())
        .filter(|one| wanted(one))
        .map(|one| format!("{kind}/{}/{}", part(one, "vhost"), part(one, "name")))
        .collect();
    if found.is_empty() { Err(deed.failed(format!("the broker has no {kind}"))) } else { Ok(found) }
}

async fn delete(deed: &Deed<'_>, site: Site, paths: Vec<String>) -> Result<(), LabError> {
    let broker = rabbitmq::any(deed.lab, site);
    for path in paths {
        let done = rabbitmq::send(deed.lab, broker, Method::DELETE, &path, None).await;
        done.map_err(|why| deed.failed(format!("{path}: {why}")))?;
    }
    Ok(())
}

pub(super) async fn delete_queues(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let site = site(deed)?;
    let queues = list(deed, site, "queues", |_| true).await?;
    deed.remember(format!("deleted {} queues", queues.len()), None)?;
    delete(deed, site, queues).await
}

pub(super) async fn delete_exchanges(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let site = site(deed)?;
    let own = |one: &Value| one["name"].as_str().is_some_and(|name| !name.is_empty() && !name.starts_with("amq."));
    let exchanges = list(deed, site, "exchanges", own).await?;
    deed.remember(format!("deleted {} exchanges", exchanges.len()), None)?;
    delete(deed, site, exchanges).await
}

pub(super) async fn purge_messages(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let site = site(deed)?;
    let queues = list(deed, site, "queues", |_| true).await?;
    deed.remember(format!("threw away the messages of {} queues", queues.len()), None)?;
    delete(deed, site, queues.into_iter().map(|queue| format!("{queue}/contents")).collect()).await
}
