//! The authoritative name server of the platform's zone, which outlives the loss of either site.

use std::fmt::Write;
use std::time::Duration;

use crate::lab::context::Lab;
use crate::lab::launch::{self, Launch};
use crate::lab::secrets::LabSecret;
use crate::lab::{LabError, ServerId, Site, files};

/// The zone; `.test` is reserved, so it never leaves the machine by mistake.
pub(crate) const ZONE: &str = "lab.lifeboat.test";
/// The name of the key that signs updates.
pub(crate) const KEY: &str = "lifeboat";
/// Names that follow the platform from site to site.
pub(crate) const NAMES: [&str; 5] = ["app", "db", "cache", "mq", "s3"];

/// Writes configuration and zone once; afterwards the zone is the server's own to change.
pub(super) fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let folder = lab.layout.server(server);
    let path = folder.join("knot.conf");
    if path.exists() {
        return Ok(());
    }
    let account = lab.record.account.as_ref();
    files::make_folder(&folder.join("data"), 0o700, account)?;
    files::replace(&folder.join("data").join(format!("{ZONE}.zone")), zone(lab).as_bytes(), 0o600, account)?;
    let address = lab.address(server);
    let configuration = format!(
        "server:\n  rundir: .\n  listen: {}@{}\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n  \
         version: \"\"\n  identity: \"\"\n\
         log:\n  - target: stderr\n    any: info\n\
         database:\n  storage: data\n  journal-db-max-size: 16M\n  kasp-db-max-size: 16M\n  timer-db-max-size: 16M\n\
         control:\n  listen: knot.sock\n\
         key:\n  - id: {KEY}\n    algorithm: hmac-sha256\n    secret: {}\n\
         acl:\n  - id: changes\n    key: {KEY}\n    action: [update, transfer]\n\
         zone:\n  - domain: {ZONE}\n    storage: data\n    file: {ZONE}.zone\n    acl: changes\n    \
         semantic-checks: on\n    zonefile-load: difference-no-serial\n    journal-content: all\n",
        address.ip(),
        address.port(),
        lab.secret(LabSecret::DnsKey)?
    );
    files::replace(&path, configuration.as_bytes(), 0o600, account)
}

fn zone(lab: &Lab) -> String {
    let address = |site| lab.record.network.site(site);
    let mut text = format!(
        "$ORIGIN {ZONE}.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 604800 60\n@ NS ns\nns A {}\n",
        address(Site::Outside)
    );
    for name in NAMES {
        let _ = writeln!(text, "{name} A {}", address(Site::Primary));
        for site in [Site::Primary, Site::Dr] {
            let _ = writeln!(text, "{name}.{site} A {}", address(site));
        }
    }
    text
}

pub(super) fn launch(lab: &Lab, server: ServerId) -> Launch {
    Launch::new(&lab.programs.knotd, lab.layout.server(server)).args(["-c", "knot.conf"])
}

/// Asks one question of the server and returns the short answer.
pub(crate) async fn ask(lab: &Lab, server: ServerId, name: &str, kind: &str) -> Result<String, String> {
    let address = lab.address(server);
    let kdig = Launch::new(&lab.programs.kdig, "/").args([
        format!("@{}", address.ip()),
        "-p".to_owned(),
        address.port().to_string(),
        "+short".to_owned(),
        "+time=1".to_owned(),
        "+retry=0".to_owned(),
        name.to_owned(),
        kind.to_owned(),
    ]);
    let answer = launch::run(lab, &kdig, Duration::from_secs(5)).await.map_err(|error| error.to_string())?;
    let answer = answer.trim();
    if answer.is_empty() || answer.starts_with(";;") { Err("no answer".to_owned()) } else { Ok(answer.to_owned()) }
}

pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    ask(lab, server, ZONE, "SOA").await.map(|_| ())
}
