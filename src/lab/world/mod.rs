//! What the lab's servers hold: a schema, realistic rows, sessions, queues, and the load that goes on.
//!
//! Touches only the servers it is told, through their own drivers.

mod error;
mod flow;
mod link;
mod load;
pub mod postgres;
pub mod rabbitmq;
pub mod redis;
mod servers;

pub use error::{Kind, WorldError};
pub use flow::{Proof, Stage, run as flow};
pub use link::Links;
pub use load::{Load, LoadOptions, Told, run as load};
pub use postgres::Counts;
pub(in crate::lab) use servers::in_time;
pub use servers::{Login, Servers};
