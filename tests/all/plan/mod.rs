//! Tests of `plan` from outside.

mod bad_input;
mod overlays;
