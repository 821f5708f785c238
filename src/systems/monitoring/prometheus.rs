//! Prometheus: whether it is ready, whom it watches, which of its rules fail, and what it warns of.

use serde::Deserialize;

use super::alerts::{self, Alert};
use super::{LISTED, part, tell};
use crate::plan::facts::Value;
use crate::systems::contact::Contact;
use crate::systems::http::Web;
use crate::systems::probe::Told;
use crate::systems::trouble::ContactError;

/// What every answer is wrapped in.
#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Build {
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Targets {
    active_targets: Vec<Target>,
}

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
struct Target {
    scrape_pool: String,
    scrape_url: String,
    last_error: String,
    health: String,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    name: String,
    rules: Vec<Rule>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Rule {
    name: String,
    health: String,
    last_error: String,
}

#[derive(Deserialize)]
struct Alerts {
    alerts: Vec<Alert>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Alertmanagers {
    active_alertmanagers: Vec<serde_json::Value>,
}

/// Asks, and tells.
pub async fn ask(web: &Web<'_>, told: &mut Told, with: &Contact<'_>) -> Result<(), ContactError> {
    let page = web.page("-/ready", with).await?;
    if page.status.as_u16() == 503 {
        return Err(ContactError::busy(web.component(), format!("it is not ready yet: {}", page.says())));
    }
    web.good(&page)?;
    told.clock = page.clock;
    let (build, targets, rules, alerts, managers) = tokio::join!(
        part::<Answer<Build>>(web, "api/v1/status/buildinfo", with),
        part::<Answer<Targets>>(web, "api/v1/targets?state=active", with),
        part::<Answer<Groups>>(web, "api/v1/rules", with),
        part::<Answer<Alerts>>(web, "api/v1/alerts", with),
        part::<Answer<Alertmanagers>>(web, "api/v1/alertmanagers", with),
    );
    let said = String::from_utf8_lossy(&page.body);
    let says_so = said.trim().starts_with("Prometheus") && said.trim().ends_with("Ready.");
    // Anything may answer with status 200: a proxy, a page to log in to, another program on its port.
    if let (false, Err(why)) = (says_so, &build) {
        return Err(ContactError::strange(web.component(), format!("nothing proves that it is Prometheus: {why}")));
    }
    told.identity = String::from("Prometheus");
    tell(build, &["version"], told, |build, told| {
        told.identity = format!("Prometheus {}", build.data.version);
        told.facts.set_text("version", build.data.version);
    });
    tell(targets, &["targets", "targets_down"], told, |answer, told| of_targets(&answer.data.active_targets, told));
    tell(rules, &["rules_failing"], told, |answer, told| of_rules(&answer.data.groups, told));
    tell(managers, &["alertmanagers"], told, |answer, told| {
        told.facts.set("alertmanagers", Value::Count(answer.data.active_alertmanagers.len() as u64));
    });
    let now = with.clock.now();
    tell(alerts, &["alerts_firing"], told, |answer, told| {
        let firing: Vec<&Alert> = answer.data.alerts.iter().filter(|alert| alert.state == "firing").collect();
        told.facts.set("alerts_firing", Value::Count(firing.len() as u64));
        alerts::list(&firing, told, now);
    });
    Ok(())
}

fn of_targets(targets: &[Target], told: &mut Told) {
    let down: Vec<&Target> = targets.iter().filter(|target| target.health == "down").collect();
    told.facts.set("targets", Value::Count(targets.len() as u64));
    told.facts.set("targets_down", Value::Count(down.len() as u64));
    if !down.is_empty() {
        let row =
            |target: &&Target| vec![target.scrape_pool.clone(), target.scrape_url.clone(), target.last_error.clone()];
        let rows = down.iter().take(LISTED).map(row).collect();
        told.facts.list_of("Targets down", &["Job", "At", "Why"], rows, down.len());
    }
}

fn of_rules(groups: &[Group], told: &mut Told) {
    let all = groups.iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
    let failing: Vec<_> = all.filter(|(_, rule)| rule.health == "err").collect();
    told.facts.set("rules_failing", Value::Count(failing.len() as u64));
    if !failing.is_empty() {
        let row =
            |(group, rule): &(&Group, &Rule)| vec![group.name.clone(), rule.name.clone(), rule.last_error.clone()];
        let rows = failing.iter().take(LISTED).map(row).collect();
        told.facts.list_of("Rules that fail", &["Group", "Rule", "Why"], rows, failing.len());
    }
}
