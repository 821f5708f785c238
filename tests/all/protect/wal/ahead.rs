//! What waits behind a segment is kept with it, and answered for at once when its turn comes.

use std::path::{Path, PathBuf};

use super::{DB, kept, name, place, run, segments};
use crate::support::program::Home;

/// The folder of a server's log with these segments, all waiting.
fn waiting(home: &Home, files: &[PathBuf]) -> Vec<PathBuf> {
    let folder = home.path().join("pg_wal");
    std::fs::create_dir_all(folder.join("archive_status")).unwrap();
    let put = |file: &PathBuf| {
        let path = folder.join(name(file));
        std::fs::copy(file, &path).unwrap();
        std::fs::write(folder.join(format!("archive_status/{}.ready", name(file))), "").unwrap();
        path
    };
    files.iter().map(put).collect()
}

fn push(home: &Home, file: &Path) -> crate::support::program::Ran {
    run(home, &format!("push {}", file.display()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_kept_together_and_answered_for_in_its_turn() {
    let (_server, _folder, files) = segments(5).await;
    let home = place(DB, "");
    let files = waiting(&home, &files);
    assert_eq!(push(&home, &files[0]).code, Some(0));
    for file in &files {
        for store in ["local", "second"] {
            let there = zstd::decode_all(std::fs::File::open(kept(&home, store, file)).unwrap()).unwrap();
            assert!(there == std::fs::read(file).unwrap(), "{} in {store}", name(file));
        }
    }
    // No store is asked again: both are away.
    for store in ["local", "second"] {
        std::fs::rename(home.path().join(store), home.path().join(format!("{store}-away"))).unwrap();
    }
    assert_eq!(push(&home, &files[1]).code, Some(0));
    assert_eq!(push(&home, &files[1]).code, Some(1), "it is answered for once");
    // Nor is what has changed since answered for.
    let bytes = std::fs::read(&files[2]).unwrap();
    std::fs::write(&files[2], &bytes).unwrap();
    let ran = push(&home, &files[2]);
    assert!(ran.code == Some(1) && ran.err.contains("no store has taken"), "{ran:?}");
    // What is not waited for any more is forgotten.
    let notes = || std::fs::read_dir(home.path().join("state/wal/postgres")).unwrap().count();
    let before = notes();
    std::fs::remove_file(home.path().join(format!("pg_wal/archive_status/{}.ready", name(&files[3])))).unwrap();
    assert_eq!(push(&home, &files[2]).code, Some(1));
    assert!(notes() < before, "{before}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_one_that_waits_is_told_in_its_turn() {
    let (_server, _folder, files) = segments(3).await;
    let home = place(DB, "");
    let files = waiting(&home, &files);
    let other = std::fs::read(&files[2]).unwrap();
    std::fs::write(&files[1], other).unwrap();
    assert_eq!(push(&home, &files[0]).code, Some(0));
    let ran = push(&home, &files[1]);
    assert!(ran.code == Some(4) && ran.err.contains("it is the segment that begins at"), "{ran:?}");
    assert!(!kept(&home, "local", &files[1]).exists());
    assert_eq!(push(&home, &files[2]).code, Some(0));
}
