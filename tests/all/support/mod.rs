//! What several tests need: temporary folders, free ports, finding programs.

pub mod program;
