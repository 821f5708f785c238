//! The vault: what lies in stores.

#[cfg(feature = "lab")]
mod archives;
pub mod backup;
mod expire;
#[cfg(feature = "lab")]
mod large_parts;
#[cfg(feature = "lab")]
mod notes;
#[cfg(feature = "lab")]
mod parts;
mod points;
mod snapshots;
mod standing;
#[cfg(feature = "lab")]
mod uploads;
mod verify;
