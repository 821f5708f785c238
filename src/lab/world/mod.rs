//! What the lab's servers hold: a schema, realistic rows, sessions, queues, and the load that goes on.
//!
//! Touches only the servers it is told, through their own drivers.

mod servers;

pub use servers::{Login, Servers};
