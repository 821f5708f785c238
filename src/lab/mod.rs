//! The lab: a private two-site platform of real servers on this machine, and the faults that break it.
//!
//! Acts only on what it recorded as its own. Never touches a component of somebody's plan.

pub mod app;
pub mod password;
pub mod s3;
pub mod world;
