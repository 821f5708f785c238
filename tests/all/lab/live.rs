//! `plan check --live` against a whole platform: everything answers, and what does not is told.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lifeboat::lab::faults;
use lifeboat::reach::{Secrets, Settings};
use lifeboat::systems::Contact;
use lifeboat::systems::live::{self, Live};
use lifeboat::text::{Clock, SystemClock};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::test_lab::TestLab;

impl TestLab {
    /// What the program says of this lab's plan, and how it ends.
    fn check_live(&self) -> (Value, Option<i32>) {
        let mut command = std::process::Command::new(super::test_lab::PROGRAM);
        command.arg("--state").arg(self.base()).args(["--lab", "plan", "check", "--live", "--json"]);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let said = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        (said, output.status.code())
    }
}

/// The messages of the findings of live rules.
fn live_findings(said: &Value) -> Vec<String> {
    let of = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = said["findings"].as_array().unwrap().iter();
    let live = findings.filter(|finding| of(finding, "rule").starts_with("live-"));
    live.map(|finding| format!("{}: {}", of(finding, "rule"), of(finding, "message"))).collect()
}

/// A clock that goes wrong by so much.
struct Off(TimeDelta);

impl Clock for Off {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + self.0
    }

    fn since_boot(&self) -> Duration {
        SystemClock.since_boot()
    }
}

/// Looks at the lab's plan, changed as given, with a clock that is wrong by so much.
async fn look(lab: &TestLab, off: TimeDelta, change: fn(String) -> String) -> Live {
    let text = std::fs::read_to_string(lab.folder().join("plan.toml")).unwrap();
    let path = lab.base().join("changed.toml");
    std::fs::write(&path, change(text)).unwrap();
    let loaded = lifeboat::plan::load(&path, &[]).unwrap();
    let settings = Settings::default();
    let secrets = Secrets::new(&settings.redactor);
    let with = Contact {
        secrets: &secrets,
        reach: &settings,
        clock: &Off(off),
        stop: CancellationToken::new(),
        only_looks: false,
    };
    live::look(&loaded, loaded.plan.as_ref().unwrap(), &with).await
}

/// Gives every component of the plan time: a machine that runs all tests at once is slow.
fn patient(lab: &TestLab) {
    let path = lab.folder().join("plan.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|line| if line.starts_with("deadline = ") { "deadline = \"10s\"" } else { line });
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_answers_and_what_does_not_is_told() {
    let test = TestLab::new();
    test.up().await;
    patient(&test);
    let (said, _) = test.check_live();
    assert_eq!(live_findings(&said), Vec::<String>::new());
    let answered = said["answered"].as_object().unwrap();
    let all = look(&test, TimeDelta::zero(), |text| text).await;
    assert!(all.findings.is_empty(), "{all:#?}");
    let plan = std::fs::read_to_string(test.folder().join("plan.toml")).unwrap();
    assert_eq!(answered.len(), plan.matches("[[component]]\n").count(), "{answered:#?}");
    assert!(answered["postgres"].as_str().unwrap().contains(", primary, database agent_orchestrator as lifeboat"));
    assert!(answered["postgres-dr"].as_str().unwrap().contains(", standby, "), "{answered:#?}");
    assert_eq!(said["not_looked_at"], serde_json::json!({}));

    clocks(&test).await;
    stores(&test).await;

    faults::apply(&test.folder(), "freeze", Some("primary/postgres")).await.unwrap();
    std::fs::remove_file(test.folder().join("secrets/redis")).unwrap();
    let (said, code) = test.check_live();
    assert_eq!(code, Some(3));
    let found = live_findings(&said);
    let [first, second, silent, without @ ..] = &found[..] else { panic!("{found:#?}") };
    for secret in [first, second] {
        assert!(secret.starts_with("live-secret: ") && secret.contains("secrets/redis: "), "{secret}");
    }
    assert!(
        silent.starts_with("live-component: postgres: ") && silent.ends_with("did not answer within 10s"),
        "{silent}"
    );
    // They need their database.
    let begins = ["application: ", "app-1: ", "app-2: "].map(|name| format!("live-component: {name}"));
    assert!(
        without.len() == 3 && without.iter().zip(&begins).all(|(said, begin)| said.starts_with(begin)),
        "{without:#?}"
    );
    let mut rest: Vec<String> = answered.keys().cloned().collect();
    rest.retain(|name| !["postgres", "redis", "redis-dr", "application", "app-1", "app-2"].contains(&name.as_str()));
    assert_eq!(said["answered"].as_object().unwrap().keys().cloned().collect::<Vec<_>>(), rest);
    faults::undo(&test.folder(), None, None).await.unwrap();
}

/// Whoever tells the time is compared with ours: SQL `now()`, `TIME`, and the `Date` of HTTP.
async fn clocks(lab: &TestLab) {
    let live = look(lab, TimeDelta::seconds(90), |text| text).await;
    let mut behind: Vec<String> = Vec::new();
    for finding in &live.findings {
        assert_eq!(finding.rule, "live-clock", "{finding:#?}");
        let message = &finding.message;
        // HTTP tells whole seconds, which some servers keep for a second, and a busy machine answers late.
        assert!((88..=93).any(|off| message.ends_with(&format!(" {off}s behind ours"))), "{message}");
        behind.push(message.split_whitespace().nth(3).unwrap().to_owned());
    }
    for name in ["postgres", "postgres-dr", "redis", "redis-dr", "rabbitmq", "rabbitmq-dr"] {
        assert!(behind.iter().any(|one| one == name), "{name} is missing in {behind:?}");
    }
}

/// Buckets and folders are asked for themselves.
async fn stores(lab: &TestLab) {
    let live = look(lab, TimeDelta::zero(), |text| {
        let text = text.replace("bucket = \"agent-platform-compliance-archive\"", "bucket = \"no-such-bucket\"");
        text.replace("s3://backup-agent-platform-prod\"", "s3://no-such-bucket\"").replace("/backups\"", "/elsewhere\"")
    })
    .await;
    let said: Vec<String> = live.findings.iter().map(|one| format!("{}: {}", one.rule, one.message)).collect();
    let has = |begin: &str, end: &str| said.iter().any(|one| one.starts_with(begin) && one.ends_with(end));
    assert!(has("live-store: archive: http://", "/no-such-bucket: there is no such bucket"), "{said:#?}");
    assert!(has("live-component: bucket: http://", "/no-such-bucket: there is no such bucket"), "{said:#?}");
    assert!(
        has("live-store: local: ", "/elsewhere takes nothing: No such file or directory (os error 2)"),
        "{said:#?}"
    );
    assert!(
        has("live-store: local-dr: ", "/elsewhere takes nothing: No such file or directory (os error 2)"),
        "{said:#?}"
    );
    assert_eq!(said.len(), 4, "{said:#?}");
}
