//! The command line as its users meet it.

mod log;
mod registry;
