//! The vault: what lies in stores.

mod backup;
mod points;
mod standing;
mod verify;
