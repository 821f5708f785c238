//! kill -9 at random instants, under load from several processes: no acknowledged event is lost, none is
//! there twice, and the chain is whole.

use std::collections::HashMap;
use std::time::Duration;

use lifeboat::journal::Note;

use super::ground::{Ground, full, read, record};
use super::writer::{Orders, Process};

/// Evenly spread and the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[test]
fn killed_at_any_instant_nothing_acknowledged_is_lost_or_repeated() {
    const PROCESSES: usize = 3;
    let kills = if full() { 1_000 } else { 200 };
    let ground = Ground::new();
    let mut dice = Dice(42);
    let mut acknowledged = Vec::new();
    let start = |number: usize| -> Process {
        let orders = Orders { threads: 3, ..Orders::new(ground.state.path(), &format!("p{number}")) };
        orders.start()
    };
    let mut running: Vec<Process> = (0..PROCESSES).map(start).collect();
    for kill in 0..kills {
        // Whole lives from the first system call to a few hundred events.
        std::thread::sleep(Duration::from_micros(dice.below(if kill % 4 == 0 { 20_000 } else { 60_000 })));
        let victim = usize::try_from(dice.below(PROCESSES as u64)).unwrap();
        let next = start(PROCESSES + kill);
        acknowledged.extend(std::mem::replace(&mut running[victim], next).kill());
    }
    for process in running {
        acknowledged.extend(process.kill());
    }
    // The next writer sets aside what the last one left.
    record(&ground.open(), 1);

    let mut found: HashMap<String, usize> = HashMap::new();
    for subject in
        read(&ground.journal(), |event| (event.kind == "trial.done").then(|| event.subject.clone().into_owned()))
    {
        *found.entry(subject).or_default() += 1;
    }
    assert!(acknowledged.len() > kills, "the trial needs load: {}", acknowledged.len());
    let lost: Vec<&String> = acknowledged.iter().filter(|id| !found.contains_key(*id)).collect();
    assert_eq!(lost, Vec::<&String>::new(), "of {}", acknowledged.len());
    let twice: Vec<_> = found.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let report = ground.verify();
    assert!(report.is_whole(), "{report:#?}");
    let aside = report.chains[0].notes.iter().filter(|note| matches!(note, Note::SetAside { .. })).count();
    println!(
        "{kills} kills, {} acknowledged of {} written in {} segments, {aside} tails set aside",
        acknowledged.len(),
        found.len(),
        report.chains[0].segments
    );
}
