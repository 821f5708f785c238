//! What programs of the plan export.

use lifeboat::vault::Sort;

use super::keeping::{Shelf, Trial};
use crate::systems::component;

fn trial() -> Trial {
    Trial::new(&[component("memory", "http", "http://127.0.0.1:1", "")])
}

#[tokio::test]
async fn what_a_program_prints_is_kept() {
    let job = "method = 'export'\nrun = ['sh', '-c', 'echo {\\\"a\\\":1}; echo {\\\"a\\\":2}; echo 2 exported >&2']";
    let taken = trial().take("memory", job).await;
    assert_eq!(taken.account().counts["lines"], 2, "{:#?}", taken.account());
    assert_eq!(taken.kept.text("ndjson"), "{\"a\":1}\n{\"a\":2}\n");
    assert_eq!(taken.kept.piece("ndjson").0.sort, Sort::Export);
    let is_kept = taken.account().about.values().any(|kept| kept == "2 exported");
    assert!(!is_kept, "what it says beside that may be a secret");
    let cut = trial().take("memory", "method = 'export'\nrun = ['printf', '{\"a\":1}\\n{\"a\"']").await;
    assert!(cut.error().contains("is no JSON behind"), "{}", cut.error());
    let large = "method = 'log'\nrun = ['head', '-c', '5000000', '/dev/zero']";
    let taken = trial().take("memory", large).await;
    assert_eq!((taken.account().counts["bytes"], taken.kept.piece("bin").1.len()), (5_000_000, 5_000_000));
}

#[tokio::test]
async fn what_fails_or_says_nothing_has_exported_nothing() {
    for (script, words) in [
        ("echo half; echo the disk is full >&2; exit 3", "the disk is full"),
        ("exit 4", "exit code 4"),
        ("true", "printed nothing"),
        ("echo half; kill -9 $$", "signal 9"),
    ] {
        let taken = trial().take("memory", &format!("run = ['sh', '-c', '{script}']")).await;
        assert!(taken.error().contains(words), "{script}: {}", taken.error());
        assert_eq!(taken.kept.pieces.len(), 0, "{script}");
    }
    let taken = trial().take("memory", "run = ['no-such-program-of-ours']").await;
    assert!(taken.error().contains("no-such-program-of-ours"), "{}", taken.error());
}

#[tokio::test]
async fn who_calls_it_off_ends_the_program() {
    let trial = trial();
    let stop = trial.stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        stop.cancel();
    });
    let taken = trial.take("memory", "run = ['sh', '-c', 'echo first; sleep 100']").await;
    assert!(taken.error().contains("cancelled"), "{}", taken.error());
    let shelf = Shelf { stops_after: Some(10), ..Shelf::default() };
    let taken = self::trial().take_into(shelf, "memory", "run = ['yes']").await;
    assert!(taken.error().contains("called off"), "{}", taken.error());
}
