//! The one integration-test binary: whole rooms, the real program, real servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs
)]

mod cli;
mod console;
mod journal;
#[cfg(feature = "lab")]
mod lab;
mod plan;
mod protect;
mod reach;
mod support;
mod systems;
mod vault;
mod watch;
