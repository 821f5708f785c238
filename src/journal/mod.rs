//! The journal: the append-only, hash-chained record all state is folded from, and the claims.
//!
//! Writes below the state directory only. Never interprets what an event means for the platform.
