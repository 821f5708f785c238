//! The last look before a fault: does the server that answers really work in the lab's own folder?

use tokio_postgres::Client;

use super::FaultError;
use crate::lab::context::Lab;
use crate::lab::servers::{postgres, rabbitmq, redis as cache};
use crate::lab::{LabError, Role, ServerId, Site, procfs, sockets};

fn refuse(server: ServerId, why: impl Into<String>) -> LabError {
    FaultError::NotOurs { server: server.to_string(), why: why.into() }.into()
}

/// It has no process.
pub(super) fn stopped(server: ServerId) -> LabError {
    FaultError::Stopped { server: server.to_string() }.into()
}

/// Refuses unless the recorded process of `server` lives, and it is that one that listens at its address.
pub(super) fn must_run(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let listener = sockets::listener(lab.address(server));
    let Some(born) = lab.processes.alive(server) else {
        return Err(match listener {
            Some((pid, words)) => refuse(server, format!("process {pid} ({words}) at its address is not the lab's")),
            None => stopped(server),
        });
    };
    match listener {
        Some((pid, _)) if procfs::family(born.pid).iter().any(|member| member.pid == pid) => Ok(()),
        Some((pid, words)) => Err(refuse(server, format!("process {pid} ({words}) listens at its address"))),
        None => Err(refuse(server, "nothing listens at its address")),
    }
}

/// Whether a folder that a server names is the one of the lab.
fn is_inside(lab: &Lab, server: ServerId, said: &str) -> bool {
    let resolved = |path: &std::path::Path| path.canonicalize().ok();
    let ours = resolved(&lab.layout.server(server));
    ours.is_some() && resolved(std::path::Path::new(said)).zip(ours).is_some_and(|(said, ours)| said.starts_with(ours))
}

/// A superuser's session with a database server whose folder and system identifier are those of the lab.
pub(super) async fn postgres(lab: &Lab, site: Site, database: &str) -> Result<Client, LabError> {
    let server = ServerId::new(site, Role::Postgres);
    must_run(lab, server)?;
    let client = postgres::superuser(lab, site, database).await.map_err(|why| lab.failed(server, why))?;
    let asked = "SELECT current_setting('data_directory'), system_identifier FROM pg_control_system()";
    let row = client.query_one(asked, &[]).await.map_err(|error| lab.failed(server, postgres::explain(&error)))?;
    let (folder, identifier): (String, i64) = (row.get(0), row.get(1));
    if !is_inside(lab, server, &folder) {
        return Err(refuse(server, format!("it works in {folder}")));
    }
    let control = lab.layout.server(server).join("data/global/pg_control");
    let bytes = std::fs::read(&control).map_err(LabError::file("read", &control))?;
    let ours = bytes.first_chunk::<8>().map(|start| i64::from_ne_bytes(*start));
    if ours == Some(identifier) { Ok(client) } else { Err(refuse(server, "its system identifier is another")) }
}

/// An administrator's session with a Redis that works in the lab's folder.
pub(super) async fn redis(lab: &Lab, server: ServerId) -> Result<redis::aio::MultiplexedConnection, LabError> {
    must_run(lab, server)?;
    let mut connection = cache::admin(lab, server).await.map_err(|why| lab.failed(server, why))?;
    let asked = redis::cmd("CONFIG").arg("GET").arg("dir").query_async(&mut connection).await;
    let (_, folder): (String, String) =
        asked.map_err(|error: redis::RedisError| lab.failed(server, error.to_string()))?;
    if is_inside(lab, server, &folder) { Ok(connection) } else { Err(refuse(server, format!("it works in {folder}"))) }
}

/// A broker of `site` that is certainly the lab's node.
pub(super) async fn rabbitmq(lab: &Lab, site: Site) -> Result<ServerId, LabError> {
    let server = rabbitmq::any(lab, site);
    must_run(lab, server)?;
    let overview = rabbitmq::get(lab, server, "overview").await.map_err(|why| lab.failed(server, why))?;
    let name = overview["node"].as_str().unwrap_or_default();
    if name == rabbitmq::node(server) { Ok(server) } else { Err(refuse(server, format!("it is the node {name}"))) }
}
