//! Faults of Redis: emptied, its file damaged, its memory used up.

use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use redis::aio::MultiplexedConnection;
use rustix::fs::OFlags;

use super::{Deed, Undo, guard, kept, stores};
use crate::lab::context::Lab;
use crate::lab::servers::redis as cache;
use crate::lab::{LabError, ServerId, beneath, servers, signals};

/// What the memory is filled with; removed again by the undo.
const BALLAST: &str = "lab:ballast:";

pub(super) async fn flush(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let mut connection = guard::redis(deed.lab, cache::primary(deed.lab).await).await?;
    deed.remember("deleted every key in Redis", None)?;
    let done = redis::cmd("FLUSHALL").query_async::<()>(&mut connection).await;
    done.map_err(|error| {
        if error.code().is_some() {
            deed.refused();
        }
        deed.failed(error.to_string())
    })
}

/// Damages the largest part of the append-only file, as a bad disk does, and lets Redis find it at its start.
pub(super) async fn corrupt_aof(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let server = cache::primary(deed.lab).await;
    guard::redis(deed.lab, server).await?;
    let Some(born) = deed.lab.processes.alive(server) else { return Err(guard::stopped(server)) };
    let (signal, patience) = servers::farewell(server);
    signals::end(&born, signal, patience).await;
    let Some(path) = largest_part(deed.lab, server) else {
        servers::bring_up(deed.lab, server).await?;
        return Err(deed.failed("the append-only file is empty"));
    };
    let kept = kept::keep(deed, &path)?;
    let undo = Undo::PutBack { kept, restart: Some(server) };
    deed.remember(format!("flipped bytes in {}", path.display()), Some(undo))?;
    damage(&path).map_err(LabError::file("damage", &path))?;
    // That it does not come up again is the fault itself.
    match servers::bring_up(deed.lab, server).await {
        Err(LabError::Server { .. }) => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(deed.failed("Redis started in spite of it")),
    }
}

/// A value may hold anything, so bytes that differ would go unnoticed there: it is the start of a command that
/// has to be hit. A part in the form of a snapshot has a checksum.
fn damage(path: &Path) -> std::io::Result<()> {
    let bytes = beneath::read(path)?;
    let middle = bytes.len() / 2;
    let found = bytes[middle..].windows(3).position(|three| three == b"\r\n*");
    match found.filter(|_| path.extension().is_some_and(|end| end == "aof")) {
        Some(place) => {
            let file = beneath::open(path, OFlags::WRONLY, 0)?;
            file.write_all_at(b"?", (middle + place + 2) as u64)?;
            file.sync_all()
        }
        None => stores::flip_in_the_middle(path),
    }
}

fn largest_part(lab: &Lab, server: ServerId) -> Option<PathBuf> {
    let folder = lab.layout.server(server).join("data/appendonlydir");
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let parts = entries.filter(|entry| entry.path().extension().is_none_or(|end| end != "manifest"));
    let sized = parts.filter_map(|entry| Some((entry.metadata().ok()?.len(), entry.path())));
    sized.filter(|(size, _)| *size > 0).max().map(|(_, path)| path)
}

async fn setting(connection: &mut MultiplexedConnection, name: &str) -> Result<String, redis::RedisError> {
    let (_, value): (String, String) = redis::cmd("CONFIG").arg("GET").arg(name).query_async(connection).await?;
    Ok(value)
}

async fn set(connection: &mut MultiplexedConnection, name: &str, value: &str) -> Result<(), redis::RedisError> {
    redis::cmd("CONFIG").arg("SET").arg(name).arg(value).query_async(connection).await
}

const MEGABYTE: u64 = 1024 * 1024;

/// Lowers the limit to a little above what is used, fills that, and lowers it below what was filled, so that no
/// buffer that is freed makes room for a write.
pub(super) async fn exhaust_memory(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let server = cache::primary(deed.lab).await;
    let mut connection = guard::redis(deed.lab, server).await?;
    let read = async |connection: &mut MultiplexedConnection| {
        let settings = (setting(connection, "maxmemory").await?, setting(connection, "maxmemory-policy").await?);
        let info: String = redis::cmd("INFO").arg("memory").query_async(connection).await?;
        Ok::<_, redis::RedisError>((settings, info))
    };
    let asked = read(&mut connection).await;
    let ((limit, policy), info) = asked.map_err(|error| deed.failed(error.to_string()))?;
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")?.trim().parse::<u64>().ok());
    let Some(used) = used else { return Err(deed.failed("Redis does not say how much memory it uses")) };
    let of = deed.lab.processes.alive(server).ok_or_else(|| guard::stopped(server))?;
    deed.remember(
        "filled Redis up to its memory limit, where it evicts nothing",
        Some(Undo::Memory { server, limit, policy, of }),
    )?;
    let done = fill(&mut connection, used).await;
    done.map_err(|error| deed.failed(error.to_string()))
}

async fn fill(connection: &mut MultiplexedConnection, used: u64) -> Result<(), redis::RedisError> {
    set(connection, "maxmemory-policy", "noeviction").await?;
    set(connection, "maxmemory", &(used + 4 * MEGABYTE).to_string()).await?;
    let block = "x".repeat(64 * 1024);
    for number in 0_u32..10_000 {
        let key = format!("{BALLAST}{number}");
        match redis::cmd("SET").arg(key).arg(&block).query_async::<()>(connection).await {
            Ok(()) => {}
            Err(error) if error.code() == Some("OOM") => break,
            Err(error) => return Err(error),
        }
    }
    set(connection, "maxmemory", &(used + 2 * MEGABYTE).to_string()).await
}

pub(super) async fn free_memory(lab: &Lab, server: ServerId, limit: &str, policy: &str) -> Result<(), LabError> {
    let mut connection = guard::redis(lab, server).await?;
    let free = async |connection: &mut MultiplexedConnection| {
        set(connection, "maxmemory", limit).await?;
        set(connection, "maxmemory-policy", policy).await
    };
    free(&mut connection).await.map_err(|error: redis::RedisError| lab.failed(server, error.to_string()))?;
    remove_ballast(lab).await
}

async fn delete_ballast(connection: &mut MultiplexedConnection) -> Result<(), redis::RedisError> {
    let ballast: Vec<String> = redis::cmd("KEYS").arg(format!("{BALLAST}*")).query_async(connection).await?;
    if ballast.is_empty() {
        return Ok(());
    }
    redis::cmd("DEL").arg(ballast).query_async::<()>(connection).await
}

/// Removes what the memory was filled with.
pub(super) async fn remove_ballast(lab: &Lab) -> Result<(), LabError> {
    let server = cache::primary(lab).await;
    let mut connection = guard::redis(lab, server).await?;
    delete_ballast(&mut connection).await.map_err(|error| lab.failed(server, error.to_string()))
}
