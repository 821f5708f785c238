//! Every fault of the lab: a client sees it, and after its undo it is gone. One lab is shared, because a lab takes
//! longer to come up than a fault takes to be seen.

mod access;
mod applications;
mod archiving;
mod brokers;
mod caches;
mod certificates;
mod data;
mod journal;
mod names;
mod processes;
mod refused;
mod stores;

use std::collections::BTreeSet;
use std::sync::Mutex;

use lifeboat::lab::LabError;
use lifeboat::lab::faults::{self, Applied, FAULTS};

use super::test_lab::TestLab;

static TRIED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Applies a fault, and remembers that it was tried.
async fn fault(test: &TestLab, name: &str, target: Option<&str>) -> Applied {
    TRIED.lock().unwrap().insert(name.to_owned());
    eprintln!("{name} {}", target.unwrap_or_default());
    let applied = faults::apply(&test.folder(), name, target).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(test.status().faults.contains(&applied), "the status does not show {name}");
    applied
}

async fn undo(test: &TestLab, name: &str) {
    let undone = faults::undo(&test.folder(), Some(name), None).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(!undone.is_empty());
    assert!(!test.status().faults.iter().any(|one| one.fault == name), "{name} is still shown");
}

async fn refused(test: &TestLab, name: &str, target: Option<&str>) -> LabError {
    faults::apply(&test.folder(), name, target).await.expect_err("it should have been refused")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_whose_object_is_gone_is_over_and_keeps_nobody() {
    let test = TestLab::new();
    test.up().await;
    journal::all(&test).await;
    data::lost(&test).await;
    archiving::orphan(&test).await;
    applications::all(&test).await;
    processes::healed(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_seen_by_a_client_and_gone_after_its_undo() {
    let test = TestLab::new();
    test.up().await;
    refused::all(&test).await;
    access::all(&test).await;
    archiving::all(&test).await;
    names::all(&test).await;
    certificates::all(&test).await;
    stores::all(&test).await;
    brokers::all(&test).await;
    data::all(&test).await;
    caches::all(&test).await;
    processes::all(&test).await;
    let known: BTreeSet<String> = FAULTS.iter().map(|fault| fault.name.to_owned()).collect();
    assert_eq!(*TRIED.lock().unwrap(), known, "every fault has its test");
}
