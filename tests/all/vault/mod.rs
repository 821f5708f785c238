//! The vault: what lies in stores.

mod backup;
mod expire;
mod points;
mod standing;
mod verify;
