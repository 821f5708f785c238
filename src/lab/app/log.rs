//! The application's own log: one JSON object a line.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::{AppError, Options};
use crate::text::Clock;

/// A log that is appended to, a line at a time.
pub(super) struct Log {
    file: Mutex<File>,
    site: String,
    app: String,
    clock: Arc<dyn Clock>,
}

impl Log {
    /// Opens the log, and begins it if it is not there.
    pub(super) fn open(options: &Options, clock: Arc<dyn Clock>) -> Result<Log, AppError> {
        let opened = OpenOptions::new().create(true).append(true).open(&options.log);
        let file = opened.map_err(|source| AppError::Log { path: options.log.clone(), source })?;
        Ok(Log { file: Mutex::new(file), site: options.site.clone(), app: options.name.clone(), clock })
    }

    /// Something that is as it should be.
    pub(super) fn info(&self, message: &str, about: Value) {
        self.write("info", message, about);
    }

    /// Something that a user of the application suffers from.
    pub(super) fn error(&self, message: &str, about: Value) {
        self.write("error", message, about);
    }

    fn write(&self, level: &str, message: &str, about: Value) {
        let at = self.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let mut line = json!({ "at": at, "level": level, "site": self.site, "app": self.app, "message": message });
        if let (Value::Object(line), Value::Object(about)) = (&mut line, about) {
            line.extend(about);
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
            tracing::warn!(%error, "the application's log takes no more");
        }
    }
}
