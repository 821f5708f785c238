//! The vault: what lies in stores.

mod points;
mod verify;
