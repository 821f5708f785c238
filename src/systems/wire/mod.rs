//! How a probe's bytes get to a server and back: dialled, encrypted where the address says so, and bounded, so that
//! no server can fill our memory.

mod bounded;
mod dial;
mod lookup;
mod trust;

pub use bounded::{Allowance, Bounded};
pub use dial::{Line, first_of, stream, tcp, unix};
pub use lookup::addresses;
pub use trust::{Trust, client_config};
