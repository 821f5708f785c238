//! The caching resolver that users of the platform ask: it knows the platform's zone from the authoritative server,
//! and refuses every other name, so that nothing is ever asked of the outside.

use std::path::PathBuf;

use crate::lab::context::Lab;
use crate::lab::launch::Launch;
use crate::lab::servers::dns::{self, ZONE};
use crate::lab::{LabError, Role, ServerId, Site, files};

/// A name that it knows by itself, to ask whether it is there.
const ALIVE: &str = "alive.invalid";

/// The server itself; there is one.
pub(crate) const SERVER: ServerId = ServerId::new(Site::Outside, Role::Resolver);

/// Writes its configuration at each start, but not how it keeps answers, which a fault may have changed.
pub(super) fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let account = lab.record.account.as_ref();
    let path = lab.layout.server(server).join("unbound.conf");
    files::replace(&path, configuration(lab, server).as_bytes(), 0o600, account)?;
    if cache_file(lab).exists() { Ok(()) } else { keep_answers(lab, "") }
}

fn configuration(lab: &Lab, server: ServerId) -> String {
    let (address, zone_server) = (lab.address(server), lab.address(ServerId::new(Site::Outside, Role::Dns)));
    format!(
        "server:\n  directory: \"\"\n  chroot: \"\"\n  username: \"\"\n  pidfile: \"\"\n  use-syslog: no\n  logfile: \"\"\n  \
         interface: {}@{}\n  access-control: 127.0.0.0/8 allow\n  do-ip6: no\n  do-not-query-localhost: no\n  \
         num-threads: 1\n  outgoing-range: 64\n  num-queries-per-thread: 32\n  msg-cache-size: 512k\n  \
         rrset-cache-size: 1m\n  infra-cache-numhosts: 100\n  module-config: \"iterator\"\n  \
         hide-identity: yes\n  hide-version: yes\n  infra-host-ttl: 5\n  \
         local-zone: \".\" refuse\n  local-zone: \"{ZONE}.\" transparent\n  local-data: \"{ALIVE}. 1 TXT yes\"\n  \
         include: \"cache.conf\"\n\
         stub-zone:\n  name: \"{ZONE}\"\n  stub-addr: {}@{}\n\
         remote-control:\n  control-enable: no\n",
        address.ip(),
        address.port(),
        zone_server.ip(),
        zone_server.port()
    )
}

fn cache_file(lab: &Lab) -> PathBuf {
    lab.layout.server(SERVER).join("cache.conf")
}

/// Says how answers are kept from the next start on; as their TTL says if nothing is said.
pub(crate) fn keep_answers(lab: &Lab, how: &str) -> Result<(), LabError> {
    files::replace(&cache_file(lab), how.as_bytes(), 0o600, lab.record.account.as_ref())
}

pub(super) fn launch(lab: &Lab, server: ServerId) -> Launch {
    Launch::new(&lab.programs.unbound, lab.layout.server(server)).args(["-d", "-p", "-c", "unbound.conf"])
}

/// Asks for what it knows by itself: the authoritative server may be away.
pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    dns::ask(lab, server, ALIVE, "TXT").await.map(|_| ())
}
