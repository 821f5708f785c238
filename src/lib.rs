//! Lifeboat: a disaster-recovery console for a platform.
//!
//! The rooms of the house. A room uses only those below it: cli, console, desk, doctor, lab, protect, watch, systems,
//! vault, journal, reach, plan, text, from top to bottom.

pub mod cli;
pub mod console;
pub mod desk;
pub mod doctor;
pub mod journal;
#[cfg(feature = "lab")]
pub mod lab;
pub mod plan;
pub mod protect;
pub mod reach;
pub mod systems;
pub mod text;
pub mod vault;
pub mod watch;
