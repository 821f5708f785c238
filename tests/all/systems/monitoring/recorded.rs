//! Elasticsearch and Grafana are not in Debian: these tests play back answers as the official documentation of
//! Elasticsearch 8 (cluster health, cat allocation, cat indices, get snapshot) and of Grafana 10 (health, alerts of
//! the built-in Alertmanager) shows them, shortened. They prove how answers are read, not that servers give them.

use lifeboat::plan::facts::Verdict;
use lifeboat::systems::Reading;

use super::{count, rows};
use crate::systems::asking::{Asker, shown};
use crate::systems::web::server::{Says, Server, page};

const ROOT: &str = r#"{"name":"instance-0000000000","cluster_name":"my_test_cluster","version":{"number":"8.17.0",
    "build_flavor":"default"},"tagline":"You Know, for Search"}"#;

fn health(status: &str, nodes: u32, unassigned: u32) -> String {
    format!(
        r#"{{"cluster_name":"testcluster","status":"{status}","timed_out":false,"number_of_nodes":{nodes},
        "number_of_data_nodes":{nodes},"active_primary_shards":1,"active_shards":1,"relocating_shards":0,
        "initializing_shards":0,"unassigned_shards":{unassigned},"delayed_unassigned_shards":0,
        "number_of_pending_tasks":0,"number_of_in_flight_fetch":0,"task_max_waiting_in_queue_millis":0,
        "active_shards_percent_as_number":50.0}}"#
    )
}

const ALLOCATION: &str = r#"[{"node":"CSUXak2","disk.percent":"49"},{"node":"node-2","disk.percent":"91"},
    {"node":"UNASSIGNED","disk.percent":null}]"#;
const INDICES: &str = r#"[{"index":"audit-2024.11","health":"yellow","status":"open"},
    {"index":"my-index","health":"green","status":"open"}]"#;

fn snapshots(state: &str) -> String {
    format!(
        r#"{{"snapshots":[{{"snapshot":"running","uuid":"x","repository":"my_repository","state":"IN_PROGRESS",
        "start_time":"2020-07-06T22:00:00.000Z","start_time_in_millis":1594072800000}},
        {{"snapshot":"snapshot_2","uuid":"vdRctLCxSketdKb54xw67g","repository":"my_repository","version":"8.17.0",
        "indices":[],"data_streams":[],"include_global_state":true,"state":"{state}",
        "start_time":"2020-07-06T21:55:18.129Z","start_time_in_millis":1594072518129,
        "end_time":"2020-07-06T21:55:18.129Z","end_time_in_millis":1594072518129,"duration_in_millis":0,"failures":[],
        "shards":{{"total":0,"failed":0,"successful":0}}}}],"total":2,"remaining":0}}"#
    )
}

fn elasticsearch(line: &str, health: &str, snapshots: &str) -> Says {
    match line.split(' ').nth(1).unwrap().split('?').next().unwrap() {
        "/" => page(200, ROOT),
        "/_cluster/health" => page(200, health),
        "/_cat/allocation" => page(200, ALLOCATION),
        "/_cat/indices" => page(200, INDICES),
        "/_snapshot/my_repository/_all" => page(200, snapshots),
        _ => page(404, "{}"),
    }
}

const SETTINGS: &str = "nodes = 3\n[component.elasticsearch]\nsnapshot_repository = 'my_repository'\n\
    indexes = ['audit-*', 'application-*']";

#[tokio::test]
async fn a_yellow_cluster_is_degraded_and_told_with_all_its_facts() {
    let server = Server::start(|line| elasticsearch(line, &health("yellow", 2, 1), &snapshots("SUCCESS"))).await;
    let mut asker = Asker::of("logs", "elasticsearch", &server.url(), SETTINGS);
    let (reading, rare) = (asker.vital().await, asker.rare().await);
    assert_eq!((reading.verdict, rare.verdict), (Verdict::Degraded, Verdict::Degraded), "{reading:#?}");
    assert_eq!(reading.identity, "Elasticsearch 8.17.0, cluster testcluster");
    let counts = ["nodes", "nodes_missing", "shards_unassigned"].map(|name| count(&reading, name));
    assert_eq!((counts, count(&rare, "indexes_missing")), ([2, 1, 1].map(Some), Some(1)));
    assert_eq!(["version", "status"].map(|name| shown(&reading, name)), ["8.17.0", "yellow"]);
    let texts = ["disk", "snapshot", "last_snapshot"].map(|name| shown(&rare, name));
    assert_eq!(texts, ["91%", "whole", "2020-07-06T21:55:18.129Z"]);
    let says = |words: &str| rare.reasons.iter().any(|reason| reason.sentence.contains(words));
    assert!(says("there is no index application-*") && says("disk in use: 91%, more than 85%"), "{reading:#?}");
    assert_eq!(rows(&rare, "Indexes").len(), 1);
}

#[tokio::test]
async fn a_red_one_is_down_and_a_bad_snapshot_is_told() {
    let server = Server::start(|line| elasticsearch(line, &health("red", 3, 9), &snapshots("PARTIAL"))).await;
    let mut asker = Asker::of("logs", "elasticsearch", &server.url(), SETTINGS);
    let (reading, rare) = (asker.vital().await, asker.rare().await);
    assert_eq!(reading.verdict, Verdict::Down);
    assert_eq!(shown(&rare, "snapshot"), "partial");
    assert!(rare.reasons.iter().any(|reason| reason.sentence == "its last snapshot, snapshot_2, is not whole"));
    let empty = r#"{"snapshots":[],"total":0,"remaining":0}"#;
    let server = Server::start(|line| elasticsearch(line, &health("green", 3, 0), empty)).await;
    let rare = Asker::of("logs", "elasticsearch", &server.url(), SETTINGS).rare().await;
    assert_eq!(shown(&rare, "snapshot"), "none", "{rare:#?}");
}

#[tokio::test]
async fn what_a_login_may_not_see_is_said() {
    let server = Server::start(|line| match line {
        line if line.contains("_cluster/health") => page(200, &health("green", 1, 0)),
        _ => page(403, r#"{"error":{"type":"security_exception"},"status":403}"#),
    })
    .await;
    let mut asker = Asker::of("logs", "elasticsearch", &server.url(), "");
    let (reading, rare) = (asker.vital().await, asker.rare().await);
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    let unseen = |reading: &Reading| reading.facts.unseen().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(
        (unseen(&reading), unseen(&rare)),
        (vec!["version".to_owned()], vec!["disk".to_owned(), "snapshot".to_owned()])
    );
    let server = Server::start(|_| page(401, "{}")).await;
    let reading = Asker::of("logs", "elasticsearch", &server.url(), "").vital().await;
    assert_eq!((reading.verdict, shown(&reading, "connection").as_str()), (Verdict::Unknown, "denied"));
    let server = Server::start(|_| page(503, r#"{"error":"no master"}"#)).await;
    let reading = Asker::of("logs", "elasticsearch", &server.url(), "").vital().await;
    assert_eq!(reading.verdict, Verdict::Down);
}

const ALERTS: &str = r#"[{"annotations":{"summary":"disk is full"},"endsAt":"2023-11-18T12:04:00.000Z",
    "fingerprint":"5a1b","receivers":[{"name":"grafana-default-email"}],"startsAt":"2023-11-18T11:00:00.000Z",
    "status":{"inhibitedBy":[],"silencedBy":[],"state":"active"},"updatedAt":"2023-11-18T12:00:00.000Z",
    "generatorURL":"http://localhost:3000/alerting","labels":{"alertname":"DiskFull","severity":"critical"}}]"#;

#[tokio::test]
async fn grafana_tells_its_health_and_its_alerts() {
    let server = Server::start(|line| match line {
        line if line.contains("/api/health") => {
            page(200, "{\n  \"commit\": \"8bf8238bb4\",\n  \"database\": \"ok\",\n  \"version\": \"10.4.2\"\n}")
        }
        line if line.contains("/api/alertmanager/grafana/api/v2/alerts") => page(200, ALERTS),
        _ => page(404, "{}"),
    })
    .await;
    let reading = Asker::of("boards", "grafana", &server.url(), "").vital().await;
    assert_eq!((reading.verdict, reading.identity.as_str()), (Verdict::Healthy, "Grafana 10.4.2"));
    assert_eq!((shown(&reading, "database").as_str(), count(&reading, "alerts_firing")), ("ok", Some(1)));
    assert_eq!(rows(&reading, "Alerts")[0][0], "DiskFull");
}

#[tokio::test]
async fn grafana_without_its_database_is_down_and_without_a_login_tells_no_alerts() {
    let failing = r#"{"commit":"8bf8238bb4","database":"failing","version":"10.4.2"}"#;
    let server = Server::start(move |_| page(503, failing)).await;
    let reading = Asker::of("boards", "grafana", &server.url(), "").vital().await;
    assert_eq!((reading.verdict, reading.reason()), (Verdict::Down, "its own database does not work"));
    let server = Server::start(|line| match line {
        line if line.contains("/api/health") => page(200, r#"{"database":"ok","version":"10.4.2"}"#),
        _ => page(401, r#"{"message":"Unauthorized"}"#),
    })
    .await;
    let reading = Asker::of("boards", "grafana", &server.url(), "").vital().await;
    assert_eq!(reading.verdict, Verdict::Healthy);
    assert!(reading.facts.unseen().any(|(name, why)| name == "alerts_firing" && why.contains("does not let us in")));
}

#[tokio::test]
async fn pages_that_are_none_of_theirs_are_strange() {
    for kind in ["elasticsearch", "grafana"] {
        let server = Server::start(|_| page(200, "<html>a captive portal</html>")).await;
        let reading = Asker::of("x", kind, &server.url(), "").vital().await;
        assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
        assert!(reading.reason().contains("answers, and not as"), "{reading:#?}");
    }
}
