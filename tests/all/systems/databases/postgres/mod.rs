//! The probe of `PostgreSQL` against clusters of its own.

mod archiving;
mod damage;
mod encrypted;
mod everything;
mod follows;
mod logins;
mod rights;
pub mod server;
mod sessions;
