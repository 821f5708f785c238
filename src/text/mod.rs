//! Text: how lengths of time, sizes and instants are written and read, and how text from outside is
//! made harmless.
//!
//! The lowest room. Touches nothing but values and the system clock; never files, network or screen.

mod causes;
pub mod clock;
mod counted;
pub mod duration;
pub mod explain;
mod hex;
pub mod instant;
pub mod redact;
pub mod size;
pub mod untrusted;
pub mod wrap;
mod zone;

pub use causes::{causes, with_causes};
pub use clock::{Clock, SystemClock};
pub use counted::{counted, counted_as};
pub use duration::Span;
pub use explain::{Exit, Explain};
pub use hex::hex;
pub use redact::Redactor;
pub use size::{Rate, Size};
pub use untrusted::{Shape, untrusted};
pub use zone::{Zone, ZoneError, ZoneOffset};
