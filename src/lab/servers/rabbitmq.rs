//! The message brokers of a site, one or a cluster of three, and the port mapper that they register with.

use std::fmt::Write;
use std::time::Duration;

use crate::lab::context::Lab;
use crate::lab::launch::Launch;
use crate::lab::network::Door;
use crate::lab::secrets::LabSecret;
use crate::lab::{LabError, Role, ServerId, Site, files};

/// The name of a broker among Erlang nodes.
pub(crate) fn node(server: ServerId) -> String {
    match server.node {
        Some(number) => format!("lab-{}-{number}@localhost", server.site),
        None => format!("lab-{}@localhost", server.site),
    }
}

/// A broker of a site that can be asked about all of them: the first one that runs.
pub(crate) fn any(lab: &Lab, site: Site) -> ServerId {
    let running = lab.all_of(site, Role::Rabbitmq).into_iter().find(|server| lab.runs(*server));
    running.unwrap_or_else(|| lab.first_of(site, Role::Rabbitmq))
}

/// Whether so few of its cluster run that those that do pause.
pub(super) fn is_in_minority(lab: &Lab, server: ServerId) -> bool {
    let nodes = lab.all_of(server.site, Role::Rabbitmq);
    nodes.iter().filter(|node| lab.runs(**node)).count() * 2 <= nodes.len()
}

/// Writes the configuration once.
pub(super) fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let folder = lab.layout.server(server);
    let path = folder.join("rabbitmq.conf");
    if path.exists() {
        return Ok(());
    }
    let account = lab.record.account.as_ref();
    let cookie = lab.secret(LabSecret::ErlangCookie)?;
    files::replace(&folder.join(".erlang.cookie"), cookie.as_bytes(), 0o400, account)?;
    files::replace(&folder.join("enabled_plugins"), b"[rabbitmq_management].\n", 0o600, account)?;
    files::replace(&folder.join("environment.conf"), b"", 0o600, account)?;
    let text = configuration(lab, server)?;
    files::replace(&path, text.as_bytes(), 0o600, account)
}

// The log of Raft is kept small: at its usual 512 MB it alone would exceed the memory meant for the broker.
fn configuration(lab: &Lab, server: ServerId) -> Result<String, LabError> {
    let (amqp, management) = (lab.address(server), lab.management(server));
    let mut text = format!(
        "listeners.tcp.1 = {amqp}\nmanagement.tcp.ip = {}\nmanagement.tcp.port = {}\n\
         default_user = admin\ndefault_pass = {}\n\
         log.console = true\nlog.file = false\n\
         vm_memory_high_watermark.absolute = 256MiB\ndisk_free_limit.absolute = 50MB\n\
         raft.wal_max_size_bytes = 16777216\n",
        management.ip(),
        management.port(),
        lab.secret(LabSecret::RabbitmqAdmin)?
    );
    let first = lab.first_of(server.site, Role::Rabbitmq);
    if server.node.is_some() {
        text.push_str("cluster_partition_handling = pause_minority\nqueue_master_locator = min-masters\n");
    }
    if server != first {
        let peers = "cluster_formation.peer_discovery_backend = classic_config\ncluster_formation.classic_config.nodes";
        let _ = writeln!(text, "{peers}.1 = {}", node(first));
    }
    Ok(text)
}

/// Arguments that keep the virtual machine small and quiet, and off every address but the loopback one.
const ERLANG: &str = "+S 1:1 +SDio 2 +A 4 +sbwt none +sbwtdcpu none +sbwtdio none -start_epmd false -noinput \
                      -kernel inet_dist_use_interface {127,0,0,1}";
/// How soon nodes notice that one of them says nothing any more; usual is a minute.
const TICKS: &str = " -kernel net_ticktime 8";

pub(super) fn launch(lab: &Lab, server: ServerId) -> Launch {
    let folder = lab.layout.server(server);
    let port = |server, door| lab.record.network.address(server, door).port().to_string();
    let epmd = ServerId::new(server.site, Role::Epmd);
    let erlang = if server.node.is_some() { format!("{ERLANG}{TICKS}") } else { ERLANG.to_owned() };
    Launch::new(&lab.programs.rabbitmq_server, &folder)
        .becomes("beam.smp")
        .env("ERL_EPMD_PORT", port(epmd, Door::Main))
        .env("RABBITMQ_DIST_PORT", port(server, Door::Distribution))
        .env("RABBITMQ_NODENAME", node(server))
        .env("RABBITMQ_CONF_ENV_FILE", folder.join("environment.conf"))
        .env("RABBITMQ_CONFIG_FILE", folder.join("rabbitmq.conf"))
        .env("RABBITMQ_ADVANCED_CONFIG_FILE", folder.join("advanced.config"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.join("enabled_plugins"))
        .env("RABBITMQ_MNESIA_BASE", folder.join("mnesia"))
        .env("RABBITMQ_LOG_BASE", folder.join("log"))
        .env("RABBITMQ_LOGS", "-")
        .env("RABBITMQ_PID_FILE", folder.join("pid"))
        // The script becomes the virtual machine itself, instead of watching over it.
        .env("RABBITMQ_ALLOW_INPUT", "1")
        .env("RABBITMQ_SERVER_ERL_ARGS", "+P 131072 +t 1048576 +stbt db +zdbbl 1024")
        .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", erlang)
}

pub(super) fn launch_epmd(lab: &Lab, server: ServerId) -> Launch {
    let address = lab.address(server);
    Launch::new(&lab.programs.epmd, lab.layout.server(server)).args([
        "-address".to_owned(),
        address.ip().to_string(),
        "-port".to_owned(),
        address.port().to_string(),
    ])
}

pub(super) async fn epmd_answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    tokio::net::TcpStream::connect(lab.address(server)).await.map(|_| ()).map_err(|error| error.to_string())
}

/// A request to the management interface, with the administrator's credentials.
pub(crate) fn request(
    lab: &Lab,
    server: ServerId,
    method: reqwest::Method,
    path: &str,
) -> Result<reqwest::RequestBuilder, String> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build();
    let client = client.map_err(|error| error.to_string())?;
    let password = lab.secret(LabSecret::RabbitmqAdmin).map_err(|error| error.to_string())?;
    let url = format!("http://{}/api/{path}", lab.management(server));
    Ok(client.request(method, url).basic_auth("admin", Some(password)))
}

/// What the management interface answers at `path`.
pub(crate) async fn get(lab: &Lab, server: ServerId, path: &str) -> Result<serde_json::Value, String> {
    let asked = request(lab, server, reqwest::Method::GET, path)?;
    let answer = asked.send().await.map_err(|error| error.without_url().to_string())?;
    let answer = answer.error_for_status().map_err(|error| error.without_url().to_string())?;
    answer.json().await.map_err(|error| error.without_url().to_string())
}

/// Asks the management interface for a change at `path`.
pub(crate) async fn send(
    lab: &Lab,
    server: ServerId,
    method: reqwest::Method,
    path: &str,
    body: Option<&serde_json::Value>,
) -> Result<(), String> {
    let mut asked = request(lab, server, method, path)?;
    if let Some(body) = body {
        asked = asked.json(body);
    }
    let answer = asked.send().await.map_err(|error| error.without_url().to_string())?;
    answer.error_for_status().map(|_| ()).map_err(|error| error.without_url().to_string())
}

/// A name as one segment of a path, whatever is in it.
pub(crate) fn segment(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    name.bytes().fold(String::new(), |path, byte| {
        if plain(byte) { path + char::from(byte).encode_utf8(&mut [0; 4]) } else { path + &format!("%{byte:02X}") }
    })
}

/// Asks for the overview: there only once every plugin has started and the listeners are open.
pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    let port = lab.address(server).port();
    let path = format!("health/checks/port-listener/{port}");
    let asked = request(lab, server, reqwest::Method::GET, &path)?;
    let answer = asked.send().await.map_err(|error| error.without_url().to_string())?;
    let status = answer.status();
    if status.is_success() { Ok(()) } else { Err(format!("its management interface says {status}")) }
}
