//! Where a component's log is.

use std::path::PathBuf;

use crate::plan::Place;
use crate::plan::types::{Component, Kind, Plan};

/// Where a log is, and how to get there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is.
    pub kind: SourceKind,
    /// Where commands must run to read it.
    pub place: Place,
}

/// What a log is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A file.
    File(PathBuf),
    /// What a unit of systemd writes.
    Journal(String),
    /// What a container writes to its outputs.
    Container(String),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.kind {
            SourceKind::File(path) => write!(f, "{}", path.display())?,
            SourceKind::Journal(unit) => write!(f, "the journal of {unit}")?,
            SourceKind::Container(name) => write!(f, "what container {name} says")?,
        }
        match &self.place {
            place if place.is_here() || place.docker.is_some() => Ok(()),
            place => write!(f, ", {place}"),
        }
    }
}

/// The log of a component, if the plan says where it is: `log`, else `http.log`, else what its container writes.
pub fn source(component: &Component, plan: &Plan) -> Option<Source> {
    let in_http = || component.http.as_ref().and_then(|http| http.log.as_ref()).map(|path| path.display().to_string());
    let container = || container(component).map(str::to_owned);
    let kind = match component.log.clone().or_else(in_http) {
        Some(log) if log == "container" => SourceKind::Container(container()?),
        Some(log) => match log.strip_prefix("journal:") {
            Some(unit) => SourceKind::Journal(unit.to_owned()),
            None => SourceKind::File(log.into()),
        },
        None => SourceKind::Container(container()?),
    };
    Some(Source { kind, place: place(component, plan) })
}

/// The container that a component is, or runs in.
pub fn container(component: &Component) -> Option<&str> {
    let is_one = (component.kind == Kind::Container).then_some(component.address.as_deref()).flatten();
    let in_reach = component.reach.as_ref().and_then(|place| place.docker.as_deref());
    component.container.as_deref().or(in_reach).or(is_one)
}

/// Where commands about a component run: its own place, else that of the host that it needs.
fn place(component: &Component, plan: &Plan) -> Place {
    let hosts = plan.component.iter().filter(|host| host.kind == Kind::Host && component.needs.contains(&host.name));
    let places = std::iter::once(component).chain(hosts).filter_map(|one| one.reach.clone());
    places.into_iter().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(plan: &str) -> Option<Source> {
        let plan: Plan = toml::from_str(&format!("[platform]\nname='p'\n{plan}")).unwrap();
        source(&plan.component[0], &plan)
    }

    #[test]
    fn the_plan_says_where_a_log_is() {
        let file = found("[[component]]\nname='app'\nkind='http'\nhttp={log='/var/log/app'}").unwrap();
        assert_eq!((file.kind, file.place.is_here()), (SourceKind::File("/var/log/app".into()), true));
        let unit = found("[[component]]\nname='db'\nkind='postgres'\nlog='journal:postgresql'").unwrap();
        assert_eq!(unit.kind, SourceKind::Journal("postgresql".to_owned()));
        let container = found("[[component]]\nname='mq'\nkind='rabbitmq'\nreach={docker='mq_1'}").unwrap();
        assert_eq!(container.kind, SourceKind::Container("mq_1".to_owned()));
        assert_eq!(found("[[component]]\nname='db'\nkind='postgres'\nlog='container'"), None);
        assert_eq!(found("[[component]]\nname='db'\nkind='postgres'"), None);
    }

    #[test]
    fn a_log_lies_on_the_host_that_its_component_needs() {
        let plan = "[[component]]\nname='app'\nkind='http'\nneeds=['node']\nhttp={log='/l'}\n\
                    [[component]]\nname='node'\nkind='host'\nreach={ssh='node-1'}";
        assert_eq!(found(plan).unwrap().place.ssh.as_deref(), Some("node-1"));
    }
}
