//! The servers of the lab: a file for each, with how it is set up, started, asked and ended.

mod app;
pub(super) mod dns;
pub(super) mod postgres;
pub(super) mod rabbitmq;
pub(super) mod redis;
pub(super) mod s3;
pub(super) mod standby;

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::context::Lab;
use super::launch::{self, Launch};
use super::{LabError, Role, ServerId, Site, files, procfs, signals};

const LOOK_EVERY: Duration = Duration::from_millis(60);
const PATIENCE: Duration = Duration::from_mins(1);

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

/// Sets up what `server` needs before its first start; does nothing the second time.
async fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    files::make_folder(&lab.layout.server(server), 0o700, lab.record.account.as_ref())?;
    match (server.role, server.site) {
        (Role::Postgres, Site::Dr) => standby::prepare(lab, server).await,
        (Role::Postgres, _) => postgres::prepare(lab, server).await,
        (Role::Redis, _) => redis::prepare(lab, server),
        (Role::Rabbitmq, _) => rabbitmq::prepare(lab, server),
        (Role::Dns, _) => dns::prepare(lab, server),
        (Role::S3, _) => s3::prepare(lab, server),
        (Role::App, _) => app::prepare(lab, server),
        (Role::Epmd, _) => Ok(()),
    }
}

/// How `server` is started.
fn launch_of(lab: &Lab, server: ServerId) -> Launch {
    match server.role {
        Role::Postgres => postgres::launch(lab, server),
        Role::Redis => redis::launch(lab, server),
        Role::Epmd => rabbitmq::launch_epmd(lab, server),
        Role::Rabbitmq => rabbitmq::launch(lab, server),
        Role::Dns => dns::launch(lab, server),
        Role::S3 => s3::launch(lab, server),
        Role::App => app::launch(lab, server),
    }
}

/// Asks `server` over its own protocol whether it serves.
pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    match server.role {
        Role::Postgres => postgres::answers(lab, server).await,
        Role::Redis => redis::answers(lab, server).await,
        Role::Epmd => rabbitmq::epmd_answers(lab, server).await,
        Role::Rabbitmq => rabbitmq::answers(lab, server).await,
        Role::Dns => dns::answers(lab, server).await,
        Role::S3 => s3::answers(lab, server).await,
        Role::App => app::answers(lab, server).await,
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
    lab.record.network.check_free(server)?;
    prepare(lab, server).await?;
    launch::start(lab, server, &launch_of(lab, server))?;
    wait_until_it_answers(lab, server).await?;
    Ok(Brought::Started)
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
        if start.elapsed() > PATIENCE {
            return Err(lab.failed(server, format!("it does not answer: {why}")));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
