//! The probes of `PostgreSQL` and Redis against servers of their own, and against servers that are none.

pub mod account;
mod artefacts;
mod asking;
pub mod fakes;
mod many;
pub mod postgres;
pub mod process;
pub mod redis;
mod strangers;
mod tls;
