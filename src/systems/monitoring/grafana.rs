//! Grafana: its own health, that of its database, and the alerts that it raises itself.

use serde::Deserialize;

use super::alerts::Alert;
use super::{part, tell};
use crate::plan::facts::{Value, Verdict};
use crate::systems::contact::Contact;
use crate::systems::http::Web;
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::systems::trouble::ContactError;

#[derive(Deserialize)]
struct Health {
    database: String,
    #[serde(default)]
    version: String,
}

/// Asks, and tells.
pub async fn ask(web: &Web<'_>, told: &mut Told, with: &Contact<'_>) -> Result<(), ContactError> {
    let page = web.page("api/health", with).await?;
    told.clock = page.clock;
    // It answers 503 as well when its database fails, and says so in the same form.
    let health: Health = match page.json() {
        Ok(health) if matches!(page.status.as_u16(), 200 | 503) => health,
        _ => {
            web.good(&page)?;
            web.read(&page)?
        }
    };
    told.identity = format!("Grafana {}", health.version);
    if !health.version.is_empty() {
        told.facts.set_text("version", &health.version);
    }
    let works = health.database == "ok";
    told.facts.set("database", Value::word(if works { "ok" } else { "failing" }));
    if !works {
        told.reasons.push(Reason::of_fact(Verdict::Down, "database", "its own database does not work"));
        return Ok(());
    }
    let alerts = part::<Vec<Alert>>(web, "api/alertmanager/grafana/api/v2/alerts", with).await;
    let now = with.clock.now();
    tell(alerts, &["alerts_firing"], told, |alerts, told| {
        let firing: Vec<&Alert> = alerts.iter().filter(|alert| alert.status.state != "suppressed").collect();
        told.facts.set("alerts_firing", Value::Count(firing.len() as u64));
        super::alerts::list(&firing, told, now);
    });
    Ok(())
}
