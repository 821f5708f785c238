//! What every place must do alike. The places of these tests are all on this machine, so that its own
//! process table can be the judge.

mod ends;
mod streams;
mod words;

use std::time::{Duration, Instant};

use lifeboat::reach::{Command, Tag};

pub use ends::*;
pub use streams::*;
pub use words::*;

pub const MANY: usize = 50 * 1024 * 1024;

/// The processes of this machine, containers included, whose environment holds the tag.
pub fn carriers(tag: &Tag) -> Vec<String> {
    let wanted = format!("LIFEBOAT_TAG={tag}");
    processes(|environ, _| environ.windows(wanted.len()).any(|window| window == wanted.as_bytes()))
}

/// The processes for which something holds of their environment and command line.
pub fn processes(holds: impl Fn(&[u8], &[u8]) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let read = |file| std::fs::read(entry.path().join(file)).unwrap_or_default();
        if name.bytes().all(|b| b.is_ascii_digit()) && holds(&read("environ"), &read("cmdline")) {
            found.push(format!("{name} {}", String::from_utf8_lossy(&read("cmdline")).replace('\0', " ")));
        }
    }
    found
}

/// Waits until something is so; fails when it never is.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub fn sh(text: &str) -> Command {
    Command::new("sh").args(["-c", text])
}
