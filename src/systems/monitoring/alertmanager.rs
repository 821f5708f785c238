//! Alertmanager: whether it is ready, what it was told, and what somebody silenced.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::alerts::{self, Alert};
use super::{LISTED, part, tell};
use crate::plan::facts::{Value, Verdict};
use crate::systems::contact::Contact;
use crate::systems::http::Web;
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::systems::trouble::ContactError;
use crate::text::{Shape, Span, untrusted};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    cluster: Cluster,
    version_info: Version,
}

#[derive(Deserialize)]
struct Cluster {
    status: String,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Silence {
    status: SilenceStatus,
    #[serde(default)]
    matchers: Vec<Matcher>,
    #[serde(default)]
    created_by: String,
    #[serde(default)]
    comment: String,
    ends_at: DateTime<Utc>,
}

#[derive(Deserialize)]
struct SilenceStatus {
    state: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Matcher {
    name: String,
    value: String,
    #[serde(default)]
    is_regex: bool,
    #[serde(default = "yes")]
    is_equal: bool,
}

fn yes() -> bool {
    true
}

/// Asks, and tells.
pub async fn ask(web: &Web<'_>, told: &mut Told, with: &Contact<'_>) -> Result<(), ContactError> {
    let page = web.page("-/ready", with).await?;
    web.good(&page)?;
    told.clock = page.clock;
    let (status, alerts, silences) = tokio::join!(
        part::<Status>(web, "api/v2/status", with),
        part::<Vec<Alert>>(web, "api/v2/alerts", with),
        part::<Vec<Silence>>(web, "api/v2/silences", with),
    );
    told.identity = String::from("Alertmanager");
    if let Err(why) = &status {
        // Anything may answer with status 200; only its own word of being ready speaks for it then.
        if page.body.trim_ascii() != b"OK" {
            return Err(ContactError::strange(
                web.component(),
                format!("nothing proves that it is Alertmanager: {why}"),
            ));
        }
        let sentence = format!("it says that it is ready, and nothing proves that it is Alertmanager: {why}");
        told.reasons.push(Reason::new(Verdict::Degraded, untrusted(sentence, Shape::line(200))));
    }
    tell(status, &["version", "cluster"], told, |status, told| {
        told.identity = format!("Alertmanager {}", status.version_info.version);
        told.facts.set_text("version", status.version_info.version);
        let word = ["ready", "settling", "disabled"].into_iter().find(|word| *word == status.cluster.status);
        told.facts.set_some("cluster", word.map(Value::word));
    });
    let now = with.clock.now();
    let of_alerts = ["alerts_firing", "alerts_critical", "alerts_silenced"];
    tell(alerts, &of_alerts, told, |alerts, told| tell_alerts(&alerts, told, now));
    tell(silences, &["silences"], told, |silences, told| {
        let active: Vec<&Silence> = silences.iter().filter(|silence| silence.status.state == "active").collect();
        told.facts.set("silences", Value::Count(active.len() as u64));
        tell_silences(&active, told, now);
    });
    Ok(())
}

/// The alerts of an Alertmanager, or of one that is built in.
pub fn tell_alerts(alerts: &[Alert], told: &mut Told, now: DateTime<Utc>) {
    let firing: Vec<&Alert> = alerts.iter().filter(|alert| alert.status.state != "suppressed").collect();
    let silenced = alerts.iter().filter(|alert| !alert.status.silenced_by.is_empty()).count();
    let critical = firing.iter().filter(|alert| alerts::is_critical(alert)).count();
    told.facts.set("alerts_firing", Value::Count(firing.len() as u64));
    told.facts.set("alerts_critical", Value::Count(critical as u64));
    told.facts.set("alerts_silenced", Value::Count(silenced as u64));
    alerts::list(&firing, told, now);
}

fn tell_silences(silences: &[&Silence], told: &mut Told, now: DateTime<Utc>) {
    if silences.is_empty() {
        return;
    }
    let matcher = |matcher: &Matcher| {
        let sign = match (matcher.is_equal, matcher.is_regex) {
            (true, false) => "=",
            (true, true) => "=~",
            (false, false) => "!=",
            (false, true) => "!~",
        };
        format!("{}{sign}{}", matcher.name, matcher.value)
    };
    let row = |silence: &&Silence| {
        let left = (silence.ends_at - now).to_std().unwrap_or_default();
        vec![
            silence.matchers.iter().map(matcher).collect::<Vec<_>>().join(", "),
            silence.created_by.clone(),
            silence.comment.clone(),
            Span::from(left).brief(),
        ]
    };
    let mut sorted = silences.to_vec();
    sorted.sort_by_key(|silence| std::cmp::Reverse(silence.ends_at));
    let rows = sorted.iter().take(LISTED).map(row).collect();
    told.facts.list_of("Silences", &["Of", "By", "Why", "For"], rows, silences.len());
}
