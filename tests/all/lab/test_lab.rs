//! A lab of a test: ended and removed with it, however the test ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use lifeboat::lab::{self, LabOptions, ServerState, Status};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_lifeboat");

/// A lab in a temporary folder.
pub struct TestLab {
    base: PathBuf,
}

/// How the folders of tests begin.
const PREFIX: &str = "lifeboat-lab-test-";
/// The file that says which process a folder is of.
const OWNER: &str = "owner";

impl TestLab {
    pub fn new() -> TestLab {
        sweep();
        TestLab::at(tempfile::Builder::new().prefix(PREFIX).tempdir().unwrap().keep())
    }

    /// One whose state folder is `base`.
    pub fn at(base: PathBuf) -> TestLab {
        std::fs::write(base.join(OWNER), born(std::process::id()).unwrap()).unwrap();
        TestLab { base }
    }

    /// The state folder that the lab is below.
    pub fn base(&self) -> &Path {
        &self.base
    }

    pub fn folder(&self) -> PathBuf {
        self.base.join("lab")
    }

    pub fn options(&self) -> LabOptions {
        let mut options = LabOptions::new(self.folder());
        options.program = Some(PROGRAM.into());
        options.scale = 0.1;
        options
    }

    pub async fn up(&self) {
        self.up_with(&self.options()).await;
    }

    pub async fn up_with(&self, options: &LabOptions) {
        let told = |progress: &lab::Progress| {
            eprintln!("{:6.2} {} {}", progress.after.as_secs_f64(), progress.about, progress.what);
        };
        if let Err(error) = lab::up(options, &told).await {
            panic!("{error}");
        }
    }

    /// `lifeboat --state BASE lab VERB`, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("--state").arg(&self.base).arg("lab").args(arguments);
        command
    }

    /// The same, started; it ends with what is returned.
    pub fn start(&self, arguments: &[&str]) -> Started {
        Started(Some(self.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()))
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub fn status(&self) -> Status {
        lab::status(&self.folder()).unwrap()
    }

    pub fn state_of(&self, server: &str) -> ServerState {
        self.status().servers.into_iter().find(|one| one.server == server).unwrap().state
    }

    pub fn pid_of(&self, server: &str) -> i32 {
        self.status().servers.into_iter().find(|one| one.server == server).unwrap().pid.unwrap()
    }

    /// Every process there is that carries this lab's tag, by the server it says to be.
    pub fn tagged(&self) -> BTreeMap<String, Vec<i32>> {
        let Ok(record) = std::fs::read(self.folder().join("lab.json")) else { return BTreeMap::new() };
        let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
        tagged(record["id"].as_str().unwrap())
    }

    pub fn id(&self) -> String {
        let record = std::fs::read(self.folder().join("lab.json")).unwrap();
        let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
        record["id"].as_str().unwrap().to_owned()
    }
}

/// A process of a test that does not outlive it: it would hold the lab's lock.
pub struct Started(Option<Child>);

impl Started {
    pub fn id(&self) -> u32 {
        self.0.as_ref().unwrap().id()
    }

    pub fn is_over(&mut self) -> bool {
        self.0.as_mut().unwrap().try_wait().unwrap().is_some()
    }

    pub fn end(mut self) -> Output {
        self.0.take().unwrap().wait_with_output().unwrap()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The number of a process with the moment of its start, which no later one shares.
fn born(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let moment = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?;
    Some(format!("{pid} {moment}"))
}

/// Ends and removes the labs of tests that were killed, whose drop never came.
fn sweep() {
    for entry in std::fs::read_dir(std::env::temp_dir()).unwrap().flatten() {
        let base = entry.path();
        let Ok(owner) = std::fs::read_to_string(base.join(OWNER)) else { continue };
        let pid = owner.split(' ').next().and_then(|pid| pid.parse().ok());
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) || pid.is_none_or(|pid| born(pid) == Some(owner)) {
            continue;
        }
        eprintln!("removing what a killed test left in {}", base.display());
        drop(TestLab { base });
    }
}

/// Processes that carry the tag of the lab `id`, by the server they say to be.
pub fn tagged(id: &str) -> BTreeMap<String, Vec<i32>> {
    let mut found: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        let value = |name: &str| {
            let mut entries = environment.split(|byte| *byte == 0);
            let value = entries.find_map(|entry| entry.strip_prefix(format!("{name}=").as_bytes()))?;
            Some(String::from_utf8_lossy(value).into_owned())
        };
        if value("LIFEBOAT_LAB").as_deref() == Some(id) {
            found.entry(value("LIFEBOAT_LAB_SERVER").unwrap_or_default()).or_default().push(pid);
        }
    }
    found
}

impl Drop for TestLab {
    fn drop(&mut self) {
        if self.folder().exists() {
            let down = self.run(&["down", "--delete"]);
            if !down.status.success() && self.folder().join("lab.json").exists() {
                eprintln!(
                    "the lab in {} was not ended: {}",
                    self.base.display(),
                    String::from_utf8_lossy(&down.stderr)
                );
                return;
            }
        }
        let _ = std::fs::remove_dir_all(&self.base);
    }
}

/// Waits until something is so; a test that waits in vain says what for.
pub async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !so().await {
        assert!(start.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The same where nothing else is to be done meanwhile.
pub fn wait_until(what: &str, mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_mins(3), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
