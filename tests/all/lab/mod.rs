//! Tests of `lab` from outside.

mod s3;
