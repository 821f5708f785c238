//! Tests of `plan` from outside.

mod bad_input;
mod figures;
mod overlays;
