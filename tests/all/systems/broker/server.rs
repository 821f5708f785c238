//! A broker of a test's own, with the port mapper that it registers with.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::systems::tls::Issued;

pub const PASSWORD: &str = "a password of the test";

const CONFIGURATION: &str = "default_user = admin\ndefault_pass = PASSWORD\nlog.console = true\nlog.file = false\n\
    vm_memory_high_watermark.absolute = 512MiB\ndisk_free_limit.absolute = 1MB\nraft.wal_max_size_bytes = 16777216\n\
    collect_statistics_interval = 500\n";

/// Arguments that keep the virtual machine small and quiet, and off every address but the loopback one.
const ERLANG: &str = "+S 1:1 +SDio 2 +A 4 +sbwt none +sbwtdcpu none +sbwtdio none -start_epmd false -noinput \
                      -kernel inet_dist_use_interface {127,0,0,1}";

/// A running broker, ended with its test.
pub struct Broker {
    epmd: Child,
    server: Option<Child>,
    folder: TempDir,
    certificates: Option<TempDir>,
    pub amqp: u16,
    pub management: u16,
    mapper: u16,
    distribution: u16,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The names of folders have the Erlang release in them.
fn program(pattern_folder: &str, name: &str) -> std::path::PathBuf {
    let folders = std::fs::read_dir(pattern_folder).unwrap().map(|entry| entry.unwrap().path());
    let found = folders.map(|folder| folder.join("bin").join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| Path::new("/usr/bin").join(name))
}

impl Broker {
    pub async fn start() -> Broker {
        Broker::with("").await
    }

    /// A broker that listens over TLS too, on two more ports.
    pub async fn over_tls(served: &Issued) -> (Broker, [u16; 2]) {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let (certificate, key) = (file("certificate.pem", &served.certificate), file("key.pem", &served.key));
        let [amqps, management] = [(); 2].map(|()| free_port());
        let both = |prefix: &str| format!("{prefix}certfile = {certificate}\n{prefix}keyfile = {key}\n");
        let lines = format!(
            "listeners.ssl.1 = 127.0.0.1:{amqps}\nssl_options.verify = verify_none\n{}\
             management.ssl.ip = 127.0.0.1\nmanagement.ssl.port = {management}\n{}",
            both("ssl_options."),
            both("management.ssl.")
        );
        let mut broker = Broker::with(&lines).await;
        broker.certificates = Some(folder);
        (broker, [amqps, management])
    }

    async fn with(lines: &str) -> Broker {
        let folder = tempfile::tempdir().unwrap();
        let [amqp, management, mapper, distribution] = [(); 4].map(|()| free_port());
        let epmd = Command::new(program("/usr/lib/erlang", "epmd"))
            .args(["-address", "127.0.0.1", "-port", &mapper.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("environment.conf", "");
        write("enabled_plugins", "[rabbitmq_management].\n");
        let listeners = format!(
            "listeners.tcp.1 = 127.0.0.1:{amqp}\nmanagement.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management}\n"
        );
        write("rabbitmq.conf", &format!("{listeners}{lines}{}", CONFIGURATION.replace("PASSWORD", PASSWORD)));
        let mut broker =
            Broker { epmd, server: None, folder, certificates: None, amqp, management, mapper, distribution };
        broker.run().await;
        broker
    }

    /// Starts the server, and waits until it answers.
    pub async fn run(&mut self) {
        let path = |name: &str| self.folder.path().join(name);
        let mut command = Command::new("/usr/lib/rabbitmq/bin/rabbitmq-server");
        command
            .env("HOME", self.folder.path())
            .env("ERL_EPMD_PORT", self.mapper.to_string())
            .env("RABBITMQ_DIST_PORT", self.distribution.to_string())
            .env("RABBITMQ_NODENAME", format!("test-{}@localhost", self.amqp))
            .env("RABBITMQ_CONF_ENV_FILE", path("environment.conf"))
            .env("RABBITMQ_CONFIG_FILE", path("rabbitmq.conf"))
            .env("RABBITMQ_ADVANCED_CONFIG_FILE", path("advanced.config"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", path("enabled_plugins"))
            .env("RABBITMQ_MNESIA_BASE", path("mnesia"))
            .env("RABBITMQ_LOG_BASE", path("log"))
            .env("RABBITMQ_LOGS", "-")
            .env("RABBITMQ_PID_FILE", path("pid"))
            .env("RABBITMQ_ALLOW_INPUT", "1")
            .env("RABBITMQ_SERVER_ERL_ARGS", "+P 131072 +t 1048576 +stbt db +zdbbl 1024")
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", ERLANG);
        let log = std::fs::File::create(path("output")).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).current_dir(self.folder.path());
        self.server = Some(command.spawn().unwrap());
        let begun = Instant::now();
        while self.try_get(&format!("health/checks/port-listener/{}", self.amqp)).await.is_none() {
            assert!(begun.elapsed() < Duration::from_mins(1), "the broker does not come up: {}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Kills the server.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("output")).unwrap_or_default()
    }

    pub fn amqp(&self) -> String {
        format!("amqp://127.0.0.1:{}", self.amqp)
    }

    pub fn management(&self) -> String {
        format!("http://127.0.0.1:{}", self.management)
    }

    async fn try_get(&self, path: &str) -> Option<Value> {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
        let url = format!("{}/api/{path}", self.management());
        let answer = client.get(url).basic_auth("admin", Some(PASSWORD)).send().await.ok()?;
        answer.error_for_status().ok()?.json().await.ok()
    }

    /// Asks the management API for a change.
    pub async fn change(&self, method: Method, path: &str, body: Value) {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
        let url = format!("{}/api/{path}", self.management());
        let answer = client.request(method, url).basic_auth("admin", Some(PASSWORD)).json(&body).send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{path}: {status} {}", answer.text().await.unwrap());
    }

    /// A user who may look at everything and change nothing.
    pub async fn add_watcher(&self, name: &str, tags: &str) {
        self.change(Method::PUT, &format!("users/{name}"), json!({ "password": PASSWORD, "tags": tags })).await;
        let nothing = json!({ "configure": "^$", "write": "^$", "read": "^$" });
        self.change(Method::PUT, &format!("permissions/%2f/{name}"), nothing).await;
    }

    pub async fn connect(&self) -> lapin::Connection {
        let uri = format!("amqp://admin:{}@127.0.0.1:{}", PASSWORD.replace(' ', "%20"), self.amqp);
        lapin::Connection::connect(&uri, lapin::ConnectionProperties::default()).await.unwrap()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
        let _ = self.epmd.kill();
        let _ = self.epmd.wait();
    }
}
