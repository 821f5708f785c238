//! The redactor: knows every secret that was resolved, and strips it on the way to log, journal or screen.
//!
//! Found as it is, URL-encoded, JSON-escaped, in base64 at any alignment and in hexadecimal, also when
//! it arrives in pieces. Values come in from the room `reach`; what is kept is wiped when it is dropped.

mod forms;
mod scan;
mod stream;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use forms::Forms;
use scan::Cursor;
pub use stream::{Redacting, RedactingWriter};

/// What stands in the place of a secret. Shorter than any secret, so that none can hide in it.
pub const PLACEHOLDER: &str = "[***]";
/// The fewest bytes a secret may have: shorter ones would be found in every other word.
pub const SHORTEST: usize = 6;

/// A handle on the secrets to strip; clones share them.
#[derive(Clone, Default)]
pub struct Redactor {
    forms: Arc<RwLock<Forms>>,
}

impl Redactor {
    /// A redactor that knows no secret yet.
    pub fn new() -> Redactor {
        Redactor::default()
    }

    /// Strips this value from now on. Values below [`SHORTEST`] bytes are not taken, and `false` says so.
    pub fn register(&self, secret: &[u8]) -> bool {
        if secret.len() < SHORTEST {
            return false;
        }
        self.forms.write().unwrap_or_else(PoisonError::into_inner).add(secret);
        true
    }

    /// The text without any secret.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.redact_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(
                String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
            ),
        }
    }

    /// The bytes without any secret.
    pub fn redact_bytes<'t>(&self, bytes: &'t [u8]) -> Cow<'t, [u8]> {
        let forms = self.forms.read().unwrap_or_else(PoisonError::into_inner);
        if forms.first_candidate(bytes, 0) + 1 >= bytes.len() {
            return Cow::Borrowed(bytes);
        }
        let mut out = Vec::with_capacity(bytes.len());
        Cursor::default().advance(&forms, bytes, true, &mut out);
        if out == bytes { Cow::Borrowed(bytes) } else { Cow::Owned(out) }
    }

    /// A filter for bytes that arrive in pieces.
    pub fn stream(&self) -> Redacting {
        Redacting::new(self.clone())
    }

    /// A writer that strips secrets before they reach `inner`, however the writes are cut.
    pub fn writer<W: std::io::Write>(&self, inner: W) -> RedactingWriter<W> {
        RedactingWriter::new(self.stream(), inner)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor(…)")
    }
}

#[cfg(test)]
mod tests;
