//! The cache of a site: the primary with its append-only file, and its replica on the DR site.

use std::fmt::Write;
use std::time::Duration;

use redis::aio::MultiplexedConnection;

use crate::lab::context::Lab;
use crate::lab::launch::Launch;
use crate::lab::secrets::LabSecret;
use crate::lab::{LabError, Role, ServerId, Site, files, procfs};

/// Writes the configuration once, with paths as seen from the data folder, where Redis goes first; afterwards it is Redis's own to rewrite.
pub(super) fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let folder = lab.layout.server(server);
    let path = folder.join("redis.conf");
    if path.exists() {
        return Ok(());
    }
    let account = lab.record.account.as_ref();
    let (admin, app) = (lab.secret(LabSecret::Redis)?, lab.secret(LabSecret::RedisApp)?);
    let users = format!(
        "user default on >{admin} ~* &* +@all\n\
         user app on >{app} ~* &* +@all -@admin -@dangerous +info +keys +dbsize\n"
    );
    files::replace(&folder.join("users.acl"), users.as_bytes(), 0o600, account)?;
    files::make_folder(&folder.join("data"), 0o700, account)?;
    files::replace(&path, configuration(lab, server, &admin).as_bytes(), 0o600, account)
}

// Memory, eviction and persistence as document 003 states them.
fn configuration(lab: &Lab, server: ServerId, password: &str) -> String {
    let address = lab.address(server);
    let mut text = format!(
        "bind {}\nport {}\nprotected-mode yes\ndaemonize no\nset-proc-title no\nlogfile \"\"\n\
         dir ./data\naclfile ../users.acl\nmasterauth {password}\n\
         maxmemory 512mb\nmaxmemory-policy allkeys-lru\n\
         appendonly yes\nappendfsync everysec\nsave 3600 1 300 100 60 10000\n\
         repl-backlog-size 1mb\nrepl-diskless-sync yes\nrepl-diskless-sync-delay 0\ntcp-keepalive 60\nshutdown-timeout 3\n",
        address.ip(),
        address.port()
    );
    if server.site == Site::Dr {
        let primary = lab.address(ServerId::new(Site::Primary, Role::Redis));
        let _ = writeln!(text, "replicaof {} {}", primary.ip(), primary.port());
    }
    text
}

pub(super) fn launch(lab: &Lab, server: ServerId) -> Launch {
    Launch::new(&lab.programs.redis_server, lab.layout.server(server)).arg("./redis.conf")
}

/// A session of the administrator.
pub(crate) async fn admin(lab: &Lab, site: Site) -> Result<MultiplexedConnection, String> {
    let address = lab.address(ServerId::new(site, Role::Redis));
    let password = lab.secret(LabSecret::Redis).map_err(|error| error.to_string())?;
    let settings = redis::RedisConnectionInfo::default().set_username("default").set_password(password);
    let place = redis::ConnectionAddr::Tcp(address.ip().to_string(), address.port());
    let info = redis::IntoConnectionInfo::into_connection_info(place).map_err(|error| error.to_string())?;
    let client = redis::Client::open(info.set_redis_settings(settings)).map_err(|error| error.to_string())?;
    let config = redis::AsyncConnectionConfig::new()
        .set_connection_timeout(Some(Duration::from_secs(3)))
        .set_response_timeout(Some(Duration::from_secs(10)));
    client.get_multiplexed_async_connection_with_config(&config).await.map_err(|error| error.to_string())
}

/// Whether there is anybody to follow: not if a fault has killed or frozen it.
fn primary_lives(lab: &Lab) -> bool {
    let born = lab.processes.alive(ServerId::new(Site::Primary, Role::Redis));
    born.and_then(|born| procfs::alive(&born)).is_some_and(|stat| stat.state != 'T')
}

/// Asks whether it is there and has everything in memory; a replica also has to follow a primary that lives.
pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    let mut connection = admin(lab, server.site).await?;
    let info: String =
        redis::cmd("INFO").query_async(&mut connection).await.map_err(|error: redis::RedisError| error.to_string())?;
    let has = |line: &str| info.lines().any(|one| one.trim() == line);
    if !has("loading:0") {
        return Err("it is still loading its data".to_owned());
    }
    if server.site == Site::Dr && has("role:slave") && !has("master_link_status:up") && primary_lives(lab) {
        return Err("it does not follow its primary".to_owned());
    }
    Ok(())
}
