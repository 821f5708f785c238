//! Those who watch over the nodes of the cache and make another one the primary when it is gone.

use std::collections::HashMap;

use crate::lab::context::Lab;
use crate::lab::launch::Launch;
use crate::lab::secrets::LabSecret;
use crate::lab::servers::redis as cache;
use crate::lab::{LabError, Role, ServerId, Site, files};

/// What they call the cache.
const CACHE: &str = "cache";
/// How many of them must agree that the primary is gone.
const QUORUM: u8 = 2;

/// Writes the configuration once; afterwards it is Sentinel's own to rewrite, and tells who is the primary.
pub(super) fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let path = lab.layout.server(server).join("sentinel.conf");
    if path.exists() {
        return Ok(());
    }
    let (address, password) = (lab.address(server), lab.secret(LabSecret::Redis)?);
    let (ip, port) = (address.ip(), address.port());
    let primary = lab.address(lab.first_of(Site::Primary, Role::Redis));
    // What it sees of others are addresses on the common loopback, so each says its own.
    let text = format!(
        "bind {ip}\nport {port}\nprotected-mode yes\ndaemonize no\nset-proc-title no\nlogfile \"\"\ndir .\n\
         requirepass {password}\nsentinel sentinel-pass {password}\n\
         sentinel announce-ip {ip}\nsentinel announce-port {port}\n\
         sentinel monitor {CACHE} {} {} {QUORUM}\nsentinel auth-pass {CACHE} {password}\n\
         sentinel down-after-milliseconds {CACHE} 3000\nsentinel failover-timeout {CACHE} 10000\n\
         sentinel parallel-syncs {CACHE} 1\n",
        primary.ip(),
        primary.port()
    );
    files::replace(&path, text.as_bytes(), 0o600, lab.record.account.as_ref())
}

pub(super) fn launch(lab: &Lab, server: ServerId) -> Launch {
    Launch::new(&lab.programs.redis_sentinel, lab.layout.server(server)).arg("./sentinel.conf")
}

/// Asks whether it knows the others, and every node that follows the primary: only then can it do its work.
pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    let mut connection = cache::admin(lab, server).await?;
    let asked = redis::cmd("SENTINEL").arg("MASTER").arg(CACHE).query_async(&mut connection).await;
    let told: HashMap<String, String> = asked.map_err(|error: redis::RedisError| error.to_string())?;
    let count = |name: &str| told.get(name).and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
    let others = lab.all_of(Site::Primary, Role::Sentinel).len() - 1;
    // The nodes of this site but one, and that of the other.
    let replicas = lab.all_of(Site::Primary, Role::Redis).len();
    if count("num-other-sentinels") < others {
        return Err("it does not know the others yet".to_owned());
    }
    if count("num-slaves") < replicas { Err("it does not know every replica yet".to_owned()) } else { Ok(()) }
}
