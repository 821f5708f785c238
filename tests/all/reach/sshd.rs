//! A real sshd with its own keys and configuration on a free port of the loopback.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lifeboat::plan::Place;
use lifeboat::reach::{Reach, Settings};
use lifeboat::text::Redactor;
use tempfile::TempDir;

/// A server and a client configuration that knows it as the host `there`.
pub struct Sshd {
    folder: TempDir,
    port: u16,
    server: Child,
}

impl Sshd {
    /// Starts a server with these lines added to its configuration; `None` (and why) where that cannot be.
    pub fn start(extra: &str) -> Option<Sshd> {
        let Some(program) = ["/usr/sbin/sshd", "/usr/bin/sshd"].into_iter().find(|path| Path::new(path).exists())
        else {
            eprintln!("skipped: there is no sshd here (package openssh-server)");
            return None;
        };
        if rustix::process::geteuid().is_root() {
            // Where a service manager makes it at boot; sshd insists on it when it runs as root.
            std::fs::create_dir_all("/run/sshd").unwrap();
        }
        let folder = tempfile::Builder::new().prefix("lifeboat-sshd-").tempdir().unwrap();
        for key in ["host", "user", "stranger"] {
            let file = folder.path().join(key);
            let made =
                Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(file).status().unwrap();
            assert!(made.success());
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let at = folder.path().display();
        let config = format!(
            "{extra}\nListenAddress 127.0.0.1:{port}\nHostKey {at}/host\nPidFile none\nStrictModes no\nUsePAM no\n\
             AuthorizedKeysFile {at}/user.pub\nPermitRootLogin yes\nKbdInteractiveAuthentication no\nMaxStartups 100\n"
        );
        std::fs::write(folder.path().join("sshd_config"), config).unwrap();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let server = Command::new(program)
            .args(["-D", "-e", "-f"])
            .arg(folder.path().join("sshd_config"))
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let sshd = Sshd { folder, port, server };
        let key = sshd.read("host.pub");
        sshd.write("known_hosts", &format!("[127.0.0.1]:{port} {key}"));
        sshd.write("config", &sshd.host("there", "user", "known_hosts"));
        sshd.wait_for_it();
        Some(sshd)
    }

    /// A block of a client configuration for this server.
    pub fn host(&self, name: &str, key: &str, known: &str) -> String {
        let at = self.folder.path().display();
        format!(
            "Host {name}\n HostName 127.0.0.1\n Port {}\n IdentityFile {at}/{key}\n IdentitiesOnly yes\n \
             IdentityAgent none\n UserKnownHostsFile {at}/{known}\n GlobalKnownHostsFile /dev/null\n",
            self.port
        )
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub fn settings(&self) -> Settings {
        let redactor = Redactor::new();
        redactor.register(b"hunter2hunter2");
        let ssh_config = Some(self.folder.path().join("config"));
        Settings { ssh_config, redactor, connect: Duration::from_secs(10) }
    }

    pub async fn reach(&self, host: &str) -> Reach {
        Reach::open(&Place { ssh: Some(host.to_owned()), ..Place::HERE }, &self.settings()).await.unwrap()
    }

    fn wait_for_it(&self) {
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "sshd does not come up: {}", self.read("log"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Cuts every connection at once, as a failing network or host would; what runs there goes on.
    pub fn cut(&mut self) {
        for pid in family(self.server.id()) {
            let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        let _ = self.server.wait();
    }
}

/// The server and its children of the same name: one for each connection.
fn family(server: u32) -> Vec<u32> {
    let mut family = vec![server];
    let mut grown = 0;
    while grown < family.len() {
        grown = family.len();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            let Some((name, rest)) = stat.rsplit_once(") ") else { continue };
            let parent = rest.split(' ').nth(1).and_then(|parent| parent.parse().ok());
            if name.contains("(sshd") && parent.is_some_and(|parent| family.contains(&parent)) && !family.contains(&pid)
            {
                family.push(pid);
            }
        }
    }
    family
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.cut();
    }
}
