//! Tests of `lab` from outside.
