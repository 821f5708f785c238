//! The primary database: its cluster, its roles, its archive.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tokio_postgres::{Client, NoTls};

use crate::lab::context::Lab;
use crate::lab::launch::{self, Launch};
use crate::lab::procfs::{self, Born};
use crate::lab::secrets::LabSecret;
use crate::lab::{LabError, Role, ServerId, Site, beneath, files};

/// The database of the platform.
pub const DATABASE: &str = "agent_orchestrator";
/// The replication slot that the standby streams from.
pub const SLOT: &str = "dr";

/// Paths are relative to the data folder, so they hold on every site and survive any odd character.
const SETTINGS: &str = "
# Set by the lab.
password_encryption = 'scram-sha-256'
max_connections = 60
shared_buffers = 32MB
maintenance_work_mem = 32MB
huge_pages = off
jit = off
wal_level = replica
wal_log_hints = on
max_wal_size = 256MB
min_wal_size = 80MB
checkpoint_timeout = 5min
max_wal_senders = 6
max_replication_slots = 6
max_slot_wal_keep_size = 512MB
hot_standby_feedback = on
archive_mode = on
archive_command = 'sh ../archive.sh \"%p\" \"%f\"'
archive_timeout = 60s
track_commit_timestamp = on
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
unix_socket_directories = ''
";

/// Never overwrites; a segment that is there already counts only if it is the same.
const ARCHIVE: &str = r#"#!/bin/sh
# Copies one WAL segment into the local store: whole and synced under its name, or not at all.
set -eu
store=../../backups/postgres/wal
if [ -e "$store/$2" ]; then
    exec cmp -s "$1" "$store/$2"
fi
cp "$1" "$store/.$2.tmp"
sync "$store/.$2.tmp"
mv -n "$store/.$2.tmp" "$store/$2"
sync "$store"
"#;

/// Folders of the local store as the recovery plan of document 003 draws them.
const STORE: [&str; 11] = [
    "postgres/daily",
    "postgres/wal",
    "postgres/metadata",
    "redis/hourly",
    "redis/daily",
    "redis/metadata",
    "rabbitmq/daily",
    "rabbitmq/messages",
    "config",
    "config/env",
    "config/certs",
];

/// What both sites have: the local store and the script that fills it.
pub(super) fn prepare_store(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let account = lab.record.account.as_ref();
    let store = lab.layout.backups(server.site);
    for folder in ["", "postgres", "redis", "rabbitmq"].iter().chain(&STORE) {
        files::make_folder(&store.join(folder), 0o750, account)?;
    }
    files::replace(&lab.layout.server(server).join("archive.sh"), ARCHIVE.as_bytes(), 0o600, account)
}

/// Makes the cluster, unless it is there.
pub(super) async fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let folder = lab.layout.server(server);
    let data = folder.join("data");
    if data.exists() {
        return Ok(());
    }
    prepare_store(lab, server)?;
    let password = folder.join("superuser.password");
    let secret = lab.secret(LabSecret::PostgresSuperuser)?;
    files::replace(&password, secret.as_bytes(), 0o600, lab.record.account.as_ref())?;
    let new = folder.join("data.new");
    files::remove_folder(&new)?;
    let initdb = Launch::new(&lab.programs.initdb, &folder)
        .args(["-D", "data.new", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256"])
        .args(["--data-checksums", "--no-sync", "--no-instructions", "--pwfile", "superuser.password"]);
    launch::run(lab, &initdb, Duration::from_mins(1)).await?;
    let _ = fs::remove_file(&password);
    append(lab, &new.join("postgresql.conf"), SETTINGS)?;
    fs::rename(&new, &data).map_err(LabError::file("rename", &new))
}

fn append(lab: &Lab, path: &Path, text: &str) -> Result<(), LabError> {
    let mut bytes = beneath::read(path).map_err(LabError::file("read", path))?;
    bytes.extend(text.as_bytes());
    files::replace(path, &bytes, 0o600, lab.record.account.as_ref())
}

/// Removes the lock file of a server that was killed and that nobody has noticed to be gone, as happens where process 1
/// does not look after its children: `PostgreSQL` would take it for one that lives.
pub(super) fn forget_zombie(lab: &Lab, server: ServerId) {
    let recorded = lab.processes.get(server).and_then(|process| process.born);
    forget_zombie_in(&lab.layout.server(server).join("data"), recorded.as_ref());
}

fn forget_zombie_in(data: &Path, recorded: Option<&Born>) {
    let lock = data.join("postmaster.pid");
    let named = || String::from_utf8_lossy(&beneath::read(&lock).ok()?).lines().next()?.trim().parse::<i32>().ok();
    let is_zombie = recorded.is_some_and(|born| procfs::is_zombie(born) && named() == Some(born.pid));
    if is_zombie && !procfs::works_in(data) {
        let _ = fs::remove_file(&lock);
    }
}

/// How a cluster is started. The address is given here because the standby's files are copies of the primary's.
pub(super) fn launch(lab: &Lab, server: ServerId) -> Launch {
    let address = lab.address(server);
    Launch::new(&lab.programs.postgres, lab.layout.server(server)).args(["-D", "data"]).args([
        "-c".to_owned(),
        format!("listen_addresses={}", address.ip()),
        "-c".to_owned(),
        format!("port={}", address.port()),
        "-c".to_owned(),
        format!("cluster_name={}", server.site),
    ])
}

/// A session of the superuser.
pub(crate) async fn superuser(lab: &Lab, site: Site, database: &str) -> Result<Client, String> {
    session(lab, site, database, "postgres", LabSecret::PostgresSuperuser).await
}

/// A session of any role.
pub(crate) async fn session(
    lab: &Lab,
    site: Site,
    database: &str,
    user: &str,
    secret: LabSecret,
) -> Result<Client, String> {
    let address = lab.address(ServerId::new(site, Role::Postgres));
    let password = lab.secret(secret).map_err(|error| error.to_string())?;
    let mut config = tokio_postgres::Config::new();
    config.host(address.ip().to_string()).port(address.port()).user(user).password(password).dbname(database);
    config.application_name("lifeboat lab").connect_timeout(Duration::from_secs(15));
    let connect = tokio::time::timeout(Duration::from_secs(15), config.connect(NoTls));
    let (client, connection) = connect.await.map_err(|_| "no answer".to_owned())?.map_err(|error| explain(&error))?;
    tokio::spawn(connection);
    Ok(client)
}

/// An error of the driver together with what the server said.
pub(crate) fn explain(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(
        || std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}")),
        |said| said.message().to_owned(),
    )
}

/// Asks for a row.
pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    let client = superuser(lab, server.site, "postgres").await?;
    let asked = tokio::time::timeout(Duration::from_secs(5), client.simple_query("SELECT 1"));
    asked.await.map_err(|_| "no answer".to_owned())?.map(|_| ()).map_err(|error| explain(&error))
}

/// Makes the roles and the empty database; whatever an earlier attempt made of them goes.
pub(crate) async fn make_database(lab: &Lab) -> Result<(), LabError> {
    let server = ServerId::new(Site::Primary, Role::Postgres);
    let failed = |why: String| lab.failed(server, why);
    let client = superuser(lab, Site::Primary, "postgres").await.map_err(failed)?;
    let (lifeboat, app, replicator) = (
        lab.secret(LabSecret::PostgresLifeboat)?,
        lab.secret(LabSecret::PostgresApp)?,
        lab.secret(LabSecret::PostgresReplicator)?,
    );
    let statements = [
        "SET log_statement = 'none'".to_owned(),
        format!("DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"),
        "DROP ROLE IF EXISTS lifeboat, app, replicator".to_owned(),
        format!("CREATE ROLE lifeboat LOGIN CREATEDB PASSWORD '{lifeboat}'"),
        "GRANT pg_monitor, pg_read_all_data, pg_signal_backend, pg_checkpoint TO lifeboat".to_owned(),
        format!("CREATE ROLE app LOGIN PASSWORD '{app}'"),
        format!("CREATE ROLE replicator LOGIN REPLICATION PASSWORD '{replicator}'"),
        format!("CREATE DATABASE {DATABASE}"),
        format!("COMMENT ON DATABASE {DATABASE} IS 'Lifeboat lab {}'", lab.record.id),
    ];
    for statement in statements {
        client.batch_execute(&statement).await.map_err(|error| failed(explain(&error)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lock_of_a_recorded_zombie_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("postmaster.pid");
        let mut child = std::process::Command::new("sleep").arg("61").spawn().unwrap();
        let born = procfs::born(i32::try_from(child.id()).unwrap()).unwrap();
        fs::write(&lock, format!("{}\n{}\n", born.pid, folder.path().display())).unwrap();
        forget_zombie_in(folder.path(), Some(&born));
        assert!(lock.exists(), "it lives");
        child.kill().unwrap();
        while !procfs::is_zombie(&born) {
            std::thread::sleep(Duration::from_millis(5));
        }
        forget_zombie_in(folder.path(), None);
        forget_zombie_in(folder.path(), Some(&Born { start: born.start + 1, ..born.clone() }));
        assert!(lock.exists(), "it is not the one that was recorded");
        forget_zombie_in(folder.path(), Some(&born));
        assert!(!lock.exists());
        child.wait().unwrap();
    }
}
