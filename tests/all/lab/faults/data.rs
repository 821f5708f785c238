//! What the database holds is gone or damaged.

use lifeboat::lab::faults::{self, Applied};
use lifeboat::lab::{FaultError, LabError};

use super::{TestLab, fault, undo};

pub async fn all(test: &TestLab) {
    let make = |name: &str, rows: u32| {
        format!(
            "CREATE TABLE {name} (id int PRIMARY KEY, note text); \
             INSERT INTO {name} SELECT n, repeat('lifeboat ', 20) FROM generate_series(1, {rows}) n"
        )
    };
    for name in ["probe_dropped", "probe_thinned", "probe_flipped", "probe_zeroed", "probe_indexed", "\"Probe parent\""]
    {
        test.ask("primary", &make(name, 2_000)).await.unwrap();
    }
    test.ask("primary", "CREATE TABLE probe_child (id int, parent int REFERENCES \"Probe parent\")").await.unwrap();
    test.ask("primary", "INSERT INTO probe_child SELECT n, n FROM generate_series(1, 1000) n").await.unwrap();

    fault(test, "drop-table", Some("probe_dropped")).await;
    let why = test.ask("primary", "SELECT count(*) FROM probe_dropped").await.unwrap_err();
    assert!(why.contains("does not exist"), "{why}");

    fault(test, "delete-rows", Some("probe_thinned")).await;
    assert_eq!(test.count("primary", "SELECT count(*) FROM probe_thinned").await, 1_000);

    fault(test, "break-foreign-key", Some("probe_child")).await;
    let orphans =
        "SELECT count(*) FROM probe_child c WHERE NOT EXISTS (SELECT FROM \"Probe parent\" p WHERE p.id = c.parent)";
    assert_eq!(test.count("primary", orphans).await, 5);

    damaged(test, "flip-bytes", "probe_flipped", "invalid page").await;
    damaged(test, "break-index", "probe_indexed", "invalid page").await;

    fault(test, "zero-page", Some("probe_zeroed")).await;
    let rows = test.count("primary", "SELECT count(note) FROM probe_zeroed").await;
    assert!((1..2_000).contains(&rows), "a zeroed page loses its rows without an error: {rows}");
    undo(test, "zero-page").await;
    assert_eq!(test.count("primary", "SELECT count(note) FROM probe_zeroed").await, 2_000);
}

/// A fault whose undo has nothing to work on any more does not keep the others from being undone.
pub async fn lost(test: &TestLab) {
    let kept = || std::fs::read_dir(test.folder().join("kept")).map_or(0, Iterator::count);
    let before = kept();
    test.ask("primary", "CREATE TABLE probe_lost AS SELECT n, repeat('x', 200) FROM generate_series(1, 500) n")
        .await
        .unwrap();
    fault(test, "lag-standby", None).await;
    fault(test, "flip-bytes", Some("probe_lost")).await;
    let error = super::refused(test, "zero-page", Some("probe_lost")).await;
    assert_eq!(error.to_string(), "flip-bytes probe_lost is in force already");
    test.ask("primary", "DROP TABLE probe_lost").await.unwrap();
    let error = faults::undo(&test.folder(), None, None).await.unwrap_err();
    let FaultError::NotAll { undone, failed } = fault_error(error) else { panic!("not all could be undone") };
    assert_eq!(undone, ["lag-standby"]);
    assert!(failed[0].starts_with("flip-bytes probe_lost: the damage in "), "{failed:?}");
    assert!(!test.status().faults.iter().any(Applied::can_be_undone), "it can never be undone");
    assert_eq!(kept(), before, "what was kept for it is not needed any more");
}

fn fault_error(error: LabError) -> FaultError {
    match error {
        LabError::Fault(error) => error,
        error => panic!("{error}"),
    }
}

async fn damaged(test: &TestLab, name: &str, table: &str, message: &str) {
    // Through the index where that is what is damaged, through the table where that is.
    let question = match name {
        "break-index" => format!("SET enable_seqscan = off; SELECT note FROM {table} ORDER BY id LIMIT 1"),
        _ => format!("SELECT count(note) FROM {table}"),
    };
    fault(test, name, Some(table)).await;
    let why = test.ask("primary", &question).await.unwrap_err();
    assert!(why.contains(message), "{why}");
    undo(test, name).await;
    test.ask("primary", &question).await.unwrap();
}
