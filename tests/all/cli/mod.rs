//! The command line as its users meet it.

mod commit;
mod ending;
mod generated;
mod log;
mod paths;
mod plan;
mod program;
mod read_only;
mod registry;
