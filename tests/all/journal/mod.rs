//! Tests of `journal` from outside.
