//! What several tests need: temporary folders, free ports, finding programs, terminals, waiting.

pub mod program;
pub mod small_disk;
pub mod terminal;
pub mod waiting;
