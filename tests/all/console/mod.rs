//! The console: what it shows, and how it behaves on a terminal.

mod engine;
mod screens;
