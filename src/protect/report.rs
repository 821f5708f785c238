//! Telling others how a run ended: whoever notices the silence of a job, and the channels it names.
//!
//! Nothing here makes a run fail: what nobody took is told.

use serde_json::{Value, json};

use super::due::{Ending, Run};
use crate::plan::types::{Channel, Job, Plan};
use crate::systems::{Contact, Post, post};
use crate::text::instant::stamp;
use crate::text::{Redactor, Shape, Span, untrusted};

/// The longest that is told of a run.
const LONGEST: usize = 1_000;

/// Tells everybody whom the job names; what could not be told comes back, a sentence each.
pub async fn report(plan: &Plan, job: &Job, run: &Run, with: &Contact<'_>) -> Vec<String> {
    let mut troubles = Vec::new();
    if let Some(address) = ping_of(job, run) {
        let body = body(plan, &job.name, run, with.secrets.redactor());
        let told = post(&Post { url: &address, token: None, body: &body }).await;
        let trouble = told.err().map(|why| format!("its ping was not taken: {why}"));
        troubles.extend(trouble.map(|trouble| with.secrets.redactor().redact(&trouble).into_owned()));
    }
    if run.ending != Ending::Interrupted {
        troubles.extend(tell_all(plan, (&job.name, &job.tell), run, with).await);
    }
    troubles
}

/// Tells these channels what became of something that ran under this name; what could not be told comes back.
pub async fn tell_all(plan: &Plan, (name, channels): (&str, &[String]), run: &Run, with: &Contact<'_>) -> Vec<String> {
    let body = body(plan, name, run, with.secrets.redactor());
    let mut troubles = Vec::new();
    for name in channels {
        let Some(channel) = plan.channel.iter().find(|channel| channel.name == *name) else { continue };
        let trouble = tell(channel, &body, with).await.err().map(|why| format!("{name} was not told: {why}"));
        troubles.extend(trouble.map(|trouble| with.secrets.redactor().redact(&trouble).into_owned()));
    }
    troubles
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

fn body(plan: &Plan, name: &str, run: &Run, redactor: &Redactor) -> Value {
    // It leaves the house, and what programs and servers have said may be in it.
    let told = untrusted(redactor.redact(&run.told).as_ref(), Shape::line(LONGEST));
    let seconds = (run.ended - run.began).num_milliseconds() as f64 / 1000.0;
    let took = Span::between(run.began, run.ended).brief();
    let text = format!("{}: {} {} after {took} on {}. {}", plan.platform.name, name, run.ending.word(), run.host, told);
    json!({
        "platform": plan.platform.name,
        "job": name,
        "slot": stamp(run.slot),
        "outcome": run.ending,
        "seconds": seconds,
        "host": run.host,
        "told": told,
        "error": (!run.ending.is_well()).then_some(&told),
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
    use crate::protect::due::Rest;

    fn run(ending: Ending) -> Run {
        let at = "2024-11-18T02:00:00Z".parse().unwrap();
        Run {
            slot: at,
            began: at,
            ended: at,
            ending,
            told: "why".to_owned(),
            host: "a".to_owned(),
            missed: 0,
            rest: Rest::default(),
        }
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
        let body = |ending| body(&plan, "j", &run(ending), &Redactor::new());
        assert_eq!(body(Ending::Failed)["error"], "why");
        assert_eq!(body(Ending::Done)["error"], Value::Null);
    }

    #[test]
    fn what_leaves_the_house_holds_no_secret_and_no_escape() {
        let plan: Plan = toml::from_str("[platform]\nname = 'p'").unwrap();
        let redactor = Redactor::new();
        redactor.register(b"hunter2-hunter2");
        let told = "psql: \u{1b}[2Jlogin hunter2-hunter2 refused".to_owned();
        let body = body(&plan, "j", &Run { told, ..run(Ending::Failed) }, &redactor).to_string();
        assert!(!body.contains("hunter2") && !body.contains("u001b") && body.contains("refused"), "{body}");
    }
}
