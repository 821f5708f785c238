//! The cache of a site: the primary with its append-only file, or three nodes of which one is the primary, and the
//! replica on the DR site.

use std::fmt::Write;
use std::time::Duration;

use redis::aio::MultiplexedConnection;

use crate::lab::context::Lab;
use crate::lab::launch::Launch;
use crate::lab::secrets::LabSecret;
use crate::lab::{LabError, Role, ServerId, Site, files};

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
         repl-backlog-size 1mb\nrepl-diskless-sync yes\nrepl-diskless-sync-delay 0\ntcp-keepalive 60\nshutdown-timeout 3\n\
         replica-announce-ip {}\nreplica-announce-port {}\n",
        address.ip(),
        address.port(),
        address.ip(),
        address.port()
    );
    let first = lab.first_of(Site::Primary, Role::Redis);
    if server != first {
        let primary = lab.address(first);
        let _ = writeln!(text, "replicaof {} {}", primary.ip(), primary.port());
    }
    if server.site == Site::Dr {
        // Whoever watches over the primary site takes it along to a new primary, and never makes it one.
        text.push_str("replica-priority 0\n");
    }
    text
}

pub(super) fn launch(lab: &Lab, server: ServerId) -> Launch {
    Launch::new(&lab.programs.redis_server, lab.layout.server(server)).arg("./redis.conf")
}

/// A session of the administrator with a node of the cache, or with one that watches over them.
pub(crate) async fn admin(lab: &Lab, server: ServerId) -> Result<MultiplexedConnection, String> {
    let address = lab.address(server);
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

/// The node of the primary site that takes writes now; the first one if none says so.
pub(crate) async fn primary(lab: &Lab) -> ServerId {
    let nodes = lab.all_of(Site::Primary, Role::Redis);
    if nodes.len() > 1 {
        for node in nodes.iter().copied().filter(|node| lab.runs(*node)) {
            if info(lab, node).await.is_ok_and(|info| has(&info, "role:master")) {
                return node;
            }
        }
    }
    lab.first_of(Site::Primary, Role::Redis)
}

async fn info(lab: &Lab, server: ServerId) -> Result<String, String> {
    let mut connection = admin(lab, server).await?;
    redis::cmd("INFO").query_async(&mut connection).await.map_err(|error: redis::RedisError| error.to_string())
}

fn has(info: &str, line: &str) -> bool {
    info.lines().any(|one| one.trim() == line)
}

/// Whether there is anybody to follow: not if a fault has killed or frozen it.
fn primary_runs(lab: &Lab, info: &str) -> bool {
    let field = |name: &str| info.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
    let followed = field("master_host").zip(field("master_port")).map(|(host, port)| format!("{host}:{port}"));
    let is_it = |server: &ServerId| followed.as_ref() == Some(&lab.address(*server).to_string());
    lab.servers().into_iter().find(is_it).is_some_and(|server| lab.runs(server))
}

/// Asks whether it is there and has everything in memory; a replica also has to follow a primary that lives.
pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    let info = info(lab, server).await?;
    if !has(&info, "loading:0") {
        return Err("it is still loading its data".to_owned());
    }
    if has(&info, "role:slave") && !has(&info, "master_link_status:up") && primary_runs(lab, &info) {
        return Err("it does not follow its primary".to_owned());
    }
    Ok(())
}
