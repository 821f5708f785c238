//! Ending a lab: exactly the processes it recorded, and its files if that was asked for.

use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;

use super::context::Lab;
use super::lock::Lock;
use super::processes::Processes;
use super::programs::Programs;
use super::record::Record;
use super::signals::{self, Ended};
use super::{LabError, Layout, Role, ServerId, faults, files, procfs, servers, up};

/// What ending a lab came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Down {
    /// Servers that ended when asked.
    pub ended: Vec<String>,
    /// Servers that had to be killed.
    pub killed: Vec<String>,
    /// Whether the lab's files were removed.
    pub deleted: bool,
}

/// Ends every server of the lab in `folder`, and removes its files if `delete` says so.
///
/// Without `delete` the next `up` finds all data as it was.
pub async fn down(folder: &Path, delete: bool) -> Result<Down, LabError> {
    let layout = Layout::at(folder);
    if !layout.root().is_dir() {
        return Err(LabError::NoLab { lab: layout.root().to_owned() });
    }
    // Root may end what anybody started; it just may not start anything in their place.
    if !rustix::process::geteuid().is_root() {
        up::check_owner(&layout)?;
    }
    let _lock = Lock::take(&layout, "down")?;
    let mut down = Down::default();
    if let Some(record) = Record::load(&layout)? {
        // Nothing is started, so it does not matter which programs are still installed.
        let lab = Lab::open(layout.clone(), record, Programs::default())?;
        lab.processes.adopt(&lab.record.id)?;
        faults::let_go(&lab).await?;
        end_all(&lab.processes, delete, &mut down).await?;
        end_leftovers(&lab.record.id).await;
        if delete {
            remove_sites(&lab.record, &layout)?;
        }
    }
    if delete {
        files::remove_folder(layout.root())?;
        down.deleted = true;
    }
    Ok(down)
}

/// Those that use others go first; within a step all at once, because a broker takes seconds.
const STEPS: [&[Role]; 3] =
    [&[Role::App], &[Role::Rabbitmq, Role::Postgres, Role::Redis], &[Role::S3, Role::Epmd, Role::Dns]];

/// What is thrown away need not be closed in good order.
async fn end_all(processes: &Processes, at_once: bool, down: &mut Down) -> Result<(), LabError> {
    for roles in STEPS {
        let servers = ServerId::all().into_iter().filter(|server| roles.contains(&server.role));
        let ends = futures_util::future::join_all(servers.map(async |server| {
            let Some(born) = processes.alive(server) else { return (server, Ended::WasGone) };
            let (signal, patience) = servers::farewell(server);
            let patience = if at_once { Duration::ZERO } else { patience };
            (server, signals::end(&born, signal, patience).await)
        }));
        for (server, ended) in ends.await {
            match ended {
                Ended::WasGone => {}
                Ended::Gracefully => down.ended.push(server.to_string()),
                Ended::Killed => down.killed.push(server.to_string()),
            }
            processes.forget(server)?;
        }
    }
    Ok(())
}

/// Helpers of an interrupted run or of a fault are known by their tag alone.
async fn end_leftovers(lab: &str) {
    let leftovers = procfs::tagged(lab).into_iter();
    let born = leftovers.filter_map(|(stat, _)| procfs::born(stat.pid).filter(|born| born.start == stat.start));
    let ends = born.map(async |born| signals::end(&born, Signal::TERM, Duration::from_secs(2)).await);
    futures_util::future::join_all(ends).await;
}

/// Ends what a failed `up` started, and leaves what ran before.
pub(super) async fn end_all_but(lab: &Lab, keep: &[ServerId]) -> Result<(), LabError> {
    let processes = &lab.processes;
    let started = ServerId::all().into_iter().filter(|server| !keep.contains(server));
    let ends = started.filter_map(|server| Some((server, processes.alive(server)?))).map(async |(server, born)| {
        let (signal, patience) = servers::farewell(server);
        signals::end(&born, signal, patience).await;
        processes.forget(server)
    });
    futures_util::future::try_join_all(ends).await.map(|_| ())
}

/// Where the sites lie outside the lab's folder, their place goes too; its name holds the lab's id.
fn remove_sites(record: &Record, layout: &Layout) -> Result<(), LabError> {
    if record.sites == layout.sites() {
        return Ok(());
    }
    match record.sites.parent() {
        Some(place) if place.ends_with(&record.id) => files::remove_folder(place),
        _ => Ok(()),
    }
}
