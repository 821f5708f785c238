//! Certificates: those in files, with their keys, and those that are served.

mod chain;
mod key;
mod probe;
mod standing;
pub mod take;
mod wire;

pub use probe::CertificateProbe;
pub use standing::Standing;
pub use wire::served;
