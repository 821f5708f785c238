//! What opens a bucket.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::reach::Secret;

/// An access key with its secret, and for how long they are good.
#[derive(Clone)]
pub struct Keys {
    pub(super) access: String,
    pub(super) secret: Secret,
    pub(super) token: Option<Secret>,
    pub(super) until: Option<DateTime<Utc>>,
}

impl Keys {
    /// Keys that are good until somebody takes them back; with a token, until its session is over.
    pub fn new(access: impl Into<String>, secret: Secret, token: Option<Secret>) -> Keys {
        Keys { access: access.into(), secret, token, until: None }
    }

    /// The same, known to be good until then.
    #[must_use]
    pub(super) fn until(mut self, until: Option<DateTime<Utc>>) -> Keys {
        self.until = until;
        self
    }

    /// Whether these are the same as others.
    pub(super) fn are(&self, other: &Keys) -> bool {
        let token = |keys: &Keys| keys.token.as_ref().map(|token| token.expose().to_vec());
        self.access == other.access && self.secret.expose() == other.secret.expose() && token(self) == token(other)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}
