//! The servers of the lab: a file for each, with how it is set up, started, asked and ended.

mod app;
mod balancer;
pub(super) mod dns;
mod monitors;
pub(super) mod postgres;
pub(super) mod rabbitmq;
pub(super) mod redis;
pub(super) mod resolver;
pub(super) mod s3;
mod sentinel;
pub(super) mod standby;

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::context::Lab;
use super::launch::{self, Launch};
use super::{LabError, Role, ServerId, Site, clusters, files, procfs, signals};

const LOOK_EVERY: Duration = Duration::from_millis(60);
const LETS_GO: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_mins(1);
/// Nodes of a cluster wait for each other.
const PATIENCE_WITH_CLUSTERS: Duration = Duration::from_mins(3);
/// How long others of a cluster may take to be started beside one, before it is excused by their absence.
const TOGETHER: Duration = Duration::from_secs(3);

/// What bringing a server up came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brought {
    /// It was started.
    Started,
    /// It was running already.
    WasRunning,
    /// It was there already, and did not serve yet.
    CameBack,
    /// It is there but stopped by a signal, and stays so until the fault is undone.
    Frozen,
}

/// Sets up what `server` needs before its start. What it may have changed itself since the first one stays.
async fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    files::make_folder(&lab.layout.server(server), 0o700, lab.record.account.as_ref())?;
    match (server.role, server.site) {
        (Role::Postgres, Site::Dr) => standby::prepare(lab, server).await,
        (Role::Postgres, _) => postgres::prepare(lab, server).await,
        (Role::Redis, _) => redis::prepare(lab, server),
        (Role::Sentinel, _) => sentinel::prepare(lab, server),
        (Role::Rabbitmq, _) => rabbitmq::prepare(lab, server),
        (Role::Dns, _) => dns::prepare(lab, server),
        (Role::Resolver, _) => resolver::prepare(lab, server),
        (Role::S3, _) => s3::prepare(lab, server),
        (Role::App, _) => app::prepare(lab, server),
        (Role::Balancer, _) => balancer::prepare(lab, server),
        (Role::Alertmanager | Role::Prometheus, _) => monitors::prepare(lab, server),
        (Role::Epmd, _) => Ok(()),
    }
}

/// How `server` is started.
fn launch_of(lab: &Lab, server: ServerId) -> Launch {
    match server.role {
        Role::Postgres => postgres::launch(lab, server),
        Role::Redis => redis::launch(lab, server),
        Role::Sentinel => sentinel::launch(lab, server),
        Role::Epmd => rabbitmq::launch_epmd(lab, server),
        Role::Rabbitmq => rabbitmq::launch(lab, server),
        Role::Dns => dns::launch(lab, server),
        Role::Resolver => resolver::launch(lab, server),
        Role::S3 => s3::launch(lab, server),
        Role::App => app::launch(lab, server),
        Role::Balancer => balancer::launch(lab, server),
        Role::Alertmanager | Role::Prometheus => monitors::launch(lab, server),
    }
}

/// Asks `server` over its own protocol whether it serves.
pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    match server.role {
        Role::Postgres => postgres::answers(lab, server).await,
        Role::Redis => redis::answers(lab, server).await,
        Role::Sentinel => sentinel::answers(lab, server).await,
        Role::Epmd => rabbitmq::epmd_answers(lab, server).await,
        Role::Rabbitmq => rabbitmq::answers(lab, server).await,
        Role::Dns => dns::answers(lab, server).await,
        Role::Resolver => resolver::answers(lab, server).await,
        Role::S3 => s3::answers(lab, server).await,
        Role::App => app::answers(lab, server).await,
        Role::Balancer => balancer::answers(lab, server).await,
        Role::Alertmanager | Role::Prometheus => monitors::answers(lab, server).await,
    }
}

/// How `server` is asked to end, and how long it may take.
pub(super) fn farewell(server: ServerId) -> (Signal, Duration) {
    match server.role {
        // Fast shutdown: sessions are ended, a checkpoint is written.
        Role::Postgres => (Signal::INT, Duration::from_secs(20)),
        Role::Rabbitmq => (Signal::TERM, Duration::from_secs(15)),
        _ => (Signal::TERM, Duration::from_secs(10)),
    }
}

/// Starts `server` unless it runs, and waits until it serves.
pub(super) async fn bring_up(lab: &Lab, server: ServerId) -> Result<Brought, LabError> {
    if let Some(born) = lab.processes.alive(server) {
        let is_ending = lab.processes.get(server).is_some_and(|process| process.ending);
        if is_ending {
            // A `down` that was cut short asked it to.
            let (signal, patience) = farewell(server);
            signals::end(&born, signal, patience).await;
        } else if procfs::alive(&born).is_some_and(|stat| stat.state == 'T') {
            return Ok(Brought::Frozen);
        } else {
            match wait_until_it_answers(lab, server).await {
                Ok(true) => return Ok(Brought::WasRunning),
                Ok(false) => return Ok(Brought::CameBack),
                // Somebody else has ended it meanwhile.
                Err(_) if lab.processes.alive(server).is_none() => {}
                Err(error) => return Err(error),
            }
        }
    }
    if server.role == Role::Postgres {
        postgres::forget_zombie(lab, server);
    }
    wait_until_free(lab, server).await?;
    prepare(lab, server).await?;
    start(lab, server).await?;
    Ok(Brought::Started)
}

/// A process with many threads is dead before the last of them has let go of its port; until then nobody holds it by
/// name.
async fn wait_until_free(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let start = Instant::now();
    loop {
        match lab.record.network.check_free(server) {
            Err(LabError::PortTaken { holder: None, .. }) if start.elapsed() < LETS_GO => {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            looked => return looked,
        }
    }
}

/// A broker that asks another of its cluster what it can do while that one starts itself gives up; it is started
/// again.
async fn start(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let mut attempts = if server.role == Role::Rabbitmq && server.node.is_some() { 3 } else { 1 };
    loop {
        launch::start(lab, server, &launch_of(lab, server))?;
        attempts -= 1;
        match wait_until_it_answers(lab, server).await {
            Err(_) if attempts > 0 && lab.processes.alive(server).is_none() => {}
            waited => return waited.map(|_| ()),
        }
    }
}

/// Says whether it did so at once.
async fn wait_until_it_answers(lab: &Lab, server: ServerId) -> Result<bool, LabError> {
    let start = Instant::now();
    let mut at_once = true;
    loop {
        let answer = answers(lab, server).await;
        let Err(why) = answer else { return Ok(at_once) };
        at_once = false;
        if lab.processes.alive(server).is_none() {
            return Err(lab.failed(server, "it ended right after its start"));
        }
        if start.elapsed() > TOGETHER && is_excused(lab, server) {
            return Ok(at_once);
        }
        let patience = if server.node.is_some() { PATIENCE_WITH_CLUSTERS } else { PATIENCE };
        if start.elapsed() > patience {
            return Err(lab.failed(server, format!("it does not answer: {why}")));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Whether it does right not to serve: a broker pauses as long as most of its cluster is dead or frozen. One that is
/// only just being made has nobody to wait for.
fn is_excused(lab: &Lab, server: ServerId) -> bool {
    let is_made = lab.is_done(&clusters::step(server.site));
    server.role == Role::Rabbitmq && is_made && rabbitmq::is_in_minority(lab, server)
}
