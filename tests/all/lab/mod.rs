//! Tests of `lab` from outside.

mod app;
mod bad_input;
mod balancer;
mod clients;
mod faults;
mod full_disk;
mod killed;
mod live;
mod nodes;
pub mod s3;
pub mod test_lab;
mod up_down;
mod world;
