//! Elasticsearch as it was recorded: it cannot be had here.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::keeping::Trial;
use crate::systems::component;
use crate::systems::web::server::{Says, Server, page};

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

async fn snapshots(end: &'static str) -> Server {
    let polls = Arc::new(AtomicUsize::new(0));
    Server::start(move |line| match line {
        line if line.starts_with("GET / ") => page(200, ROOT),
        line if line.starts_with("PUT /_snapshot/nightly/lifeboat-") => page(200, r#"{"accepted":true}"#),
        line if line.starts_with("GET /_snapshot/nightly/lifeboat-") => {
            let state = if polls.fetch_add(1, Ordering::SeqCst) < 2 { "IN_PROGRESS" } else { end };
            page(
                200,
                &format!(
                    r#"{{"snapshots":[{{"snapshot":"s","uuid":"x","indices":["audit-1"],"state":"{state}","failures":[{{"reason":"disk"}}],"shards":{{"total":2,"failed":0,"successful":2}}}}]}}"#
                ),
            )
        }
        _ => page(404, r#"{"error":{"reason":"no such repository"}}"#),
    })
    .await
}

#[tokio::test]
async fn a_snapshot_counts_only_when_all_of_it_is_there() {
    let server = snapshots("SUCCESS").await;
    let taken = trial(&server, "snapshot_repository = 'nightly'").take("audit", EXPORT).await;
    assert_eq!((taken.account().counts["indexes"], taken.account().counts["shards"]), (1, 2));
    assert!(taken.kept.text("json").contains("\"uuid\": \"x\""));
    assert!(taken.leaves_out("they lie in the repository nightly"));
    for end in ["PARTIAL", "FAILED"] {
        let server = snapshots(end).await;
        let taken = trial(&server, "snapshot_repository = 'nightly'").take("audit", EXPORT).await;
        assert!(taken.error().contains(end) && taken.error().contains("disk"), "{}", taken.error());
        assert_eq!(taken.kept.pieces.len(), 0);
    }
    let server = snapshots("SUCCESS").await;
    let error = trial(&server, "snapshot_repository = 'none'").take("audit", EXPORT).await.error();
    assert!(error.contains("no such repository"), "{error}");
    let error = trial(&server, "").take("audit", EXPORT).await.error();
    assert!(error.contains("snapshot_repository"), "{error}");
}
