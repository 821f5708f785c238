//! Systems: a folder per system, offering what it can over the system's own protocol.
//!
//! Uses `reach` to get there. Nothing outside this room knows how a system works, and nothing in
//! it decides what is done.

mod contact;
mod dns;
mod files;
mod http;
pub mod live;
mod postgres;
mod rabbitmq;
mod redis;
mod s3;
mod tcp;
mod tls;

pub use contact::{Answer, Contact, ContactError, contact};
