//! The value of a secret: cannot be printed, logged or serialised, and is wiped when it is dropped.

use std::fmt;
use std::sync::Arc;

use zeroize::{Zeroize, Zeroizing};

use crate::text::redact::SHORTEST;

/// A secret value. Clones share one memory, which the last of them wipes.
#[derive(Clone)]
pub struct Secret {
    bytes: Arc<Zeroizing<Vec<u8>>>,
}

/// Why a value is not taken as a secret. Never repeats the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value has {length} bytes, and below {SHORTEST} it could not be told from other text and kept out of logs")]
pub struct TooShort {
    length: usize,
}

impl Secret {
    /// Takes a value; the memory it came in is wiped if it is refused.
    pub fn new(mut bytes: Vec<u8>) -> Result<Secret, TooShort> {
        if bytes.len() < SHORTEST {
            let length = bytes.len();
            bytes.zeroize();
            return Err(TooShort { length });
        }
        Ok(Secret { bytes: Arc::new(Zeroizing::new(bytes)) })
    }

    /// The value itself. Named so that every place which sees it can be searched for.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// The value as text, where it is text.
    pub fn expose_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does not compile for a type that implements the trait: the call would be ambiguous.
    macro_rules! assert_lacks {
        ($type:ty, $trait:path) => {{
            trait Ambiguous<A> {
                fn check() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            #[allow(dead_code)]
            struct Has;
            impl<T: ?Sized + $trait> Ambiguous<Has> for T {}
            <$type as Ambiguous<_>>::check();
        }};
    }

    #[test]
    fn it_can_be_neither_shown_nor_serialised() {
        assert_lacks!(Secret, fmt::Display);
        assert_lacks!(Secret, serde::Serialize);
        assert_lacks!(Secret, AsRef<[u8]>);
        assert_lacks!(Secret, AsRef<str>);
        let secret = Secret::new(b"hunter2hunter2".to_vec()).unwrap();
        assert_eq!(format!("{secret:?} {secret:#?}"), "Secret(…) Secret(…)");
        assert_eq!(secret.expose_str(), Some("hunter2hunter2"));
    }

    #[test]
    fn short_values_are_refused_and_not_repeated() {
        let refused = Secret::new(b"abcde".to_vec()).unwrap_err();
        assert!(refused.to_string().contains("5 bytes") && !refused.to_string().contains("abcde"));
        assert!(Secret::new(b"abcdef".to_vec()).is_ok());
    }
}
