//! The program: parse, and hand over to `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lifeboat::cli::main(std::env::args_os())
}
