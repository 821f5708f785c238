//! A Redis server of a test: a server, a node of a cluster, or a Sentinel.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::systems::databases::account::Account;
use crate::systems::databases::process::{Process, free_port};

/// A server with its folder.
pub struct Server {
    pub folder: TempDir,
    pub port: u16,
    process: Option<Process>,
    password: Option<&'static str>,
    sentinel: bool,
}

impl Server {
    /// A server with these lines of configuration, running.
    pub async fn start(lines: &str) -> Server {
        let mut server = Server::new(lines, None, false);
        server.up().await;
        server
    }

    /// One that asks for a password.
    pub async fn with_password(password: &'static str, lines: &str) -> Server {
        let mut server = Server::new(&format!("requirepass \"{password}\"\n{lines}"), Some(password), false);
        server.up().await;
        server
    }

    /// A Sentinel that watches `primary`.
    pub async fn sentinel(primary: &Server, quorum: u8) -> Server {
        let lines = format!("sentinel monitor group 127.0.0.1 {} {quorum}\n", primary.port);
        let mut server = Server::new(&lines, None, true);
        server.up().await;
        server
    }

    fn new(lines: &str, password: Option<&'static str>, sentinel: bool) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let folder_name = folder.path().display();
        let common =
            format!("bind 127.0.0.1\nport {port}\ndaemonize no\nlogfile {folder_name}/log\ndir {folder_name}\n");
        let own = if sentinel { "" } else { "enable-debug-command yes\nsave \"\"\nrepl-diskless-sync-delay 0\n" };
        let conf = folder.path().join("redis.conf");
        std::fs::write(&conf, format!("{common}{own}{lines}")).unwrap();
        // As root nothing can be refused by the file system.
        Account::of("nobody").own(folder.path());
        Account::of("nobody").own(&conf);
        Server { folder, port, process: None, password, sentinel }
    }

    /// Adds a line to the configuration; it holds from the next start on.
    pub fn configure(&self, line: &str) {
        let conf = self.folder.path().join("redis.conf");
        let text = std::fs::read_to_string(&conf).unwrap();
        std::fs::write(&conf, format!("{text}{line}\n")).unwrap();
    }

    /// Starts it, and waits until it answers.
    pub async fn up(&mut self) {
        self.up_while_loading();
        let begun = Instant::now();
        while self.try_connect().await.is_err() {
            let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(10), "it does not start: {}", log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Starts it, and does not wait until it has loaded its data.
    pub fn up_while_loading(&mut self) {
        let mut command = Command::new("redis-server");
        command.arg(self.folder.path().join("redis.conf")).current_dir("/");
        if self.sentinel {
            command.arg("--sentinel");
        }
        self.process = Some(Process::start(Account::of("nobody").run(&mut command)));
    }

    async fn try_connect(&self) -> redis::RedisResult<MultiplexedConnection> {
        let login = match self.password {
            Some(password) => format!(":{password}@"),
            None => String::new(),
        };
        let client = redis::Client::open(format!("redis://{login}127.0.0.1:{}", self.port))?;
        // Half a second, which is usual, is not enough on a busy machine.
        let patient = redis::AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_secs(30)));
        let mut connection = client.get_multiplexed_async_connection_with_config(&patient).await?;
        redis::cmd("INFO").arg("server").query_async::<String>(&mut connection).await?;
        Ok(connection)
    }

    /// Runs a command, its words parted by blanks.
    pub async fn run(&self, line: &str) -> Result<redis::Value, redis::RedisError> {
        let mut connection = self.try_connect().await?;
        let mut command = redis::Cmd::new();
        for word in line.split(' ') {
            command.arg(word);
        }
        command.query_async(&mut connection).await
    }

    /// Puts so many keys into it.
    pub async fn fill(&self, keys: usize) {
        let mut connection = self.try_connect().await.unwrap();
        let mut pipeline = redis::pipe();
        for key in 0..keys {
            pipeline.cmd("SET").arg(format!("key:{key}")).arg("x".repeat(100)).ignore();
        }
        pipeline.query_async::<()>(&mut connection).await.unwrap();
    }

    pub fn process(&mut self) -> &mut Process {
        self.process.as_mut().unwrap()
    }

    /// Ends it at once.
    pub fn down(&mut self) {
        self.process().end(Signal::KILL);
    }

    /// A component of a plan that asks it.
    pub fn component(&self, name: &str, more: &str) -> String {
        self.component_at(name, &format!("redis://127.0.0.1:{}", self.port), more)
    }

    /// The same at another address.
    pub fn component_at(&self, name: &str, address: &str, more: &str) -> String {
        let password = self.password.map(|password| {
            let path = self.secret("login.password", password);
            format!("password = \"file:{}\"\n", path.display())
        });
        let more = format!("{}{more}", password.unwrap_or_default());
        crate::systems::component(name, "redis", address, &more)
    }

    /// A file with a password.
    pub fn secret(&self, name: &str, password: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, password).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
}
