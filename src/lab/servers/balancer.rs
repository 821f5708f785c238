//! The load balancer of a site: passes TLS on as it is, so that clients see the applications' own certificate.

use std::fmt::Write;
use std::time::Duration;

use crate::lab::context::Lab;
use crate::lab::launch::Launch;
use crate::lab::network::Door;
use crate::lab::servers::dns::ZONE;
use crate::lab::{LabError, Role, ServerId, Site, files};

/// Written at each start: nothing in it is the balancer's own to change.
pub(super) fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let path = lab.layout.server(server).join("haproxy.cfg");
    files::replace(&path, configuration(lab, server).as_bytes(), 0o600, lab.record.account.as_ref())
}

/// What an application behind the balancer is called, there and in the plan.
pub(crate) fn host(app: ServerId) -> String {
    match app.site {
        Site::Dr => format!("{}-dr", app.name()),
        _ => app.name(),
    }
}

// A check may take longer than the two seconds that an application gives its own servers.
fn configuration(lab: &Lab, server: ServerId) -> String {
    let mut text = format!(
        "global\n    nbthread 1\n    maxconn 500\n    log stdout format raw local0 notice\n\
         defaults\n    mode tcp\n    log global\n    option redispatch\n    retries 2\n    timeout connect 2s\n    \
         timeout client 1m\n    timeout server 1m\n    timeout check 3s\n\
         frontend application\n    bind {}\n    default_backend applications\n\
         backend applications\n    balance roundrobin\n    option httpchk\n    \
         http-check send meth GET uri /health ver HTTP/1.1 hdr Host app.{ZONE}\n    http-check expect status 200\n    \
         default-server check check-ssl verify none inter 2s fastinter 500ms fall 2 rise 1\n",
        lab.address(server),
    );
    for app in lab.all_of(server.site, Role::App) {
        let _ = writeln!(text, "    server {} {}", host(app), lab.address(app));
    }
    let statistics = lab.record.network.address(server, Door::Statistics);
    let _ =
        write!(text, "frontend statistics\n    mode http\n    bind {statistics}\n    stats enable\n    stats uri /\n");
    text
}

pub(super) fn launch(lab: &Lab, server: ServerId) -> Launch {
    Launch::new(&lab.programs.haproxy, lab.layout.server(server)).args(["-db", "-f", "haproxy.cfg"])
}

/// Asks for its statistics: whether anything works behind it is not its own matter.
pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build();
    let url = format!("http://{}/;csv", lab.record.network.address(server, Door::Statistics));
    let asked = client.map_err(|error| error.to_string())?.get(url).send().await;
    let answer = asked.map_err(|error| error.without_url().to_string())?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("its statistics say {}", answer.status())) }
}
