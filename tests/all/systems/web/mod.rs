//! Services over HTTP: what each answer comes to, and each lack of one.

mod answers;
mod bad_days;
mod encrypted;
mod flows;
mod logs;
pub mod server;
