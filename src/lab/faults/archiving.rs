//! Faults of the way WAL takes: to the archive, and to the standby.

use std::time::{Duration, Instant};

use super::{Deed, Undo, guard};
use crate::lab::context::Lab;
use crate::lab::servers::postgres::explain;
use crate::lab::{LabError, Role, ServerId, Site, procfs, signals};

const PRIMARY: ServerId = ServerId::new(Site::Primary, Role::Postgres);
const STANDBY: ServerId = ServerId::new(Site::Dr, Role::Postgres);
/// What a hanging archive command is, recognised again when it is ended.
const HANGING: &str = "sleep 86399";

pub(super) async fn change(deed: &mut Deed<'_>) -> Result<(), LabError> {
    if deed.ledger.reversible(None).iter().any(|one| one.undo == Some(Undo::Archive)) {
        return Err(deed.failed("another fault of archiving is in force; undo it first"));
    }
    let (command, what) = match deed.fault.name {
        "stop-archiving" => ("false", "made archiving of WAL fail"),
        "hang-archiving" => (HANGING, "made archiving of WAL hang"),
        _ => ("", "emptied archive_command"),
    };
    let client = guard::postgres(deed.lab, Site::Primary, "postgres").await?;
    deed.remember(what, Some(Undo::Archive))?;
    let failed = |error: tokio_postgres::Error| explain(&error);
    let set = format!("ALTER SYSTEM SET archive_command = '{command}'");
    client.batch_execute(&set).await.map_err(|error| deed.failed(failed(error)))?;
    client.batch_execute("SELECT pg_reload_conf()").await.map_err(|error| deed.failed(failed(error)))?;
    wait_for_setting(deed.lab, command).await?;
    // Something to archive, so that it shows at once.
    let switch = "SELECT pg_create_restore_point('lab fault'), pg_switch_wal()";
    client.batch_execute(switch).await.map_err(|error| deed.failed(failed(error)))
}

/// A reload takes effect in each process by itself; a new session has it for certain once it is seen.
async fn wait_for_setting(lab: &Lab, wanted: &str) -> Result<(), LabError> {
    let start = Instant::now();
    loop {
        let client = guard::postgres(lab, Site::Primary, "postgres").await?;
        let asked = client.query_one("SELECT current_setting('archive_command')", &[]).await;
        let row = asked.map_err(|error| lab.failed(PRIMARY, explain(&error)))?;
        // An empty one is shown as disabled or as nothing.
        let now: String = row.get(0);
        if now == wanted || (wanted.is_empty() && now == "(disabled)") {
            return Ok(());
        }
        if start.elapsed() > Duration::from_secs(10) {
            return Err(lab.failed(PRIMARY, "it does not take over its changed settings"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub(super) async fn restore(lab: &Lab) -> Result<(), LabError> {
    let client = guard::postgres(lab, Site::Primary, "postgres").await?;
    for statement in ["ALTER SYSTEM RESET archive_command", "SELECT pg_reload_conf()"] {
        client.batch_execute(statement).await.map_err(|error| lab.failed(PRIMARY, explain(&error)))?;
    }
    end_hanging(lab);
    Ok(())
}

/// The archiver looks at its settings again only once the command has ended.
fn end_hanging(lab: &Lab) {
    let Some(born) = lab.processes.alive(PRIMARY) else { return };
    for member in procfs::family(born.pid).iter().filter(|one| procfs::command_line(one.pid) == HANGING) {
        if let Some(hanging) = procfs::born(member.pid).filter(|found| found.start == member.start) {
            signals::send(&hanging, rustix::process::Signal::TERM);
        }
    }
}

pub(super) async fn lag_standby(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let client = guard::postgres(deed.lab, Site::Dr, "postgres").await?;
    let of = deed.lab.processes.alive(STANDBY).ok_or_else(|| guard::stopped(STANDBY))?;
    deed.remember("stopped the standby from replaying the WAL that it receives", Some(Undo::Replay(of)))?;
    client.batch_execute("SELECT pg_wal_replay_pause()").await.map_err(|error| deed.failed(explain(&error)))
}

pub(super) async fn resume_replay(lab: &Lab) -> Result<(), LabError> {
    let client = guard::postgres(lab, Site::Dr, "postgres").await?;
    client.batch_execute("SELECT pg_wal_replay_resume()").await.map_err(|error| lab.failed(STANDBY, explain(&error)))
}
