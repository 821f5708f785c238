//! The probe of Redis against servers of its own.

mod everything;
mod files;
mod follows;
mod logins;
mod memory;
pub mod server;
