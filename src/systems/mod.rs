//! Systems: a folder per system, offering what it can over the system's own protocol.
//!
//! Uses `reach` to get there. Nothing outside this room knows how a system works, and nothing in
//! it decides what is done.

pub mod artefact;
mod background;
mod balancer;
mod certificate;
mod change;
mod clients;
mod command;
mod contact;
mod deposit;
mod dns;
mod fault;
mod files;
mod http;
mod judge;
mod lately;
pub mod live;
pub mod logs;
mod luggage;
mod machine;
pub mod mend;
mod meter;
mod monitoring;
mod number;
mod one_look;
mod postgres;
mod probe;
mod rabbitmq;
mod reading;
pub mod recent;
mod redis;
mod s3;
pub mod take;
mod tarball;
mod tcp;
pub mod tee;
mod tls;
mod trouble;
mod wire;

pub use clients::{Client, clients};
pub use contact::{Answer, Contact, contact};
pub use deposit::{Deposits, Left, NotRemoved};
pub use files::{Committed, Committing, Touched, commit};
pub use http::{Post, post};
pub use luggage::Luggage;
pub use postgres::{Switched, switch_wal, wal};
pub use probe::{Depth, Probe, Subject, Told, judged, probe, take};
pub use reading::{FactList, Facts, Reading, Reason};
pub use redis::{Rewritten, rewrite as rewrite_aof};
pub use s3::Bucket;
pub use trouble::{ContactError, shown};
