//! Watching: what readings come to together, and the verbs that show it.

mod desk;
mod doctor;
mod headline;
#[cfg(feature = "lab")]
mod lab;
mod made_up;
mod metrics;
mod picture;
mod recorded;
mod service;
mod status;
mod triggers;
mod unit;
mod vantage;
