//! The probe of a container: asked of its engine, here over the socket, elsewhere with the engine's own program.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde::Deserialize;

use crate::plan::facts::{Value, Verdict};
use crate::plan::types::Component;
use crate::reach::{Command, Container, ContainerState, Reach, ReachError};
use crate::systems::contact::{Contact, time_for};
use crate::systems::lately::Lately;
use crate::systems::logs::{LogWatch, container};
use crate::systems::probe::{Depth, Probe, Subject, Told};
use crate::systems::reading::Reason;
use crate::systems::trouble::{ContactError, failed};
use crate::text::{Shape, untrusted};

/// Asks the engine about a container.
pub struct ContainerProbe {
    component: Component,
    kept: Option<Container>,
    restarts: Lately,
    log: Option<LogWatch>,
}

/// What `docker inspect` prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    state: State,
    #[serde(default)]
    restart_count: u64,
    config: Config,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    status: String,
    #[serde(default)]
    exit_code: i64,
    #[serde(default, rename = "OOMKilled")]
    oom_killed: bool,
    started_at: Option<String>,
    health: Option<Health>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Health {
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    image: String,
}

impl ContainerProbe {
    /// The probe of a container.
    pub fn new(subject: Subject<'_>) -> ContainerProbe {
        ContainerProbe {
            component: subject.component.clone(),
            kept: None,
            restarts: Lately::default(),
            log: LogWatch::of(subject),
        }
    }

    async fn vital(&mut self, with: &Contact<'_>) -> Result<Told, ContactError> {
        let (begun, time) = (with.clock.since_boot(), time_for(&self.component));
        if let Some(log) = &mut self.log {
            log.start(with);
        }
        let mut told = Told::default();
        let name = container(&self.component).ok_or_else(|| ContactError::NoAddress(self.component.name.clone()))?;
        let name = name.to_owned();
        match self.look(&name, with).await {
            Ok(state) => {
                told.facts.set("container_runtime", Value::word("working"));
                let restarts = state.as_ref().map(|state| self.restarts.note(state.restarts, with.clock.since_boot()));
                self.tell(&name, state.as_ref(), &mut told);
                told.facts.set_some("restarts_lately", restarts.map(Value::Count));
            }
            Err(error) => {
                let error = failed(&self.component, &error);
                told.facts.set("container_runtime", Value::word("failed"));
                told.facts.set("connection", Value::word(error.connection()));
                told.reasons.push(Reason::of_fact(error.verdict(), "container_runtime", error.to_string()));
            }
        }
        if let Some(log) = &mut self.log {
            let left = time.saturating_sub(with.clock.since_boot().saturating_sub(begun));
            log.tell(&mut told, false, left, with.clock.now()).await;
        }
        Ok(told)
    }

    async fn look(&mut self, name: &str, with: &Contact<'_>) -> Result<Option<ContainerState>, ReachError> {
        let place = self.component.reach.clone().unwrap_or_default();
        if place.ssh.is_some() || place.prefix.is_some() {
            let reach = Reach::open(&place, with.reach).await?;
            let command =
                Command::new("docker").args(["inspect", "--type=container", "--format={{json .}}", "--", name]);
            let output = reach.run(command.cancelled_by(with.stop.clone())).await?;
            let said = output.stderr.shown(&with.reach.redactor, 200);
            if said.to_ascii_lowercase().contains("no such") {
                return Ok(None);
            }
            let output = output.ok()?;
            return Ok(output.stdout.whole().and_then(|text| serde_json::from_slice(&text).ok()).map(state));
        }
        let container = if let Some(kept) = self.kept.take() {
            kept
        } else {
            let socket = self.component.engine.as_ref().and_then(|engine| engine.socket.as_deref());
            Container::at(socket, name, with.reach.connect).await?
        };
        let found = container.find().await?;
        self.kept = Some(container);
        Ok(found)
    }

    fn tell(&self, name: &str, state: Option<&ContainerState>, told: &mut Told) {
        let name = untrusted(name, Shape::line(60));
        let Some(state) = state else {
            told.facts.set("state", Value::word("missing"));
            let sentence = format!("there is no container {name}");
            told.reasons.push(Reason::of_fact(Verdict::Down, "state", sentence));
            return;
        };
        let facts = &mut told.facts;
        facts.set_some("state", word(&STATES, &state.status));
        let health = state.health.as_deref().filter(|health| !health.is_empty()).unwrap_or("none");
        facts.set_some("health", word(&HEALTH, health));
        facts.set_text("image", &state.image);
        let started = state.started_at.as_deref().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        // Of one that never ran the engine says the year 1.
        let started = started.map(|at| at.with_timezone(&Utc)).filter(|at| *at > DateTime::UNIX_EPOCH);
        facts.set_some("started", started.map(Value::Moment));
        facts.set("restarts", Value::Count(state.restarts));
        facts.set("out_of_memory", Value::Flag(state.out_of_memory));
        let code = state.exit_code.filter(|_| state.status == "exited" || state.status == "dead");
        facts.set_some("exit_code", code.and_then(|code| u64::try_from(code).ok()).map(Value::Count));
        told.identity = format!("container {name}, {}, {}", state.image, state.status);
        told.reasons.extend(reasons(
            state,
            health,
            self.component.engine.as_ref().and_then(|engine| engine.image.as_deref()),
        ));
    }
}

impl Probe for ContainerProbe {
    fn ask<'a>(&'a mut self, depth: Depth, with: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>> {
        Box::pin(async move {
            match depth {
                Depth::Vital => self.vital(with).await,
                Depth::Rare => Ok(Told::default()),
            }
        })
    }
}

const STATES: [&str; 7] = ["running", "paused", "restarting", "exited", "created", "dead", "removing"];
const HEALTH: [&str; 4] = ["healthy", "unhealthy", "starting", "none"];

fn word(words: &[&'static str], said: &str) -> Option<Value> {
    words.iter().find(|word| **word == said).map(|word| Value::word(word))
}

fn state(inspected: Inspected) -> ContainerState {
    let running = inspected.state.status == "running";
    ContainerState {
        running,
        exit_code: (!running).then_some(inspected.state.exit_code),
        out_of_memory: inspected.state.oom_killed,
        started_at: inspected.state.started_at,
        health: inspected.state.health.map(|health| health.status),
        status: inspected.state.status,
        restarts: inspected.restart_count,
        image: inspected.config.image,
    }
}

fn reasons(state: &ContainerState, health: &str, image: Option<&str>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let killed = if state.out_of_memory { ", killed for lack of memory" } else { "" };
    let code = state.exit_code.map_or_else(String::new, |code| format!(" with code {code}"));
    let (verdict, sentence) = match state.status.as_str() {
        "running" if state.out_of_memory => {
            (Verdict::Degraded, "something in it was killed for lack of memory".to_owned())
        }
        "running" => (Verdict::Healthy, String::new()),
        "exited" | "dead" => (Verdict::Down, format!("it ended{code}{killed}")),
        "restarting" => (Verdict::Down, format!("it ends again and again{code}{killed}")),
        "paused" => (Verdict::Down, "it is paused".to_owned()),
        "created" => (Verdict::Down, "it was never started".to_owned()),
        other => (Verdict::Degraded, format!("it is {}", untrusted(other, Shape::line(20)))),
    };
    if verdict != Verdict::Healthy {
        reasons.push(Reason::of_fact(verdict, "state", sentence));
    }
    if state.running && health == "unhealthy" {
        reasons.push(Reason::of_fact(Verdict::Degraded, "health", "its own health check fails"));
    }
    if state.running && health == "starting" {
        reasons.push(Reason::of_fact(Verdict::Degraded, "health", "its own health check has not passed yet"));
    }
    if let Some(image) = image.filter(|image| *image != state.image) {
        let runs = untrusted(&state.image, Shape::line(80));
        let sentence = format!("it runs the image {runs}, not {}", untrusted(image, Shape::line(80)));
        reasons.push(Reason::of_fact(Verdict::Degraded, "image", sentence));
    }
    reasons
}
