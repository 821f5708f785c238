//! Elasticsearch as it was recorded: it cannot be had here.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lifeboat::systems::take::TakeError;

use super::cluster::{Cluster, Snapshot, fault};
use super::keeping::{Shelf, Trial};
use crate::systems::component;
use crate::systems::web::server::{Says, Server, page};

/// What a server answers.
type Answer = fn() -> Says;

const EXPORT: &str = "method = 'export'";
const ROOT: &str = r#"{"name":"n1","cluster_name":"logs","cluster_uuid":"u-1","version":{"number":"8.11.1"}}"#;

fn hit(number: usize) -> String {
    format!(
        r#"{{"_index":"audit-1","_id":"{number}","_score":null,"_source":{{"n":1.10,"t":"a\"b"}},"sort":[{number}]}}"#
    )
}

fn search(hits: &[usize], total: usize, failed: usize) -> Says {
    let hits: Vec<String> = hits.iter().copied().map(hit).collect();
    let shards = format!(r#"{{"total":1,"successful":1,"failed":{failed}}}"#);
    page(
        200,
        &format!(
            r#"{{"took":1,"timed_out":false,"pit_id":"p2","_shards":{shards},"hits":{{"total":{{"value":{total},"relation":"eq"}},"hits":[{}]}}}}"#,
            hits.join(",")
        ),
    )
}

/// Two pages of documents, of which `total` are said to be there.
async fn documents(total: usize, failed: usize) -> Server {
    let pages = Arc::new(AtomicUsize::new(0));
    Server::start(move |line| match line {
        line if line.starts_with("GET / ") => page(200, ROOT),
        line if line.starts_with("GET /audit-1 ") => page(200, r#"{"audit-1":{"mappings":{},"settings":{}}}"#),
        line if line.starts_with("GET /audit-1/_count") => page(200, r#"{"count":3}"#),
        line if line.starts_with("POST /audit-1/_pit?keep_alive=10m") => page(200, r#"{"id":"p1"}"#),
        line if line.starts_with("DELETE /_pit") => page(200, r#"{"succeeded":true,"num_freed":1}"#),
        line if line.starts_with("POST /_search") => match pages.fetch_add(1, Ordering::SeqCst) {
            0 => search(&[1, 2], total, failed),
            1 => search(&[3], total, 0),
            _ => search(&[], total, 0),
        },
        _ => page(404, r#"{"error":{"reason":"not recorded"}}"#),
    })
    .await
}

fn trial(server: &Server, settings: &str) -> Trial {
    Trial::new(&[component("audit", "elasticsearch", &server.url(), &format!("[component.elasticsearch]\n{settings}"))])
}

#[tokio::test]
async fn every_document_is_exported_as_it_was_written() {
    let server = documents(3, 0).await;
    let taken = trial(&server, "indexes = ['audit-1']").take("audit", EXPORT).await;
    assert_eq!(taken.account().counts["documents"], 3);
    assert_eq!(taken.account().identity.as_deref(), Some("u-1"));
    let text = taken.kept.text("ndjson");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], r#"{"index":{"_index":"audit-1","_id":"1"}}"#);
    assert_eq!((lines[1], lines.len()), (r#"{"n":1.10,"t":"a\"b"}"#, 6));
    assert!(taken.kept.text("json").contains("mappings"));
    let asked = server.asked();
    let second = asked.iter().filter(|asked| asked.starts_with("POST /_search")).nth(1).unwrap();
    assert!(second.contains(r#""search_after":[2]"#) && second.contains("p2"), "{second}");
    assert!(asked.iter().any(|asked| asked.starts_with("DELETE /_pit")));
}

#[tokio::test]
async fn a_document_or_a_shard_that_is_missing_is_an_error() {
    for (total, failed, words) in [(4, 0, "3 of 4 documents came"), (3, 1, "1 shards did not answer")] {
        let server = documents(total, failed).await;
        let taken = trial(&server, "indexes = ['audit-1']").take("audit", EXPORT).await;
        assert!(taken.error().contains(words), "{}", taken.error());
        assert_eq!(taken.kept.pieces.len(), 0);
        assert!(server.asked().iter().any(|asked| asked.starts_with("DELETE /_pit")), "what it keeps is given up");
    }
}

const WANTED: &str = "snapshot_repository = 'nightly'";

#[tokio::test]
async fn a_snapshot_counts_only_when_all_of_it_is_there() {
    let cluster = Cluster::start().await;
    let polls = Arc::new(AtomicUsize::new(0));
    cluster.says(move |line| {
        let is_begun = line.starts_with("GET /_snapshot") && polls.fetch_add(1, Ordering::SeqCst) < 2;
        let begun = || Snapshot { state: "IN_PROGRESS", ..Snapshot::default() };
        is_begun.then(|| page(200, &begun().listed("lifeboat-x")))
    });
    let taken = trial(&cluster.server, WANTED).take("audit", EXPORT).await;
    assert_eq!((taken.account().counts["indexes"], taken.account().counts["shards"]), (1, 2));
    let names = cluster.names();
    let deposit = taken.account().deposit.clone().unwrap();
    assert_eq!(
        (deposit.repository.as_str(), &[deposit.name][..], deposit.id.as_deref()),
        ("nightly", &names[..], Some("s-1"))
    );
    assert!(taken.kept.text("json").contains("\"uuid\": \"s-1\""));
    assert!(taken.leaves_out("they lie in the repository nightly"));
    assert!(cluster.asked("DELETE").is_empty());
    let error = trial(&cluster.server, "snapshot_repository = 'none'").take("audit", EXPORT).await.error();
    assert!(error.contains("[none] missing"), "{error}");
    let error = trial(&cluster.server, "").take("audit", EXPORT).await.error();
    assert!(error.contains("snapshot_repository"), "{error}");
}

/// One with the snapshots of others.
async fn shared(becomes: Snapshot) -> Cluster {
    let cluster = Cluster::start().await;
    cluster.becomes(becomes);
    for other in ["nightly-2024.11.18-abc", "lifeboat-20241118-020000-0badcafe"] {
        cluster.has(other, Snapshot::default());
    }
    cluster
}

#[track_caller]
fn has_only_others(cluster: &Cluster) {
    assert_eq!(cluster.names(), ["lifeboat-20241118-020000-0badcafe", "nightly-2024.11.18-abc"]);
    let begun =
        cluster.asked("PUT")[0].trim_start_matches("PUT ").trim_end_matches("?wait_for_completion=false").to_owned();
    assert_eq!(cluster.asked("DELETE"), [format!("DELETE {begun}")]);
}

#[tokio::test]
async fn what_is_not_whole_does_not_stay_in_its_repository() {
    for (state, failed) in [("PARTIAL", 1), ("FAILED", 2), ("INCOMPATIBLE", 0)] {
        let cluster = shared(Snapshot { state, failed, ..Snapshot::default() }).await;
        let taken = trial(&cluster.server, WANTED).take("audit", EXPORT).await;
        let error = taken.error();
        assert!(error.contains(state) && error.contains("no space left"), "{error}");
        assert!(!error.contains("may be there still"), "{error}");
        assert_eq!(taken.kept.pieces.len(), 0);
        has_only_others(&cluster);
    }
}

#[tokio::test]
async fn what_is_called_off_or_not_kept_does_not_stay_there_either() {
    let cluster = shared(Snapshot { state: "IN_PROGRESS", ..Snapshot::default() }).await;
    let waiting = trial(&cluster.server, WANTED);
    let stop = waiting.stop.clone();
    let called_off = async {
        while cluster.asked("PUT").is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        stop.cancel();
    };
    let (taken, ()) = tokio::join!(waiting.take("audit", EXPORT), called_off);
    assert!(matches!(taken.account, Err(TakeError::CalledOff { .. })), "{}", taken.error());
    has_only_others(&cluster);

    let cluster = shared(Snapshot::default()).await;
    let full = Shelf { stops_after: Some(3), ..Shelf::default() };
    let taken = trial(&cluster.server, WANTED).take_into(full, "audit", EXPORT).await;
    assert!(taken.account.is_err());
    has_only_others(&cluster);
}

#[tokio::test]
async fn what_cannot_be_deleted_is_told_by_its_name() {
    let answers: [(Answer, &str); 5] = [
        (|| fault(403, "security_exception", "is unauthorized"), "cluster privilege `manage`"),
        (|| fault(503, "concurrent_snapshot_execution_exception", "another one runs"), "another one runs"),
        (|| page(200, "<html>log in</html>"), "lists it still"),
        (|| page(404, "<html>no such page</html>"), "status 404"),
        (|| Says::HangUp, ""),
    ];
    for (answer, words) in answers {
        let cluster = shared(Snapshot { state: "PARTIAL", failed: 1, ..Snapshot::default() }).await;
        cluster.says(move |line| line.starts_with("DELETE").then(answer));
        let error = trial(&cluster.server, WANTED).take("audit", EXPORT).await.error();
        let name = cluster.names().into_iter().find(|name| !name.ends_with("-0badcafe")).unwrap();
        assert!(error.contains("PARTIAL") && error.contains(words), "{error}");
        let wanted =
            [format!("{name} in the repository nightly may be there still"), format!("_snapshot/nightly/{name}")];
        assert!(wanted.iter().all(|words| error.contains(words)), "{error}");
    }
}

#[tokio::test]
async fn what_was_never_begun_is_not_deleted_and_what_may_have_begun_is() {
    let refusals: [fn() -> Says; 4] = [
        || fault(400, "invalid_snapshot_name_exception", "snapshot with the same name already exists"),
        || fault(403, "security_exception", "is unauthorized"),
        || fault(404, "repository_missing_exception", "[nightly] missing"),
        || fault(503, "concurrent_snapshot_execution_exception", "a snapshot is already running"),
    ];
    for refusal in refusals {
        let cluster = Cluster::start().await;
        cluster.says(move |line| line.starts_with("PUT").then(refusal));
        let error = trial(&cluster.server, WANTED).take("audit", EXPORT).await.error();
        assert!(cluster.asked("DELETE").is_empty() && !error.contains("may be there still"), "{error}");
    }
    // The answer is lost on its way, and it begins all the same.
    let unsure: [fn() -> Says; 3] = [
        || page(504, "<html>too late</html>"),
        || Says::HangUp,
        || fault(503, "process_cluster_event_timeout_exception", "failed to process cluster event"),
    ];
    for answer in unsure {
        let cluster = Cluster::start().await;
        cluster.says(move |line| line.starts_with("PUT").then(answer));
        let error = trial(&cluster.server, WANTED).take("audit", EXPORT).await.error();
        assert_eq!(cluster.asked("DELETE").len(), 1, "{error}");
    }
    for repository in ["", "..", "*", "a,b"] {
        let cluster = Cluster::start().await;
        let settings = format!("snapshot_repository = '{repository}'");
        let error = trial(&cluster.server, &settings).take("audit", EXPORT).await.error();
        assert!(error.contains("no name of one repository"), "{error}");
        assert_eq!((cluster.asked("PUT").len(), cluster.asked("DELETE").len()), (0, 0));
    }
}

#[tokio::test]
async fn an_answer_that_fails_now_and_then_ends_nothing() {
    let cluster = Cluster::start().await;
    let polls = Arc::new(AtomicUsize::new(0));
    cluster.says(move |line| {
        let count = if line.starts_with("GET /_snapshot") { polls.fetch_add(1, Ordering::SeqCst) } else { 9 };
        match count {
            0 => Some(page(503, "<html>a node restarts</html>")),
            1 => Some(Says::HangUp),
            _ => None,
        }
    });
    let taken = trial(&cluster.server, WANTED).take("audit", EXPORT).await;
    assert_eq!(taken.account().counts["shards"], 2);
    assert!(cluster.asked("DELETE").is_empty());
    cluster.says(|line| line.starts_with("GET /_snapshot").then(|| page(200, "<html>log in</html>")));
    let error = trial(&cluster.server, WANTED).take("audit", EXPORT).await.error();
    assert!(error.contains("not what was asked for"), "{error}");
}
