//! The probe of a machine. There is no echo request in it: a machine answers when a command runs there through
//! reach, or when a port of its address answers, be it with a refusal.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::disk::{self, usage};
use super::vitals::{self, Vitals};
use crate::plan::Place;
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::{Component, Plan, StoreKind};
use crate::reach::{Command, Ending, Reach, ReachError};
use crate::systems::background::Background;
use crate::systems::contact::{Answer, Contact, time_for};
use crate::systems::one_look::OneLook;
use crate::systems::probe::{Depth, Probe, Subject, Told};
use crate::systems::reading::Reason;
use crate::systems::trouble::{ContactError, bad_address, failed};
use crate::systems::wire::tcp;
use crate::text::Span;

/// Ports that most machines answer on, if only to refuse.
const USUAL: [u16; 2] = [22, 443];
/// How often the container runtime is asked.
const RUNTIME: Duration = Duration::from_mins(1);
/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks a machine.
pub struct HostProbe {
    component: Component,
    disks: Vec<PathBuf>,
    work: Background<Option<&'static str>>,
    runtime: Option<&'static str>,
    looks: OneLook,
}

/// What a port of a machine said.
enum Port {
    Open(u16),
    Refused(u16),
}

impl HostProbe {
    /// The probe of a machine, and of the disks on which the plan names something there.
    pub fn new(subject: Subject<'_>) -> HostProbe {
        HostProbe {
            component: subject.component.clone(),
            disks: disks(subject.component, subject.plan),
            work: Background::new(),
            runtime: None,
            looks: OneLook::new(),
        }
    }

    async fn vital(&mut self, with: &Contact<'_>) -> Result<Told, ContactError> {
        let mut told = Told::default();
        let Some(place) = place(&self.component) else {
            return self.by_port(told, None).await;
        };
        let time = time_for(&self.component);
        let vitals = tokio::time::timeout(time * 2 / 3, vitals(&place, with)).await;
        let silent = || ReachError::NoAnswer { place: place.to_string(), after: time * 2 / 3 };
        match vitals.unwrap_or_else(|_| Err(silent())) {
            Ok(vitals) => {
                told.identity = format!("runs commands, {place}");
                told.facts.set("ping", Value::word("ok"));
                vitals.tell(&mut told.facts);
                if let Ok(Ok(usages)) =
                    tokio::time::timeout(time / 3, usage(&self.disks, &place, &self.looks, with)).await
                {
                    disk::tell(&usages, &mut told.facts);
                }
                self.runtime(&place, &mut told, with).await;
                Ok(told)
            }
            Err(error) => self.by_port(told, Some(error)).await,
        }
    }

    /// What its address says, where commands cannot be run, and why they cannot.
    async fn by_port(&self, mut told: Told, trouble: Option<ReachError>) -> Result<Told, ContactError> {
        let component = &self.component;
        let left = time_for(component) / 3;
        let port = match tokio::time::timeout(left, knock(component)).await {
            Ok(port) => port,
            Err(_) => Err(ContactError::silent(component, component.deadline.unwrap_or(Span::from(left)))),
        };
        let trouble = trouble.map(|error| (failed(component, &error), error));
        let error = match (port, trouble) {
            (Ok(port), None) => {
                tell_port(component, &port, &mut told);
                return Ok(told);
            }
            (Ok(port), Some((meaning, error))) => {
                tell_port(component, &port, &mut told);
                let verdict =
                    if matches!(meaning, ContactError::Denied { .. }) { Verdict::Unknown } else { Verdict::Degraded };
                let sentence = format!("it is there, but no command can be run on it: {error}");
                told.reasons.push(Reason::of_fact(verdict, "ping", sentence));
                for name in ["load", "memory", "disk"] {
                    told.facts.hide(name, "no command can be run on it");
                }
                return Ok(told);
            }
            (Err(_), Some((meaning, _))) => meaning,
            (Err(error), None) => error,
        };
        if error.is_ours() || matches!(error, ContactError::Denied { .. }) {
            return Err(error);
        }
        told.facts.set("ping", Value::word("failed"));
        told.facts.set("connection", Value::word(error.connection()));
        told.reasons.push(Reason::of_fact(error.verdict(), "ping", error.to_string()));
        Ok(told)
    }

    async fn runtime(&mut self, place: &Place, told: &mut Told, with: &Contact<'_>) {
        let now = with.clock.since_boot();
        if self.work.is_due(RUNTIME, now) {
            let (place, settings, stop) = (place.clone(), with.reach.clone(), with.stop.clone());
            self.work.start(now, async move {
                let reach = Reach::open(&place, &settings).await.ok()?;
                let command = Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]);
                let output = reach.run(command.deadline(PATIENCE).cancelled_by(stop)).await;
                match output {
                    Ok(output) if output.is_ok() => Some("working"),
                    Ok(output) if matches!(output.ending, Ending::Exited(126 | 127)) => Some("none"),
                    Ok(output) if output.ending.is_known() => Some("failed"),
                    Err(ReachError::NoProgram { .. }) => Some("none"),
                    _ => None,
                }
            });
        }
        let patience = if self.runtime.is_none() { Duration::from_millis(300) } else { Duration::ZERO };
        if let Some(found) = self.work.result(patience).await {
            self.runtime = found;
        }
        told.facts.set_some("container_runtime", self.runtime.map(Value::word));
        if self.runtime == Some("failed") {
            let sentence = "its container runtime does not answer";
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "container_runtime", sentence));
        }
    }
}

impl Probe for HostProbe {
    fn ask<'a>(&'a mut self, depth: Depth, with: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>> {
        Box::pin(async move {
            match depth {
                Depth::Vital => self.vital(with).await,
                Depth::Rare => Ok(Told::default()),
            }
        })
    }
}

/// Whether a machine is there, for `plan check --live`.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let identity = match place(component) {
        Some(place) => {
            vitals(&place, with).await.map_err(|error| failed(component, &error))?;
            "runs commands".to_owned()
        }
        None => match knock(component).await? {
            Port::Open(port) => format!("answers on port {port}"),
            Port::Refused(port) => format!("is there, and refuses port {port}"),
        },
    };
    Ok(Answer { identity, clock: None })
}

async fn vitals(place: &Place, with: &Contact<'_>) -> Result<Vitals, ReachError> {
    let reach = Reach::open(place, with.reach).await?;
    let output = reach.run(vitals::command().cancelled_by(with.stop.clone())).await?;
    // A command that ran, however it ended, shows that the machine is there.
    if !output.ending.is_known() {
        output.ok()?;
        return Ok(Vitals::default());
    }
    Ok(Vitals::read(&String::from_utf8_lossy(&output.stdout.whole().unwrap_or_default())))
}

/// How commands get there. A machine without a way is this one only where its address says so.
fn place(component: &Component) -> Option<Place> {
    component.reach.clone().or_else(|| component.is_this_machine().then_some(Place::HERE))
}

async fn knock(component: &Component) -> Result<Port, ContactError> {
    let address = component.address.as_deref().ok_or_else(|| ContactError::NoAddress(component.name.clone()))?;
    let named = address.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.starts_with('['));
    let (host, ports) = match named {
        Some((host, port)) => {
            let port = port.parse::<u16>().ok().filter(|port| *port > 0 && !host.is_empty());
            let port = port.ok_or_else(|| bad_address(component, "it is no host with a number of a port"))?;
            (host.trim_matches(['[', ']']), vec![port])
        }
        None => (address.trim_matches(['[', ']']), USUAL.to_vec()),
    };
    let knocks = ports.iter().map(|port| {
        Box::pin(async move {
            match tcp(host, *port).await {
                Ok(_) => Ok(Port::Open(*port)),
                // Who refuses is there.
                Err(error) if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset) => {
                    Ok(Port::Refused(*port))
                }
                Err(error) => Err(error),
            }
        })
    });
    let (port, _) = futures_util::future::select_ok(knocks).await.map_err(|error| failed(component, &error))?;
    Ok(port)
}

fn tell_port(component: &Component, port: &Port, told: &mut Told) {
    told.facts.set("ping", Value::word("ok"));
    match port {
        Port::Open(port) => told.identity = format!("answers on port {port}"),
        Port::Refused(port) => {
            told.identity = format!("is there, and refuses port {port}");
            let is_named = component.address.as_deref().is_some_and(|address| address.ends_with(&format!(":{port}")));
            if is_named {
                let sentence = format!("it is there, but refuses port {port}");
                told.reasons.push(Reason::of_fact(Verdict::Degraded, "ping", sentence));
            }
        }
    }
}

/// The places on a machine that the plan names.
fn disks(host: &Component, plan: &Plan) -> Vec<PathBuf> {
    let place = place(host);
    let is_there = |reach: &Option<Place>| Some(reach.clone().unwrap_or_default()) == place;
    let stores = plan.store.iter().filter(|store| store.kind == StoreKind::Directory && is_there(&store.reach));
    let mut paths: Vec<PathBuf> = stores.filter_map(|store| store.path.clone()).collect();
    for component in plan.component.iter().filter(|component| is_there(&component.reach)) {
        if component.kind == crate::plan::types::Kind::Files {
            paths.extend(component.address.as_ref().map(PathBuf::from));
        }
        let postgres = component.postgres.iter().flat_map(|settings| [&settings.archive, &settings.recovery_directory]);
        paths.extend(postgres.flatten().cloned());
        paths.extend(component.redis.iter().filter_map(|settings| settings.directory.clone()));
    }
    paths.push(PathBuf::from("/"));
    paths.retain(|path| path.is_absolute());
    paths.sort();
    paths.dedup();
    paths.truncate(50);
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_says_which_disks_count() {
        let plan: Plan = toml::from_str(
            "[platform]\nname='p'\n[[component]]\nname='node'\nkind='host'\nreach={ssh='n'}\n\
             [[component]]\nname='config'\nkind='files'\naddress='/etc/app'\nreach={ssh='n'}\n\
             [[component]]\nname='other'\nkind='files'\naddress='/srv'\n\
             [[store]]\nname='local'\nkind='directory'\npath='/backups'\nreach={ssh='n'}",
        )
        .unwrap();
        let paths = disks(&plan.component[0], &plan);
        assert_eq!(paths, ["/", "/backups", "/etc/app"].map(PathBuf::from));
    }
}
