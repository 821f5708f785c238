//! Ending a lab: exactly the processes it recorded, and its files if that was asked for.

use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use super::context::Lab;
use super::lock::Lock;
use super::processes::Processes;
use super::programs::Programs;
use super::record::Record;
use super::signals::{self, Ended};
use super::{LabError, Layout, Role, ServerId, events, faults, procfs, removal, servers, up};

/// What ending a lab came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Down {
    /// Servers that ended when asked.
    pub ended: Vec<String>,
    /// Servers that had to be killed.
    pub killed: Vec<String>,
    /// Whether the lab's files were removed.
    pub deleted: bool,
    /// What else lies in its folder, which therefore stays.
    pub left: Vec<String>,
}

/// Ends every server of the lab in `folder`, and removes its files if `delete` says so.
///
/// Without `delete` the next `up` finds all data as it was. What cannot be written down, because the disk is full,
/// is said only once everything has ended, and not at all if the record is to be removed anyway.
pub async fn down(folder: &Path, delete: bool) -> Result<Down, LabError> {
    let layout = Layout::at(folder);
    let none = || LabError::NoLab { lab: layout.root().to_owned() };
    up::check_owner(&layout)?;
    if !layout.root().is_dir() || !(layout.record().exists() || delete && removal::is_remains(&layout)?) {
        return Err(none());
    }
    let _lock = Lock::take(&layout, "down")?;
    let mut down = Down::default();
    if let Some(record) = Record::load_to_end(&layout)? {
        // Nothing is started, so it does not matter which programs are still installed.
        let lab = Lab::open(layout.clone(), record, Programs::default())?;
        let (_, adopted) = lab.processes.adopt(&lab.record.id, &[]);
        let let_go = faults::let_go(&lab).await;
        let ended = end_all(&lab.processes, delete, &mut down).await;
        end_leftovers(&lab.record.id).await;
        if !delete {
            events::record(&layout, events::DOWN, "lab", json!({ "ended": down.ended, "killed": down.killed }));
            adopted.and(let_go).and(ended)?;
            return Ok(down);
        }
        removal::remove_sites(&lab.record, &layout)?;
    }
    if delete {
        down.left = removal::remove(&layout)?;
        down.deleted = true;
    }
    Ok(down)
}

/// Those that use others go first; within a step all at once, because a broker takes seconds.
const STEPS: [&[Role]; 4] = [
    &[Role::Prometheus, Role::Alertmanager, Role::Balancer, Role::Sentinel],
    &[Role::App],
    &[Role::Rabbitmq, Role::Postgres, Role::Redis],
    &[Role::S3, Role::Epmd, Role::Dns, Role::Resolver],
];

/// What is thrown away need not be closed in good order. An error is that of the record; all have ended then too.
async fn end_all(processes: &Processes, at_once: bool, down: &mut Down) -> Result<(), LabError> {
    let known = processes.known();
    let mut written = processes.will_end(&known);
    for roles in STEPS {
        let servers = known.iter().copied().filter(|server| roles.contains(&server.role));
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
            written = written.and(processes.forget(server));
        }
    }
    written
}

/// Helpers of an interrupted run or of a fault are known by their tag alone.
async fn end_leftovers(lab: &str) {
    let leftovers = procfs::tagged(lab).into_iter();
    let born = leftovers.filter_map(|(stat, _)| procfs::born(stat.pid).filter(|born| born.start == stat.start));
    let ends = born.map(async |born| signals::end(&born, Signal::TERM, Duration::from_secs(2)).await);
    futures_util::future::join_all(ends).await;
}

/// Ends what a failed `up` started, and leaves what ran before. That this could not be written down is no matter:
/// a process that is gone is known to be gone, and why `up` failed is what has to be said.
pub(super) async fn end_all_but(lab: &Lab, keep: &[ServerId]) {
    let processes = &lab.processes;
    let started = processes.known().into_iter().filter(|server| !keep.contains(server));
    let ends = started.filter_map(|server| Some((server, processes.alive(server)?))).map(async |(server, born)| {
        let (signal, patience) = servers::farewell(server);
        signals::end(&born, signal, patience).await;
        let _ = processes.forget(server);
    });
    futures_util::future::join_all(ends).await;
}
