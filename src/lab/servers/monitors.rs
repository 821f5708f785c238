//! Prometheus, which watches the applications, and the Alertmanager that it tells. Both are outside the sites, since
//! monitoring has to live through the loss of one.

use std::time::Duration;

use serde_json::{Value, json};

use crate::lab::context::Lab;
use crate::lab::launch::Launch;
use crate::lab::{LabError, Role, ServerId, Site, files};

/// Often enough that an alert fires while one looks on.
const EVERY: &str = "2s";
/// How long something must be so before an alert fires.
const HOLDS: &str = "4s";

const PROMETHEUS: ServerId = ServerId::new(Site::Outside, Role::Prometheus);
const ALERTMANAGER: ServerId = ServerId::new(Site::Outside, Role::Alertmanager);

/// Writes their configuration at each start: as JSON, which is YAML too and knows how to quote.
pub(super) fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let folder = lab.layout.server(server);
    let write =
        |name: &str, value: &Value| files::write_json(&folder.join(name), value, 0o600, lab.record.account.as_ref());
    if server == ALERTMANAGER {
        return write("alertmanager.yml", &routes());
    }
    write("alerts.yml", &alerts())?;
    write("prometheus.yml", &scraped(lab))
}

fn scraped(lab: &Lab) -> Value {
    let itself = |server: ServerId| json!({ "job_name": server.name(), "static_configs": [{ "targets": [lab.address(server).to_string()] }] });
    let applications = |site: Site| {
        let targets = lab.all_of(site, Role::App).into_iter().map(|app| {
            json!({ "targets": [lab.address(app).to_string()], "labels": { "site": site.name(), "app": app.name() } })
        });
        json!({
            "job_name": format!("applications-{site}"),
            "scheme": "https",
            "tls_config": { "ca_file": lab.layout.certificates(site).join("ca.pem") },
            "static_configs": targets.collect::<Vec<_>>(),
        })
    };
    json!({
        "global": { "scrape_interval": EVERY, "scrape_timeout": EVERY, "evaluation_interval": EVERY },
        "rule_files": ["alerts.yml"],
        "alerting": { "alertmanagers": [{ "static_configs": [{ "targets": [lab.address(ALERTMANAGER).to_string()] }] }] },
        "scrape_configs": [
            itself(PROMETHEUS), itself(ALERTMANAGER), applications(Site::Primary), applications(Site::Dr),
        ],
    })
}

fn alerts() -> Value {
    let rule = |name: &str, expression: &str, severity: &str, summary: &str| {
        json!({
            "alert": name, "expr": expression, "for": HOLDS,
            "labels": { "severity": severity }, "annotations": { "summary": summary },
        })
    };
    let rules = [
        rule(
            "ApplicationDown",
            "up{job=~\"applications-.*\"} == 0",
            "critical",
            "{{ $labels.app }} at the {{ $labels.site }} site does not answer",
        ),
        rule(
            "DatabaseErrors",
            "increase(app_database_errors_total[30s]) > 0",
            "warning",
            "{{ $labels.app }} at the {{ $labels.site }} site gets errors from its database",
        ),
        rule(
            "CacheMisses",
            "rate(app_cache_misses_total[1m]) > rate(app_cache_hits_total[1m])",
            "warning",
            "{{ $labels.app }} at the {{ $labels.site }} site finds less than half in its cache",
        ),
    ];
    json!({ "groups": [{ "name": "applications", "rules": rules }] })
}

/// Nobody is told: what fires is there to be asked for.
fn routes() -> Value {
    json!({
        "route": {
            "receiver": "nobody", "group_by": ["alertname", "site"],
            "group_wait": "1s", "group_interval": "5s", "repeat_interval": "1h",
        },
        "receivers": [{ "name": "nobody" }],
    })
}

/// Both are kept small: one thread, memory given back early, two hours of data.
pub(super) fn launch(lab: &Lab, server: ServerId) -> Launch {
    let (program, arguments): (_, &[&str]) = if server == ALERTMANAGER {
        let arguments = &[
            "--config.file=alertmanager.yml",
            "--storage.path=data",
            "--data.retention=2h",
            "--cluster.listen-address=",
        ];
        (&lab.programs.alertmanager, arguments)
    } else {
        let arguments = &[
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=data",
            "--storage.tsdb.retention.time=2h",
            "--storage.tsdb.retention.size=64MB",
            "--storage.tsdb.wal-segment-size=10MB",
        ];
        (&lab.programs.prometheus, arguments)
    };
    Launch::new(program, lab.layout.server(server))
        .args(arguments.iter().copied())
        .arg("--log.level=warn")
        .arg(format!("--web.listen-address={}", lab.address(server)))
        .env("GOMAXPROCS", "1")
        .env("GOGC", "50")
}

/// Asks whether it is ready.
pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build();
    let url = format!("http://{}/-/ready", lab.address(server));
    let asked = client.map_err(|error| error.to_string())?.get(url).send().await;
    let answer = asked.map_err(|error| error.without_url().to_string())?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("it says {}", answer.status())) }
}
