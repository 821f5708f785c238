//! Backups that are taken where the job says: over a real sshd, in a real container, behind a prefix.

mod broken;
mod brought;
mod folders;
mod line;
mod worked;

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Child;

use serde_json::Value;
use tempfile::TempDir;

use super::Place;
use crate::lab::s3::{ACCESS_KEY, Endpoint, SECRET};
use crate::reach::sshd::Sshd;
use crate::support::program::Ran;
use crate::support::waiting::until;
use crate::systems::databases::postgres::server::{PASSWORD, Server};
use line::Line;

/// A dump of it is larger than a part of a bucket.
const LARGE: &[&str] = &[
    "CREATE TABLE noise AS SELECT md5(i::text) || md5((i * 7)::text) a, md5((i * 13)::text) || md5((i * 17)::text) b \
       FROM generate_series(1, 160000) i",
    "CREATE TABLE \"a \"\"b\"\"\n\x1b[31mc\" (a text)",
];

/// A bastion, a machine that is reached over ssh, and two stores that can be used from there.
struct There {
    place: Place,
    endpoint: Endpoint,
    line: Line,
    far: TempDir,
    _sshd: Sshd,
}

impl There {
    async fn new() -> Option<There> {
        // The folders of whoever logs in there are not touched.
        let far = tempfile::tempdir().unwrap();
        let settings = format!("SetEnv XDG_CACHE_HOME={0} HOME={0}", far.path().display());
        let sshd = Sshd::start(&settings)?;
        let line = Line::to(sshd.port()).await;
        let config = sshd.host("there", "user", "known_hosts");
        let (port, known) = (line.address.port(), sshd.read("known_hosts"));
        sshd.write("known_hosts", &known.replace(&format!(":{}", sshd.port()), &format!(":{port}")));
        let config = config.replace(&format!("Port {}\n", sshd.port()), &format!("Port {port}\n"));
        let endpoint = Endpoint::start().await;
        let place = with_stores(Server::start(&[]).await, endpoint.address, "{ ssh = 'there' }", Some("far\\nfolder"));
        place.server.execute(LARGE).await;
        let config = place.home.write("ssh_config", config);
        let script = format!("#!/bin/sh\nexec /usr/bin/ssh -F {} \"$@\"\n", config.display());
        std::fs::set_permissions(place.home.write("bin/ssh", script), PermissionsExt::from_mode(0o755)).unwrap();
        Some(There { place, endpoint, line, far, _sshd: sshd })
    }

    fn command(&self, line: &str) -> std::process::Command {
        let mut command = self.place.home.command(format!("--plan plan.toml {line}").split_whitespace());
        let path = format!("{}:{}", self.place.home.path().join("bin").display(), std::env::var("PATH").unwrap());
        command.env("PATH", path);
        command
    }

    fn run(&self, line: &str) -> Ran {
        Ran::from(self.command(line).output().unwrap())
    }

    fn back_up(&self) -> Value {
        self.run("backup agents --json").json()["backups"][0].clone()
    }

    /// Begins a slow backup, and waits until bytes are on their way into the folder there.
    fn begun(&self) -> Child {
        self.begun_at("1MB")
    }

    fn begun_at(&self, rate: &str) -> Child {
        let mut command = self.command(&format!("backup agents --json --rate {rate}"));
        let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
        until("something is written there", || !self.far_files().is_empty() && !far_processes(self.far()).is_empty());
        child
    }

    fn far(&self) -> PathBuf {
        self.far.path().join("lifeboat/bin")
    }

    fn far_files(&self) -> Vec<PathBuf> {
        self.place.files("far\nfolder")
    }

    /// What is in the bucket beside claims.
    async fn keys(&self) -> Vec<String> {
        let listed = self.endpoint.client().list_objects_v2().bucket("store").send().await.unwrap();
        let keys = listed.contents().iter().map(|object| object.key().unwrap().to_owned());
        keys.filter(|key| !key.starts_with(".lifeboat/")).collect()
    }
}

/// The plan of a place with its stores changed: a folder at another place, or here, and a bucket.
fn with_stores(server: Server, address: SocketAddr, at: &str, folder: Option<&str>) -> Place {
    let place = Place::with(server, "");
    let root = place.home.path().display();
    for (name, text) in [("access", ACCESS_KEY), ("secret", SECRET)] {
        std::fs::set_permissions(place.home.write(name, text), PermissionsExt::from_mode(0o600)).unwrap();
    }
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let own = |name: &str| format!("name = '{name}'\nkind = 'directory'\npath = '{root}/{name}'\n");
    let bucket = format!(
        "name = 'second'\nkind = 's3'\nbucket = 'store'\nendpoint = 'http://{address}'\n\
         access_key = 'file:{root}/access'\nsecret_key = 'file:{root}/secret'\n"
    );
    let mut plan =
        plan.replace(&own("second"), &bucket).replace("do = 'backup'\n", &format!("do = 'backup'\nat = {at}\n"));
    if let Some(folder) = folder {
        let far = format!("name = 'local'\nkind = 'directory'\nreach = {at}\npath = \"{root}/{folder}\"\n");
        plan = plan.replace(&own("local"), &far);
        std::fs::create_dir(place.home.path().join(folder.replace("\\n", "\n"))).unwrap();
    }
    place.home.write("plan.toml", plan);
    place
}

/// What runs of a program that lies in this folder: each process, and everything that others may read of it.
fn far_processes(folder: impl AsRef<Path>) -> Vec<(u32, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(command) = std::fs::read(entry.path().join("cmdline")) else { continue };
        if std::fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe.starts_with(folder.as_ref())) {
            let environ = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            found.push((pid, [command, environ].concat()));
        }
    }
    found
}

fn holds_a_secret(text: &[u8]) -> bool {
    [PASSWORD, SECRET].iter().any(|secret| memchr::memmem::find(text, secret.as_bytes()).is_some())
}
