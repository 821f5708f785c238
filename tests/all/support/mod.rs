//! What several tests need: temporary folders, free ports, finding programs.
