//! What several tests need: temporary folders, free ports, finding programs, terminals.

pub mod program;
pub mod small_disk;
pub mod terminal;
