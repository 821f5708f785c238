//! Machines and containers: whether they are there, and how much room they have left.

mod container;
mod disk;
mod host;
mod vitals;

pub use container::ContainerProbe;
pub use disk::{tell as tell_disks, usage};
pub use host::{HostProbe, contact};
