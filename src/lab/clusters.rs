//! Bringing up what may be a cluster: the cache and the brokers of a site.

use super::context::Lab;
use super::up::{Voice, bring, bring_all};
use super::{LabError, Role, ServerId, Site, files, populate, signals};

/// Where a broker keeps all that it knows.
const KNOWLEDGE: &str = "mnesia";

/// The step of making a lab that makes a cluster of the brokers of a site.
pub(super) fn step(site: Site) -> String {
    format!("cluster of {site}")
}

/// Brings up the brokers of a site. A new cluster begins with its first node: one that joins earlier finds half a
/// schema there. Afterwards all start at once, since each waits for those that were there when it ended.
pub(super) async fn brokers(lab: &Lab, voice: &Voice<'_>, site: Site) -> Result<(), LabError> {
    let nodes = lab.all_of(site, Role::Rabbitmq);
    let [first, others @ ..] = nodes.as_slice() else { return Ok(()) };
    let step = step(site);
    if others.is_empty() || lab.is_done(&step) {
        return bring_all(lab, voice, &nodes).await;
    }
    forget_all(lab, &nodes).await?;
    bring(lab, voice, *first).await?;
    bring_all(lab, voice, others).await?;
    lab.mark_done(&step)
}

/// What an earlier, interrupted attempt made of a cluster goes: nothing is in it yet, and half a cluster cannot be
/// completed from every state.
async fn forget_all(lab: &Lab, nodes: &[ServerId]) -> Result<(), LabError> {
    for node in nodes {
        if let Some(born) = lab.processes.alive(*node) {
            signals::kill(&born).await;
        }
        files::remove_folder(&lab.layout.server(*node).join(KNOWLEDGE))?;
    }
    Ok(())
}

/// Brings up the cache: first the node that is filled, then all that follow it, then those that watch over them.
/// Once filled, all start at once: whom one of them follows may be any other by now.
pub(super) async fn cache(lab: &Lab, voice: &Voice<'_>) -> Result<(), LabError> {
    let sentinels = lab.all_of(Site::Primary, Role::Sentinel);
    let mut all = lab.all_of(Site::Primary, Role::Redis);
    all.push(ServerId::new(Site::Dr, Role::Redis));
    if populate::is_cache_full(lab) {
        all.extend(sentinels);
        return bring_all(lab, voice, &all).await;
    }
    bring(lab, voice, lab.first_of(Site::Primary, Role::Redis)).await?;
    populate::cache(lab).await?;
    bring_all(lab, voice, &all[1..]).await?;
    bring_all(lab, voice, &sentinels).await
}
