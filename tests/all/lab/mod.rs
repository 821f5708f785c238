//! Tests of `lab` from outside.

mod up_down;
