//! The last stage before a log line is written: no secret, one line, nothing that steers a terminal.

use std::io::{self, Write};
use std::sync::PoisonError;

use super::Trouble;
use crate::text::{Redactor, Shape, untrusted};

/// Longer lines are cut; what explains a failure comes first in them.
const LONGEST: usize = 4_000;

/// Cleans each record and writes it as one line with one write, so that lines of several processes
/// never mix. A failure is remembered, not passed on: the program goes on without its log.
pub(super) struct Clean<W> {
    redactor: Redactor,
    inner: W,
    trouble: Option<Trouble>,
}

impl<W: Write> Clean<W> {
    pub(super) fn new(redactor: Redactor, inner: W, trouble: Option<Trouble>) -> Clean<W> {
        Clean { redactor, inner, trouble }
    }
}

impl<W: Write> Write for Clean<W> {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        let redacted = self.redactor.redact_bytes(record);
        let mut line = untrusted(redacted.trim_ascii_end(), Shape::line(LONGEST));
        line.push('\n');
        if let Err(error) = self.inner.write_all(line.as_bytes())
            && let Some(trouble) = &self.trouble
        {
            trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| error.to_string());
        }
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_record_becomes_one_harmless_line_without_secrets() {
        let redactor = Redactor::new();
        redactor.register(b"correct horse");
        let mut clean = Clean::new(redactor, Vec::new(), None);
        clean.write_all(b"login with correct horse failed:\n\x1b[2Jno\n").unwrap();
        assert_eq!(String::from_utf8(clean.inner).unwrap(), "login with [***] failed:\\n\\x1b[2Jno\n");
    }

    #[test]
    fn the_first_failure_is_remembered_and_none_is_passed_on() {
        let trouble = Arc::new(Mutex::new(None));
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut clean = Clean::new(Redactor::new(), full, Some(Arc::clone(&trouble)));
        clean.write_all(b"one\n").unwrap();
        clean.write_all(b"two\n").unwrap();
        assert!(trouble.lock().unwrap().as_ref().unwrap().contains("No space left"));
    }
}
