//! Tests of `reach` from outside: a real sshd, the real container engine, real processes.

pub mod checks;
mod docker;
mod here;
pub mod image;
#[cfg(feature = "lab")]
pub mod s3;
mod secrets;
mod ssh;
pub mod sshd;
