//! Tests of `reach` from outside.
