//! The journal and the claims on real files, real processes, real disks.

mod claims;
mod crash;
mod damage;
mod disk;
mod ends;
mod follow;
mod follow_damage;
mod forgetful;
pub mod ground;
mod heads;
mod holding;
mod merge;
mod obstacles;
mod record;
mod rereads;
mod show;
mod show_damage;
mod snapshot;
mod state;
mod synced;
mod users;
mod writer;
