//! A cluster of a test.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

use crate::systems::databases::account::Account;
use crate::systems::databases::process::{Process, free_port};

/// The password of every login.
pub const PASSWORD: &str = "correct horse battery";

/// A cluster with its server.
pub struct Server {
    pub folder: TempDir,
    pub port: u16,
    process: Option<Process>,
    settings: Vec<String>,
}

/// The folder with the programs of the newest version.
pub fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("apt-get install postgresql");
    let newest = versions.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse::<u32>().ok()).max();
    Path::new("/usr/lib/postgresql").join(newest.unwrap().to_string()).join("bin")
}

fn account() -> Account {
    Account::of("postgres")
}

/// A command of `PostgreSQL`, ready to run in a folder of its account.
fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(programs().join(program));
    account().run(&mut command).current_dir(folder).env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
    command
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A folder that the account of the servers can get into.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    account().own(folder.path());
    folder
}

/// A new cluster, made once and copied from then on: making one takes seconds.
fn template() -> PathBuf {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let template = kept.join(format!("postgres-{}", programs().parent().unwrap().file_name().unwrap().display()));
    if template.exists() {
        return template;
    }
    let new = folder();
    std::fs::write(new.path().join("password"), PASSWORD).unwrap();
    account().own(&new.path().join("password"));
    let arguments = ["-D", "data", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256"];
    let mut initdb = command("initdb", new.path());
    run(initdb.args(arguments).args(["--data-checksums", "--no-sync", "--no-instructions", "--pwfile", "password"]));
    let copy = kept.join(format!("postgres-{}", std::process::id()));
    run(Command::new("cp").arg("-a").arg(new.path().join("data")).arg(&copy));
    // Whoever comes second finds it made.
    if std::fs::rename(&copy, &template).is_err() {
        std::fs::remove_dir_all(&copy).unwrap();
    }
    template
}

const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
shared_buffers = 16MB
max_wal_senders = 4
wal_level = replica
track_commit_timestamp = on
wal_receiver_status_interval = 1s
log_line_prefix = '%m [%p] '
max_prepared_transactions = 2
";

impl Server {
    /// A cluster of its own with these settings, running.
    pub async fn start(settings: &[&str]) -> Server {
        let folder = folder();
        run(Command::new("cp").arg("-a").arg(template()).arg(folder.path().join("data")));
        let own = folder.path().join("data/postgresql.conf");
        let text = std::fs::read_to_string(&own).unwrap();
        std::fs::write(&own, text + SETTINGS).unwrap();
        let mut server = Server::new(folder, settings);
        server.up().await;
        server
    }

    fn new(folder: TempDir, settings: &[&str]) -> Server {
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        Server { folder, port: free_port(), process: None, settings }
    }

    /// A copy that follows another one by streaming from a slot.
    pub async fn follow(primary: &Server, slot: &str, name: &str, settings: &[&str]) -> Server {
        let folder = folder();
        let from =
            format!("host=127.0.0.1 port={} user=postgres password='{PASSWORD}' application_name={name}", primary.port);
        let mut copy = command("pg_basebackup", folder.path());
        run(copy.args(["-D", "data", "-R", "-C", "-S", slot, "-c", "fast", "--no-sync", "-X", "stream", "-d", &from]));
        let mut server = Server::new(folder, settings);
        server.up_as(settings.contains(&"hot_standby=off")).await;
        server
    }

    /// Starts it, and waits until it answers.
    pub async fn up(&mut self) {
        self.up_as(false).await;
    }

    /// Starts it, and waits until it says anything, be it a refusal.
    pub async fn up_whatever_it_says(&mut self) {
        self.up_as(true).await;
    }

    async fn up_as(&mut self, silent: bool) {
        let mut postgres = command("postgres", self.folder.path());
        postgres.args(["-D", "data", "-c", &format!("port={}", self.port)]);
        for setting in &self.settings {
            postgres.args(["-c", setting]);
        }
        self.process = Some(Process::start(&mut postgres));
        let begun = Instant::now();
        loop {
            match self.try_connect("postgres", "postgres", "test").await {
                Ok(_) => return,
                Err(error) if silent && error.to_string().contains("db error") => return,
                Err(error) => assert!(begun.elapsed() < Duration::from_secs(20), "it does not start: {error:?}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn process(&mut self) -> &mut Process {
        self.process.as_mut().unwrap()
    }

    /// Ends it at once.
    pub fn down(&mut self) {
        self.process().end(Signal::QUIT);
    }

    async fn try_connect(&self, user: &str, database: &str, name: &str) -> Result<Client, tokio_postgres::Error> {
        let mut config = tokio_postgres::Config::new();
        config.host("127.0.0.1").port(self.port).user(user).password(PASSWORD).dbname(database).application_name(name);
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// A session of anybody.
    pub async fn session(&self, user: &str, name: &str) -> Client {
        self.try_connect(user, "postgres", name).await.unwrap()
    }

    /// A session of the superuser.
    pub async fn superuser(&self) -> Client {
        self.session("postgres", "test").await
    }

    /// Runs statements as the superuser, one after the other.
    #[track_caller]
    pub fn execute<'a>(&'a self, statements: &'a [&str]) -> impl Future<Output = ()> + 'a {
        let called = std::panic::Location::caller();
        async move {
            let client = self.superuser().await;
            for statement in statements {
                let done = client.batch_execute(statement).await;
                done.unwrap_or_else(|error| panic!("{called}: {statement}: {error:?}"));
            }
        }
    }

    /// Makes the login that asks: a member of `pg_monitor`, as the documentation says it should be.
    pub async fn with_monitor(self) -> Server {
        let login = format!("CREATE ROLE lifeboat LOGIN PASSWORD '{PASSWORD}'");
        self.execute(&[
            &login,
            "GRANT pg_monitor TO lifeboat",
            "CREATE ROLE plain LOGIN PASSWORD 'correct horse battery'",
        ])
        .await;
        self
    }

    /// A component of a plan that asks it as `user`.
    pub fn component(&self, name: &str, user: &str, more: &str) -> String {
        let address = format!("postgresql://{user}@127.0.0.1:{}/postgres", self.port);
        self.component_at(name, &address, more)
    }

    /// The same at another address.
    pub fn component_at(&self, name: &str, address: &str, more: &str) -> String {
        let password = self.secret("login.password", PASSWORD);
        let more = format!("password = \"file:{}\"\n{more}", password.display());
        crate::systems::component(name, "postgres", address, &more)
    }

    /// A file with a password.
    pub fn secret(&self, name: &str, password: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, password).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Flips bytes in the middle of a page of a table or an index, as a bad disk does. The server must be down.
    pub fn damage(&self, file: &str) {
        let path = self.folder.path().join("data").join(file);
        let mut bytes = std::fs::read(&path).unwrap();
        let at = bytes.len() - 400;
        bytes[at..at + 40].iter_mut().for_each(|byte| *byte ^= 0x5a);
        std::fs::write(&path, bytes).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            process.end(Signal::QUIT);
        }
    }
}
