//! A lab of a test: ended and removed with it, however the test ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use lifeboat::lab::{self, LabOptions, ServerState, Status};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_lifeboat");

/// A lab in a temporary folder.
pub struct TestLab {
    base: PathBuf,
}

impl TestLab {
    pub fn new() -> TestLab {
        TestLab { base: tempfile::Builder::new().prefix("lab").tempdir().unwrap().keep() }
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
        let told = |progress: &lab::Progress| {
            eprintln!("{:6.2} {} {}", progress.after.as_secs_f64(), progress.about, progress.what);
        };
        if let Err(error) = lab::up(&self.options(), &told).await {
            panic!("{error}");
        }
    }

    /// `lifeboat --state BASE lab VERB`, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("--state").arg(&self.base).arg("lab").args(arguments);
        command
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
            if !down.status.success() {
                eprintln!(
                    "the lab in {} was not ended: {}",
                    self.base.display(),
                    String::from_utf8_lossy(&down.stderr)
                );
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
