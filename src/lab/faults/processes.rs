//! Faults of processes: killed or frozen, one server or a whole site.

use std::time::Duration;

use rustix::process::Signal;

use super::{Deed, Undo, guard};
use crate::lab::context::Lab;
use crate::lab::procfs::Born;
use crate::lab::{LabError, Role, ServerId, servers, signals};

fn running(deed: &Deed<'_>) -> Result<Vec<(ServerId, Born)>, LabError> {
    let servers = deed.servers()?.into_iter();
    let found: Vec<_> = servers.filter_map(|server| Some((server, deed.lab.processes.alive(server)?))).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let one = ServerId::find(&deed.target, &deed.lab.servers());
    Err(one.map_or_else(|_| deed.failed(format!("nothing runs of {}", deed.target)), guard::stopped))
}

fn names(found: &[(ServerId, Born)]) -> Vec<ServerId> {
    found.iter().map(|(server, _)| *server).collect()
}

fn listed(found: &[(ServerId, Born)]) -> String {
    names(found).iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) async fn kill(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let found = running(deed)?;
    deed.remember(format!("killed {}", listed(&found)), Some(Undo::Start(names(&found))))?;
    futures_util::future::join_all(found.iter().map(|(_, born)| signals::kill(born))).await;
    Ok(())
}

pub(super) fn freeze(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let found = running(deed)?;
    deed.remember(format!("froze {}", listed(&found)), Some(Undo::Thaw(found.clone())))?;
    for (server, born) in &found {
        if !signals::send_to_family(born, Signal::STOP) {
            return Err(deed.failed(format!("{server} ended meanwhile")));
        }
    }
    Ok(())
}

async fn bring_all_up(lab: &Lab, servers: Vec<ServerId>) -> Result<(), LabError> {
    let brought = servers.into_iter().map(|server| servers::bring_up(lab, server));
    let brought = futures_util::future::join_all(brought).await;
    brought.into_iter().try_for_each(|one| one.map(|_| ()))
}

/// Starts again what was killed; brokers after the port mappers that they register with.
pub(super) async fn start(lab: &Lab, servers: &[ServerId]) -> Result<(), LabError> {
    let (first, rest): (Vec<ServerId>, Vec<ServerId>) = servers.iter().partition(|server| server.role == Role::Epmd);
    // One that does not come up does not keep the others.
    let first = bring_all_up(lab, first).await;
    let rest = [rest, waiting_for(lab, servers)].concat();
    first.and(bring_all_up(lab, rest).await)
}

/// Brokers that run, and wait for one of `servers`: one that asks it too early gives up, and has to be started again.
fn waiting_for(lab: &Lab, servers: &[ServerId]) -> Vec<ServerId> {
    let is_of_cluster = |one: &ServerId| one.role == Role::Rabbitmq && one.node.is_some();
    let is_started = |one: &ServerId| servers.contains(one);
    let waits = |one: &ServerId| {
        is_of_cluster(one)
            && !is_started(one)
            && servers.iter().any(|started| is_of_cluster(started) && started.site == one.site)
    };
    let all = lab.servers().into_iter();
    all.filter(|one| waits(one) && lab.processes.alive(*one).is_some()).collect()
}

pub(super) async fn thaw(lab: &Lab, servers: &[(ServerId, Born)]) -> Result<(), LabError> {
    for (_, born) in servers.iter().filter(|(_, born)| lab.processes.is_own(born)) {
        signals::send_to_family(born, Signal::CONT);
    }
    // The states in /proc follow the signal after a moment.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let alive = servers.iter().map(|(server, _)| *server).filter(|server| lab.processes.alive(*server).is_some());
    bring_all_up(lab, alive.collect()).await
}
