//! A small platform of real servers with data, and a plan that backs it up.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::ended::{Ended, measured};

const PROGRAM: &str = env!("CARGO_BIN_EXE_lifeboat");
pub const PASSWORD: &str = "correct horse battery";
pub const ACCESS_KEY: &str = "lab-of-a-bench";
pub const SECRET: &str = "a secret of the bench";

/// The servers, their plan, and the stores that it names.
pub struct Platform {
    folder: TempDir,
    servers: Vec<Child>,
    pub database: u16,
    pub cache: u16,
    pub bucket: SocketAddr,
}

impl Platform {
    pub fn start() -> Platform {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        let (database, cache) = (free_port(), free_port());
        let bucket = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let servers = vec![
            start_database(&folder.path().join("database"), database),
            start_cache(folder.path(), cache),
            start_bucket(folder.path(), bucket),
        ];
        let platform = Platform { folder, servers, database, cache, bucket };
        let begun = Instant::now();
        let is_there = |address: SocketAddr| TcpStream::connect(address).is_ok();
        while !platform.psql("SELECT 1").status.success()
            || !is_there(SocketAddr::from(([127, 0, 0, 1], cache)))
            || !is_there(bucket)
        {
            assert!(begun.elapsed() < Duration::from_secs(30), "the servers do not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        platform.write_plan();
        platform
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A statement, by the database's own program.
    pub fn psql(&self, statement: &str) -> Output {
        self.of_postgres("psql").args(["-X", "-q", "-d", "postgres", "-c", statement]).output().unwrap()
    }

    /// A program of the database, that knows where it is.
    pub fn of_postgres(&self, program: &str) -> Command {
        let mut command = Command::new(programs().join(program));
        command.env("PGHOST", "127.0.0.1").env("PGPORT", self.database.to_string());
        command.env("PGUSER", "postgres").env("PGPASSWORD", PASSWORD).current_dir(self.folder.path());
        command
    }

    /// Runs our program; it has to end with `code`.
    #[track_caller]
    pub fn run(&self, line: &str, code: i32) -> Ended {
        let mut command = Command::new(PROGRAM);
        command.arg("--plan").arg(self.path("plan.toml")).arg("--state").arg(self.path("state"));
        command.args(line.split_whitespace()).env("HOME", self.folder.path()).env_remove("LIFEBOAT_PLAN");
        let ended = measured(&mut command);
        assert_eq!(ended.code, Some(code), "lifeboat {line}: {}{}", ended.out, ended.err);
        ended
    }

    /// Every file of a store.
    pub fn files(&self, store: &str) -> Vec<PathBuf> {
        let (mut found, mut folders) = (Vec::new(), vec![self.path(store)]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if entry.path().is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
            }
        }
        found
    }

    /// Throws away what a store has: the next run begins as the one before.
    pub fn clear(&self, store: &str) {
        let folder = self.path(store);
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::create_dir(&folder).unwrap();
    }

    fn write_plan(&self) {
        let root = self.folder.path().display();
        for store in ["local", "sealed", "many"] {
            std::fs::create_dir(self.path(store)).unwrap();
        }
        write_secret(&self.path("login"), PASSWORD);
        write_secret(&self.path("access"), ACCESS_KEY);
        let recipient = recipient(&self.path("key"));
        let job = |name: &str, of: &str, method: &str, to: &str| {
            format!(
                "[[job]]\nname = '{name}'\ndo = 'backup'\nof = '{of}'\nmethod = '{method}'\ncron = '0 2 * * *'\nto = {to}\n"
            )
        };
        let plan = [
            "[platform]\nname = 'bench'\nrto = '2h'\nrpo = '1d'\n".to_owned(),
            format!(
                "[[component]]\nname = 'database'\nkind = 'postgres'\nrto = '1h'\ndeadline = '10s'\n\
                 address = 'postgresql://postgres@127.0.0.1:{}/postgres'\npassword = 'file:{root}/login'\n",
                self.database
            ),
            format!(
                "[[component]]\nname = 'cache'\nkind = 'redis'\nrto = '1h'\ndeadline = '10s'\n\
                 address = 'redis://127.0.0.1:{}'\n",
                self.cache
            ),
            "[[component]]\nname = 'large'\nkind = 'http'\nrto = '1h'\naddress = 'http://127.0.0.1:1'\n".to_owned(),
            format!("[[store]]\nname = 'local'\nkind = 'directory'\npath = '{root}/local'\n"),
            format!("[[store]]\nname = 'many'\nkind = 'directory'\npath = '{root}/many'\n"),
            format!(
                "[[store]]\nname = 'sealed'\nkind = 'directory'\npath = '{root}/sealed'\nencrypt_to = ['{recipient}']\n"
            ),
            format!(
                "[[store]]\nname = 'bucket'\nkind = 's3'\nbucket = 'store'\nendpoint = 'http://{}'\n\
                 access_key = 'file:{root}/access'\nsecret_key = 'file:{root}/secret'\n",
                self.bucket
            ),
            job("dump", "database", "dump", "['local', 'bucket']"),
            job("sql", "database", "sql", "['local', 'bucket']"),
            job("snapshot", "cache", "snapshot", "['local']"),
            job("export", "large", "export", "['local', 'sealed', 'bucket']"),
            format!("run = ['{root}/noise']\n"),
        ];
        std::fs::write(self.path("plan.toml"), plan.concat()).unwrap();
    }

    /// How much the plan's command prints from now on: bytes that nothing can pack.
    pub fn noise(&self, bytes: u64) {
        let line = format!(
            "#!/bin/sh\nhead -c {bytes} /dev/zero | openssl enc -aes-128-ctr -nosalt -pass pass:noise -pbkdf2 -iter 1\n"
        );
        std::fs::write(self.path("noise"), line).unwrap();
        std::fs::set_permissions(self.path("noise"), std::fs::Permissions::from_mode(0o700)).unwrap();
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        for server in &mut self.servers {
            let _ =
                rustix::process::kill_process(rustix::process::Pid::from_child(server), rustix::process::Signal::INT);
            let _ = server.wait();
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn write_secret(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// A new key, and who may be encrypted to for it.
fn recipient(key: &Path) -> String {
    assert!(Command::new("age-keygen").arg("-o").arg(key).output().unwrap().status.success());
    let text = std::fs::read_to_string(key).unwrap();
    text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap().to_owned()
}

/// The folder with the programs of the newest version.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("apt-get install postgresql");
    let newest = versions.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse::<u32>().ok()).max();
    Path::new("/usr/lib/postgresql").join(newest.unwrap().to_string()).join("bin")
}

/// The account of the database, which refuses to run as root; nothing where we are not.
fn account() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
    let line = accounts.lines().find(|line| line.starts_with("postgres:")).expect("apt-get install postgresql");
    let fields: Vec<&str> = line.split(':').collect();
    Some((fields[2].parse().unwrap(), fields[3].parse().unwrap()))
}

fn start_database(folder: &Path, port: u16) -> Child {
    std::fs::create_dir(folder).unwrap();
    write_secret(&folder.join("password"), PASSWORD);
    let command = |program: &str| {
        let mut command = Command::new(programs().join(program));
        if let Some((user, group)) = account() {
            command.uid(user).gid(group);
        }
        command.current_dir(folder).env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
        command
    };
    if let Some((user, group)) = account() {
        chown(folder, Some(user), Some(group)).unwrap();
        chown(folder.join("password"), Some(user), Some(group)).unwrap();
    }
    let made = command("initdb")
        .args(["-D", "data", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256"])
        .args(["--no-sync", "--pwfile", "password"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    command("postgres")
        .args(["-D", "data", "-c", &format!("port={port}"), "-c", "unix_socket_directories="])
        .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=128MB"])
        .args(["-c", "max_wal_size=4GB", "-c", "autovacuum=off"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn start_cache(folder: &Path, port: u16) -> Child {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"])
        .arg(folder)
        // The five seconds that the server waits for more replicas are no part of the comparison.
        .args(["--repl-diskless-sync-delay", "0", "--enable-debug-command", "local"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Serves a bucket, on the same processors.
fn start_bucket(folder: &Path, address: SocketAddr) -> Child {
    write_secret(&folder.join("secret"), SECRET);
    let options = format!(
        "{{\"directory\": \"{root}/s3\", \"listen\": \"{address}\", \"region\": \"us-east-1\", \
         \"access_key\": \"{ACCESS_KEY}\", \"secret_file\": \"{root}/secret\", \"buckets\": [{{\"name\": \"store\"}}]}}",
        root = folder.display()
    );
    write_secret(&folder.join("s3.json"), &options);
    let mut serve = Command::new(PROGRAM);
    serve.args(["lab", "serve", "s3"]).arg(folder.join("s3.json")).env("HOME", folder);
    serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}
