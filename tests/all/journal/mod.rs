//! The journal and the claims on real files, real processes, real disks.

mod claims;
mod crash;
mod damage;
mod disk;
mod ends;
mod follow;
mod forgetful;
mod ground;
mod holding;
mod merge;
mod record;
mod show;
mod snapshot;
mod state;
mod synced;
mod users;
mod writer;
