//! The journal's figures: group commit beside plain writes of the same bytes, a million events folded,
//! opened from the snapshot.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput};
use lifeboat::journal::{
    ChainId, Draft, Event, Fold, Folded, Heads, Journal, Kind, Reader, Settings, State, Summary, verify,
};
use serde_json::json;

const KIND: Kind = Kind::new("operation.progressed");
const MILLION: usize = 1_000_000;
const FOLD_HERE: &str = "LIFEBOAT_BENCH_FOLD";

fn draft(number: usize) -> Draft {
    Draft::new(KIND, format!("operation-{}", number % 100))
        .with(json!({ "step": "restore", "done": number, "rate": "48MB/s" }))
}

fn drafts(count: usize) -> Vec<Draft> {
    (0..count).map(draft).collect()
}

/// A journal of its own; removed when dropped.
struct Ground {
    _directory: tempfile::TempDir,
    state: State,
}

impl Ground {
    fn new() -> Ground {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let state = State::open(&directory.path().join("state"), None).unwrap();
        Ground { state, _directory: directory }
    }

    fn open(&self) -> Journal {
        Journal::open(&self.state, Settings::here()).unwrap()
    }

    /// The journal of a host that is not this one.
    fn open_as(&self, host: &str) -> Journal {
        Journal::open(&self.state, Settings { chain: ChainId::of_host(host, host), ..Settings::here() }).unwrap()
    }

    fn path(&self) -> PathBuf {
        self.state.path().join("journal")
    }

    fn bytes(&self) -> u64 {
        let chain = self.path().join(lifeboat::journal::host::chain().as_str());
        let files = fs::read_dir(chain).unwrap().map(|entry| entry.unwrap());
        files.filter(|file| file.file_name() != "ballast").map(|file| file.metadata().unwrap().len()).sum()
    }
}

/// What this process has used of a processor: tells the work from the waiting on a busy machine.
fn processor() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(used.tv_sec).unwrap(), u32::try_from(used.tv_nsec).unwrap())
}

/// Both ways by turns, so that what else the disk does meets both.
fn side_by_side(events: usize, rounds: usize) {
    let ground = Ground::new();
    let journal = ground.open();
    journal.record_all(drafts(1)).unwrap().wait().unwrap();
    let before = ground.bytes();
    journal.record_all(drafts(events)).unwrap().wait().unwrap();
    let bytes = vec![b'x'; usize::try_from(ground.bytes() - before).unwrap()];
    let mut plain_file = File::create(ground.state.path().join("plain")).unwrap();
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    let (mut our_work, mut plain_work) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..rounds {
        let batch = drafts(events);
        let (start, used) = (Instant::now(), processor());
        journal.record_all(batch).unwrap().wait().unwrap();
        ours.push(start.elapsed());
        our_work += processor().saturating_sub(used);
        let (start, used) = (Instant::now(), processor());
        plain_file.write_all(&bytes).unwrap();
        plain_file.sync_data().unwrap();
        plain.push(start.elapsed());
        plain_work += processor().saturating_sub(used);
    }
    ours.sort();
    plain.sort();
    let total = |times: &[Duration]| times.iter().sum::<Duration>();
    println!(
        "group commit of {events} events ({} bytes), {rounds} rounds: median {:.2?} against {:.2?} plain = {:.2}; \
         total {:.2?} against {:.2?} = {:.2}; processor a round {:.0?} against {:.0?}",
        bytes.len(),
        ours[rounds / 2],
        plain[rounds / 2],
        ours[rounds / 2].as_secs_f64() / plain[rounds / 2].as_secs_f64(),
        total(&ours),
        total(&plain),
        total(&ours).as_secs_f64() / total(&plain).as_secs_f64(),
        our_work / u32::try_from(rounds).unwrap(),
        plain_work / u32::try_from(rounds).unwrap(),
    );
}

fn commit(criterion: &mut Criterion) {
    let ground = Ground::new();
    let journal = ground.open();
    let mut group = criterion.benchmark_group("commit");
    for events in [1, 100] {
        group.throughput(Throughput::Elements(events as u64));
        group.bench_function(format!("{events} events"), |bencher| {
            let record = |batch| journal.record_all(batch).unwrap().wait().unwrap();
            bencher.iter_batched(|| drafts(events), record, BatchSize::PerIteration);
        });
    }
    group.throughput(Throughput::Elements(64));
    group.bench_function("64 callers, an event each", |bencher| {
        bencher.iter(|| {
            let pending: Vec<_> = (0..64).map(|number| journal.record(draft(number)).unwrap()).collect();
            for event in pending {
                event.wait().unwrap();
            }
        });
    });
    group.finish();
}

/// A fold that keeps no snapshot: what reading alone takes.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Count(u64);

impl Fold for Count {
    const NAME: &'static str = "count";
    const VERSION: u32 = 1;

    fn apply(&mut self, _: &Event<'_>) {
        self.0 += 1;
    }
}

fn fold(criterion: &mut Criterion) {
    let ground = Ground::new();
    let journal = ground.open();
    for _ in 0..MILLION / 5_000 {
        journal.record_all(drafts(5_000)).unwrap().wait().unwrap();
    }
    drop(journal);
    println!("{MILLION} events in {} MB", ground.bytes() / 1_000_000);
    let apart = Command::new(std::env::current_exe().unwrap()).env(FOLD_HERE, ground.path()).output().unwrap();
    print!("{}", String::from_utf8_lossy(&apart.stdout));
    let mut group = criterion.benchmark_group("a million events");
    group.sample_size(10);
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            let mut count = Count::default();
            Reader::start(&ground.path()).unwrap().each(|event| count.apply(event)).unwrap()
        });
    });
    group.bench_function("folded", |bencher| {
        bencher.iter(|| {
            let mut summary = Summary::default();
            Reader::start(&ground.path()).unwrap().each(|event| summary.apply(event)).unwrap()
        });
    });
    group.bench_function("verified", |bencher| bencher.iter(|| verify(&ground.path(), &Heads::new()).unwrap()));
    let two = two_chains();
    group.bench_function("read, of two chains", |bencher| {
        bencher.iter(|| {
            let mut count = Count::default();
            Reader::start(&two.path()).unwrap().each(|event| count.apply(event)).unwrap()
        });
    });
    group.sample_size(100);
    group.bench_function("opened from the snapshot", |bencher| {
        bencher.iter(|| assert_eq!(Folded::<Summary>::open(&ground.path()).unwrap().fresh, 0));
    });
    group.finish();
}

/// As many events, of two hosts that have acted by turns.
fn two_chains() -> Ground {
    let ground = Ground::new();
    let hosts = [ground.open_as("one"), ground.open_as("two")];
    for turn in 0..MILLION / 1_000 {
        hosts[turn % 2].record_all(drafts(1_000)).unwrap().wait().unwrap();
    }
    ground
}

/// In a process of its own, so that its memory is the fold's.
fn fold_here(journal: &Path) {
    let start = Instant::now();
    let folded = Folded::<Summary>::open(journal).unwrap();
    let took = start.elapsed();
    let processor = processor();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    println!(
        "{} events folded and a snapshot written in {took:.2?} ({processor:.2?} of a processor); {peak}",
        folded.fresh
    );
}

fn main() {
    if let Some(journal) = std::env::var_os(FOLD_HERE) {
        return fold_here(Path::new(&journal));
    }
    let mut criterion = Criterion::default().configure_from_args();
    for (events, rounds) in [(1, 400), (20, 400), (100, 400), (1000, 100)] {
        side_by_side(events, rounds);
    }
    commit(&mut criterion);
    fold(&mut criterion);
    criterion.final_summary();
}
