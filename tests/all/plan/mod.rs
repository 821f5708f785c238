//! Tests of `plan` from outside.

mod bad_input;
mod contradictions;
mod figures;
mod overlays;
mod robustness;
