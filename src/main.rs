//! The program: parse, and hand over to `cli`.

fn main() {}
