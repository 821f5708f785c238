//! Telling others how a run ended: whoever notices the silence of a job, and the channels it names.
//!
//! Nothing here makes a run fail: what nobody took is told.

use serde_json::{Value, json};

use super::due::{Ending, Run};
use crate::plan::types::{Channel, Job, Plan};
use crate::systems::{Contact, Post, post};
use crate::text::Span;
use crate::text::instant::stamp;

/// Tells everybody whom the job names; what could not be told comes back, a sentence each.
pub async fn report(plan: &Plan, job: &Job, run: &Run, with: &Contact<'_>) -> Vec<String> {
    let body = body(plan, job, run);
    let mut troubles = Vec::new();
    if let Some(address) = ping_of(job, run) {
        let told = post(&Post { url: &address, token: None, body: &body }).await;
        troubles.extend(told.err().map(|why| format!("its ping was not taken: {why}")));
    }
    if run.ending == Ending::Interrupted {
        return troubles;
    }
    for name in &job.tell {
        let Some(channel) = plan.channel.iter().find(|channel| channel.name == *name) else { continue };
        let told = tell(channel, &body, with).await;
        troubles.extend(told.err().map(|why| format!("{name} was not told: {why}")));
    }
    troubles.iter().map(|trouble| with.secrets.redactor().redact(trouble).into_owned()).collect()
}

/// Where a run is reported so that silence is noticed: one that is not well is silent, or says so.
fn ping_of(job: &Job, run: &Run) -> Option<String> {
    let ping = job.ping.as_deref()?;
    match run.ending {
        Ending::Done | Ending::NothingToDo => Some(ping.to_owned()),
        Ending::Failed if job.ping_failures == Some(true) => Some(failing(ping)),
        Ending::Failed | Ending::Skipped | Ending::Interrupted | Ending::Unknown => None,
    }
}

/// The same address with `/fail` behind its path.
fn failing(ping: &str) -> String {
    let (address, query) = ping.split_once('?').unwrap_or((ping, ""));
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}/fail{mark}{query}", address.trim_end_matches('/'))
}

fn body(plan: &Plan, job: &Job, run: &Run) -> Value {
    let seconds = (run.ended - run.began).num_milliseconds() as f64 / 1000.0;
    let took = Span::between(run.began, run.ended).brief();
    let text = format!(
        "{}: {} {} after {took} on {}. {}",
        plan.platform.name,
        job.name,
        run.ending.word(),
        run.host,
        run.told
    );
    json!({
        "platform": plan.platform.name,
        "job": job.name,
        "slot": stamp(run.slot),
        "outcome": run.ending,
        "seconds": seconds,
        "host": run.host,
        "told": run.told,
        "error": (!run.ending.is_well()).then_some(&run.told),
        "missed": run.missed,
        // What chats show.
        "text": text,
    })
}

/// Posts to a channel: its secret is where, or the token that is asked for at its target.
async fn tell(channel: &Channel, body: &Value, with: &Contact<'_>) -> Result<(), String> {
    let secret = match &channel.secret {
        Some(secret) => Some(with.secrets.resolve(secret).await.map_err(|error| error.to_string())?),
        None => None,
    };
    let secret = secret.as_ref().and_then(|secret| secret.expose_str()).map(str::trim);
    let is_address = |text: &&str| text.starts_with("https://") || text.starts_with("http://");
    let (url, token) = match (secret.filter(is_address), channel.target.as_deref().filter(is_address)) {
        (Some(url), _) => (url, None),
        (None, Some(url)) => (url, secret),
        (None, None) => return Err("neither its secret nor its target is an address to post to".to_owned()),
    };
    post(&Post { url, token, body }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(ending: Ending) -> Run {
        let at = "2024-11-18T02:00:00Z".parse().unwrap();
        Run { slot: at, began: at, ended: at, ending, told: "why".to_owned(), host: "a".to_owned(), missed: 0 }
    }

    #[test]
    fn only_what_is_well_is_pinged_unless_failures_are_asked_for() {
        let job = |rest: &str| -> Job { toml::from_str(&format!("name = 'j'\ndo = 'backup'\n{rest}")).unwrap() };
        let plain = job("ping = 'https://hc.example.com/x'");
        let loud = job("ping = 'https://hc.example.com/x/?a=b'\nping_failures = true");
        assert_eq!(ping_of(&plain, &run(Ending::NothingToDo)).as_deref(), Some("https://hc.example.com/x"));
        assert_eq!(ping_of(&plain, &run(Ending::Failed)), None);
        assert_eq!(ping_of(&plain, &run(Ending::Skipped)), None);
        assert_eq!(ping_of(&loud, &run(Ending::Failed)).as_deref(), Some("https://hc.example.com/x/fail?a=b"));
    }

    #[test]
    fn a_failure_says_why() {
        let plan: Plan = toml::from_str("[platform]\nname = 'p'").unwrap();
        let job: Job = toml::from_str("name = 'j'\ndo = 'backup'").unwrap();
        assert_eq!(body(&plan, &job, &run(Ending::Failed))["error"], "why");
        assert_eq!(body(&plan, &job, &run(Ending::Done))["error"], Value::Null);
    }
}
