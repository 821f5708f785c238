//! Tests of `plan` from outside.

mod bad_input;
mod contradictions;
mod environment;
mod figures;
mod overlays;
mod robustness;
