//! Tests of `plan` from outside.
