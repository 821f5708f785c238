//! Tests of `lab` from outside.

mod app;
mod bad_input;
mod clients;
mod faults;
mod full_disk;
mod killed;
mod live;
mod s3;
mod test_lab;
mod up_down;
mod world;
