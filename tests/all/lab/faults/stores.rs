//! The store is full, or what lies in it is damaged.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::super::test_lab::until;
use super::{TestLab, fault, undo};

const ARCHIVED: &str = "SELECT archived_count FROM pg_stat_archiver";
const FAILED: &str = "SELECT failed_count FROM pg_stat_archiver";
const SWITCH: &str = "SELECT pg_create_restore_point('probe'), pg_switch_wal()";

fn digest(path: &PathBuf) -> Vec<u8> {
    Sha256::digest(std::fs::read(path).unwrap()).to_vec()
}

pub async fn all(test: &TestLab) {
    let archived = test.count("primary", ARCHIVED).await;
    test.ask("primary", SWITCH).await.unwrap();
    until("a segment is archived", async || test.count("primary", ARCHIVED).await > archived).await;
    let name = test.ask("primary", "SELECT last_archived_wal FROM pg_stat_archiver").await.unwrap();
    let target = format!("postgres/wal/{name}");
    let path = test.folder().join("sites/primary/backups").join(&target);
    let (whole, length) = (digest(&path), path.metadata().unwrap().len());

    fault(test, "truncate-backup", Some(&target)).await;
    assert_eq!(path.metadata().unwrap().len(), length / 2);
    undo(test, "truncate-backup").await;
    assert_eq!(digest(&path), whole);

    fault(test, "corrupt-backup", Some(&target)).await;
    assert_eq!(path.metadata().unwrap().len(), length);
    assert_ne!(digest(&path), whole);
    undo(test, "corrupt-backup").await;
    assert_eq!(digest(&path), whole);

    full(test).await;
}

async fn full(test: &TestLab) {
    if !rustix::process::geteuid().is_root() {
        super::TRIED.lock().unwrap().insert("fill-store".to_owned());
        return;
    }
    let (archived, failed) = (test.count("primary", ARCHIVED).await, test.count("primary", FAILED).await);
    fault(test, "fill-store", Some("primary")).await;
    test.ask("primary", SWITCH).await.unwrap();
    until("archiving fails", async || test.count("primary", FAILED).await > failed).await;
    assert_eq!(test.count("primary", ARCHIVED).await, archived);
    undo(test, "fill-store").await;
    until("archiving works again", async || test.count("primary", ARCHIVED).await > archived).await;
    let name = test.ask("primary", "SELECT last_archived_wal FROM pg_stat_archiver").await.unwrap();
    assert!(test.folder().join("sites/primary/backups/postgres/wal").join(name).exists());
}
