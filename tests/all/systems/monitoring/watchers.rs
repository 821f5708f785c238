//! A real Prometheus that warns a real Alertmanager.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use lifeboat::plan::facts::Verdict;
use serde_json::json;
use tempfile::TempDir;

use super::{count, rows};
use crate::systems::asking::{Asker, shown};

/// A server of the test's own.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(program: &str, arguments: &[String], folder: &Path) -> Started {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Started(command.spawn().unwrap())
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn alertmanager(folder: &TempDir) -> (Started, String) {
    let port = free_port();
    let path = folder.path().join("alertmanager.yml");
    std::fs::write(&path, "route:\n  receiver: nobody\n  group_wait: 0s\nreceivers:\n  - name: nobody\n").unwrap();
    let arguments = [
        format!("--config.file={}", path.display()),
        format!("--storage.path={}", folder.path().join("am").display()),
        format!("--web.listen-address=127.0.0.1:{port}"),
        "--cluster.listen-address=".to_owned(),
    ];
    (start("/usr/bin/prometheus-alertmanager", &arguments, folder.path()), format!("127.0.0.1:{port}"))
}

fn prometheus(folder: &TempDir, alertmanager: Option<&str>) -> (Started, String) {
    let port = free_port();
    let rules = "groups:\n  - name: trial\n    interval: 200ms\n    rules:\n\
                 \x20     - alert: SomethingIsDown\n        expr: up == 0\n        labels: { severity: critical }\n\
                 \x20       annotations: { summary: \"it is gone \\x1b[2J\" }\n\
                 \x20     - alert: Broken\n        expr: up * on (instance) group_left(a) (label_replace(up, \"a\", \"1\", \"\", \"\") or label_replace(up, \"a\", \"2\", \"\", \"\"))\n";
    std::fs::write(folder.path().join("rules.yml"), rules).unwrap();
    let alerting = alertmanager.map_or_else(String::new, |at| {
        format!("alerting:\n  alertmanagers:\n    - static_configs:\n        - targets: ['{at}']\n")
    });
    let configuration = format!(
        "global: {{ scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms }}\n\
         rule_files: ['rules.yml']\n{alerting}scrape_configs:\n  - job_name: itself\n    static_configs:\n\
         \x20     - targets: ['127.0.0.1:{port}', '127.0.0.1:1']\n"
    );
    let path = folder.path().join("prometheus.yml");
    std::fs::write(&path, configuration).unwrap();
    let arguments = [
        format!("--config.file={}", path.display()),
        format!("--storage.tsdb.path={}", folder.path().join("tsdb").display()),
        format!("--web.listen-address=127.0.0.1:{port}"),
    ];
    (start("/usr/bin/prometheus", &arguments, folder.path()), format!("127.0.0.1:{port}"))
}

#[tokio::test]
async fn what_they_watch_and_warn_of_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (_manager, manager) = alertmanager(&folder);
    let (_prometheus, prometheus) = prometheus(&folder, Some(&manager));
    let mut asker = Asker::of("prometheus", "prometheus", &format!("http://{prometheus}"), "");
    let reading = asker
        .until("its alert fires", |reading| {
            count(reading, "alerts_firing") == Some(1)
                && count(reading, "alertmanagers") == Some(1)
                && count(reading, "targets_down") == Some(1)
        })
        .await;
    assert_eq!(reading.verdict, Verdict::Degraded, "{reading:#?}");
    assert!(reading.identity.starts_with("Prometheus 2."), "{}", reading.identity);
    assert_eq!(count(&reading, "targets"), Some(2));
    assert!(count(&reading, "rules_failing").is_some() && reading.fact("version").is_some());
    assert!(rows(&reading, "Targets down")[0][1].contains("127.0.0.1:1"), "{reading:#?}");
    assert_eq!(rows(&reading, "Alerts")[0][..2], ["SomethingIsDown".to_owned(), "critical".to_owned()]);
    assert_eq!(rows(&reading, "Alerts")[0][4], "it is gone \\x1b[2J");

    let mut asker = Asker::of("alertmanager", "alertmanager", &format!("http://{manager}"), "");
    let reading = asker.until("it was told", |reading| count(reading, "alerts_critical") == Some(1)).await;
    assert_eq!(reading.verdict, Verdict::Healthy, "alerts are facts, no verdict on who tells them: {reading:#?}");
    assert!(reading.identity.starts_with("Alertmanager 0."), "{}", reading.identity);
    assert_eq!((shown(&reading, "cluster").as_str(), count(&reading, "silences")), ("disabled", Some(0)));
    let now = chrono::Utc::now();
    let silence = json!({
        "matchers": [{ "name": "alertname", "value": "SomethingIsDown", "isRegex": false }],
        "startsAt": now.to_rfc3339(), "endsAt": (now + chrono::TimeDelta::hours(1)).to_rfc3339(),
        "createdBy": "ada", "comment": "we know \u{202e}",
    });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(format!("http://{manager}/api/v2/silences")).json(&silence).send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    let reading = asker.until("it is silent", |reading| count(reading, "alerts_silenced") == Some(1)).await;
    let counts = ["silences", "alerts_firing", "alerts_critical"].map(|name| count(&reading, name));
    assert_eq!(counts, [Some(1), Some(0), Some(0)]);
    assert_eq!(rows(&reading, "Silences")[0][..3], ["alertname=SomethingIsDown", "ada", "we know \\u{202e}"]);
}

#[tokio::test]
async fn one_that_warns_nobody_is_degraded_and_one_that_is_not_there_down() {
    let folder = tempfile::tempdir().unwrap();
    let (server, address) = prometheus(&folder, None);
    let mut asker = Asker::of("prometheus", "prometheus", &format!("http://{address}"), "");
    let reading = asker.until("it is ready", |reading| count(reading, "alertmanagers") == Some(0)).await;
    let says = |words: &str| reading.reasons.iter().any(|reason| reason.sentence == words);
    assert!(says("alertmanagers it tells: 0, less than 1"), "{reading:#?}");
    drop(server);
    let reading = asker.vital().await;
    assert_eq!((reading.verdict, shown(&reading, "connection").as_str()), (Verdict::Down, "refused"), "{reading:#?}");
}
