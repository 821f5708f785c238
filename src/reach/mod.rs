//! Reach: how a command, a stream or a request gets to where a system lives, and where secrets come from.
//!
//! May start processes and talk to the container engine. Never decides what is done, and never prints.
