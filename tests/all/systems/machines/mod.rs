//! Machines and containers.

mod containers;
mod hosts;
