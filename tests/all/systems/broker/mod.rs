//! The broker: a real one, with a thousand queues, and answers of a larger one played back.

mod pretended;
mod real;
pub mod server;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use lifeboat::plan::facts::Value;
use lifeboat::systems::Reading;

/// A password in a file that only we may read.
pub fn password(folder: &Path, password: &str) -> String {
    let file = folder.join(format!("password-{}", password.len()));
    std::fs::write(&file, password).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    format!("password = 'file:{}'", file.display())
}

fn count(reading: &Reading, name: &str) -> Option<u64> {
    match reading.fact(name) {
        Some(Value::Count(count)) => Some(*count),
        _ => None,
    }
}

#[track_caller]
fn says(reading: &Reading, words: &str) {
    assert!(reading.reasons.iter().any(|reason| reason.sentence.contains(words)), "no {words:?} in {reading:#?}");
}
