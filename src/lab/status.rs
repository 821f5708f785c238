//! What runs of a lab, and how it is reached.

use std::path::Path;

use serde::Serialize;

use super::faults::{Applied, Ledger};
use super::network::Door;
use super::processes::Processes;
use super::record::Record;
use super::{LabError, Layout, ServerId, procfs, summary, up};

/// How a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerState {
    /// Its process lives.
    Running,
    /// Its process is stopped by a signal: it holds its port and answers nothing.
    Frozen,
    /// It has no process.
    Stopped,
}

impl std::fmt::Display for ServerState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            ServerState::Running => "running",
            ServerState::Frozen => "frozen",
            ServerState::Stopped => "stopped",
        })
    }
}

/// One server of the lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServerStatus {
    /// Which, like `primary/postgres`.
    pub server: String,
    /// How it is.
    pub state: ServerState,
    /// Where it listens.
    pub address: String,
    /// Its process, if it has one.
    pub pid: Option<i32>,
    /// Memory of it and everything it started, shared pages counted in proportion.
    pub memory: Option<u64>,
    /// A command that reaches it, to copy and paste.
    pub reach: Option<String>,
}

/// The whole lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The lab's folder.
    pub lab: String,
    /// Each server.
    pub servers: Vec<ServerStatus>,
    /// Memory of all of them.
    pub memory: u64,
    /// Faults that were applied and not undone.
    pub faults: Vec<Applied>,
}

impl Status {
    /// Whether every server runs.
    pub fn is_whole(&self) -> bool {
        self.servers.iter().all(|server| server.state == ServerState::Running)
    }
}

/// What runs of the lab in `folder`. Changes nothing, so it works while others change the lab.
pub fn status(folder: &Path) -> Result<Status, LabError> {
    let layout = Layout::at(folder);
    up::check_owner(&layout)?;
    let Some(record) = Record::load(&layout)? else {
        return Err(LabError::NoLab { lab: layout.root().to_owned() });
    };
    let layout = layout.with_sites(record.sites.clone());
    let processes = Processes::open(layout.processes(), &record.id)?;
    let servers: Vec<ServerStatus> =
        record.servers().into_iter().map(|server| of(&layout, &record, &processes, server)).collect();
    let memory = servers.iter().filter_map(|server| server.memory).sum();
    let faults = Ledger::open(&layout)?.in_force(&processes);
    Ok(Status { lab: layout.root().display().to_string(), servers, memory, faults })
}

fn of(layout: &Layout, record: &Record, processes: &Processes, server: ServerId) -> ServerStatus {
    let born = processes.alive(server);
    let stat = born.as_ref().and_then(procfs::alive);
    let state = match stat {
        None => ServerState::Stopped,
        Some(stat) if stat.state == 'T' => ServerState::Frozen,
        Some(_) => ServerState::Running,
    };
    let family = born.as_ref().map(|born| procfs::family(born.pid)).unwrap_or_default();
    let memory: u64 = family.iter().filter_map(|member| procfs::memory(member.pid)).sum();
    ServerStatus {
        server: server.to_string(),
        state,
        address: record.network.address(server, Door::Main).to_string(),
        pid: born.map(|born| born.pid),
        memory: stat.map(|_| memory),
        reach: summary::reach(layout, record, server),
    }
}
