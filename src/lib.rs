//! Lifeboat: a disaster-recovery console for a platform.
//!
//! The rooms of the house, top to bottom; a room uses only the rooms below it.

pub mod cli;
pub mod journal;
#[cfg(feature = "lab")]
pub mod lab;
pub mod plan;
pub mod reach;
pub mod systems;
pub mod text;
