//! The standby of the database on the DR site: a copy of the primary that streams from it.

use std::fs;
use std::time::Duration;

use crate::lab::context::Lab;
use crate::lab::launch::{self, Launch};
use crate::lab::secrets::LabSecret;
use crate::lab::servers::postgres::{self, SLOT};
use crate::lab::{LabError, Role, ServerId, Site, beneath, files};

/// Copies the primary, unless that was done.
pub(super) async fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let folder = lab.layout.server(server);
    let data = folder.join("data");
    if data.exists() {
        return Ok(());
    }
    postgres::prepare_store(lab, server)?;
    drop_slot(lab).await?;
    let new = folder.join("data.new");
    files::remove_folder(&new)?;
    let primary = lab.address(ServerId::new(Site::Primary, Role::Postgres));
    let pass = folder.join("pgpass");
    let line = format!("*:*:*:replicator:{}\n", lab.secret(LabSecret::PostgresReplicator)?);
    files::replace(&pass, line.as_bytes(), 0o600, lab.record.account.as_ref())?;
    let connection = format!(
        "host={} port={} user=replicator application_name={SLOT} connect_timeout=5 keepalives_idle=10",
        primary.ip(),
        primary.port()
    );
    let copy = Launch::new(&lab.programs.pg_basebackup, &folder)
        .args(["-D", "data.new", "-d", connection.as_str(), "--checkpoint=fast", "--wal-method=stream"])
        .args(["--write-recovery-conf", "--create-slot", "--slot", SLOT, "--no-sync"])
        .env("PGPASSFILE", "pgpass")
        .env("PGCONNECT_TIMEOUT", "5");
    launch::run(lab, &copy, Duration::from_mins(2)).await?;
    relative_password_file(lab, &new.join("postgresql.auto.conf"))?;
    fs::rename(&new, &data).map_err(LabError::file("rename", &new))
}

/// The server works in its data folder, where the password file lies one up.
fn relative_password_file(lab: &Lab, path: &std::path::Path) -> Result<(), LabError> {
    let bytes = beneath::read(path).map_err(LabError::file("read", path))?;
    let text = String::from_utf8_lossy(&bytes).replace("passfile=pgpass", "passfile=../pgpass");
    files::replace(path, text.as_bytes(), 0o600, lab.record.account.as_ref())
}

/// An earlier attempt that was cut short leaves its slot on the primary.
async fn drop_slot(lab: &Lab) -> Result<(), LabError> {
    let server = ServerId::new(Site::Primary, Role::Postgres);
    let client = postgres::superuser(lab, Site::Primary, "postgres").await.map_err(|why| lab.failed(server, why))?;
    let statement = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1";
    let dropped = client.execute(statement, &[&SLOT]).await;
    dropped.map(|_| ()).map_err(|error| lab.failed(server, postgres::explain(&error)))
}
