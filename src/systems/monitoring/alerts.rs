//! Alerts, as Prometheus, Alertmanager and Grafana tell them.

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde::Deserialize;

use super::LISTED;
use crate::systems::probe::Told;
use crate::text::Span;

/// One alert. Labels are as they came.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Alert {
    pub labels: IndexMap<String, String>,
    pub annotations: IndexMap<String, String>,
    #[serde(alias = "startsAt", alias = "activeAt")]
    pub since: Option<DateTime<Utc>>,
    /// Of Prometheus: `firing` or `pending`.
    pub state: String,
    pub status: Status,
}

/// What an Alertmanager made of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Status {
    /// `active`, `suppressed` or `unprocessed`.
    pub state: String,
    pub silenced_by: Vec<String>,
}

impl Alert {
    /// How bad it is, by its own word.
    pub fn severity(&self) -> &str {
        self.labels.get("severity").map_or("", String::as_str)
    }

    fn rank(&self) -> u8 {
        match self.severity() {
            "critical" | "page" | "emergency" | "disaster" => 0,
            "error" | "high" | "major" => 1,
            "warning" => 2,
            "info" | "none" => 4,
            _ => 3,
        }
    }
}

/// Whether it is of the worst sort.
pub fn is_critical(alert: &Alert) -> bool {
    alert.rank() == 0
}

/// Lists alerts, the worst first.
pub fn list(alerts: &[&Alert], told: &mut Told, now: DateTime<Utc>) {
    if alerts.is_empty() {
        return;
    }
    let mut sorted = alerts.to_vec();
    sorted.sort_by_key(|alert| (alert.rank(), alert.since));
    let row = |alert: &&Alert| {
        let label = |name: &str| alert.labels.get(name).cloned().unwrap_or_default();
        let about = ["summary", "description", "message"].iter().find_map(|name| alert.annotations.get(*name));
        let since = alert.since.and_then(|since| (now - since).to_std().ok());
        vec![
            label("alertname"),
            alert.severity().to_owned(),
            label("instance"),
            since.map_or_else(String::new, |since| Span::from(since).brief()),
            about.cloned().unwrap_or_default(),
        ]
    };
    let rows = sorted.iter().take(LISTED).map(row).collect();
    told.facts.list_of("Alerts", &["Alert", "Severity", "Of", "For", "About"], rows, alerts.len());
}
