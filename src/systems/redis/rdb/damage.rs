//! What can be wrong with a snapshot.

use std::io;

/// Why a snapshot cannot be restored from.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// It does not begin as one.
    #[error("it is no snapshot of Redis")]
    NotASnapshot,
    /// Nobody here knows its format.
    #[error("its format is {0}, which is not known here")]
    TooNew(u16),
    /// It ends too early.
    #[error("it ends after {0} bytes, in the middle of something")]
    Short(u64),
    /// It goes on after its end.
    #[error("it goes on after its end, at byte {0}")]
    Long(u64),
    /// Something in it means nothing.
    #[error("at byte {at} there is {what}")]
    Strange {
        /// Where.
        at: u64,
        /// What.
        what: &'static str,
    },
    /// Its bytes are not those that were written.
    #[error("its checksum is wrong: its bytes are not those that were written")]
    Checksum,
    /// It could not be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}
