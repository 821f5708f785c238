//! How long the program takes to say its version, process start and end included: at most 10 ms.
#![allow(clippy::unwrap_used, missing_docs)]

use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};

fn version(criterion: &mut Criterion) {
    criterion.bench_function("lifeboat --version", |bencher| {
        bencher.iter(|| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_lifeboat"));
            assert!(command.arg("--version").stdout(Stdio::null()).status().unwrap().success());
        });
    });
}

criterion_group!(startup, version);
criterion_main!(startup);
