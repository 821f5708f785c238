//! How long the largest plan that comes with the program takes to be loaded from disk and checked.
//! Its promise is 15 ms.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use lifeboat::plan::{check, load};

fn plan(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/plans/agent-orchestrator");
    let now = "2024-11-19T12:00:00Z".parse().unwrap();
    let mut group = criterion.benchmark_group("plan");
    group.bench_function("load", |bench| bench.iter(|| black_box(load(&path, &[]).unwrap())));
    let loaded = load(&path, &[]).unwrap();
    group.bench_function("check", |bench| bench.iter(|| black_box(check(&loaded, now))));
    group.bench_function("load and check", |bench| {
        bench.iter(|| {
            let loaded = load(&path, &[]).unwrap();
            black_box(check(&loaded, now))
        });
    });
    group.finish();
}

criterion_group!(benches, plan);
criterion_main!(benches);
