//! What the plan says a database should be, kept by its probe.

use indexmap::IndexMap;

use crate::plan::types::{Component, Method, Plan, Task};
use crate::systems::probe::Subject;

/// What the plan says a database should be.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Its version, as the plan writes it.
    pub version: Option<String>,
    /// Who should follow it.
    pub standbys: Vec<Standby>,
    /// Whom it should follow, by name.
    pub follows: Option<String>,
    /// Whether it and those that follow it follow each other: then whoever manages them says which is the primary.
    pub takes_turns: bool,
    /// What of the plan needs the log to be archived, in words.
    pub archive: Option<String>,
    /// The plan's own questions to the data.
    pub checks: IndexMap<String, String>,
}

/// A standby that the plan names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standby {
    /// Its name in the plan.
    pub name: String,
    /// The host part of its address.
    pub host: Option<String>,
    /// The site it lies at.
    pub site: Option<String>,
}

impl Wanted {
    /// Reads it off the plan.
    pub fn of(subject: Subject<'_>) -> Wanted {
        let Subject { component, plan } = subject;
        let settings = component.postgres.clone().unwrap_or_default();
        let follows = plan.component.iter().find(|other| {
            other.name != component.name
                && other.postgres.as_ref().is_some_and(|postgres| postgres.standbys.contains(&component.name))
        });
        let standbys = settings.standbys.iter().map(|name| standby(name, plan)).collect();
        let takes_turns = follows.is_some_and(|other| settings.standbys.contains(&other.name));
        let archive = archive(component, plan);
        Wanted {
            version: component.version.clone(),
            standbys,
            follows: follows.filter(|_| !takes_turns).map(|other| other.name.clone()),
            takes_turns,
            archive,
            checks: settings.checks,
        }
    }
}

fn standby(name: &str, plan: &Plan) -> Standby {
    let component = plan.component.iter().find(|component| component.name == name);
    let config = component.and_then(|it| it.address.as_ref()?.parse::<tokio_postgres::Config>().ok());
    let host = config.and_then(|config| match config.get_hosts().first() {
        Some(tokio_postgres::config::Host::Tcp(host)) => Some(host.clone()),
        _ => None,
    });
    Standby { name: name.to_owned(), host, site: component.and_then(|it| it.site.clone()) }
}

fn archive(component: &Component, plan: &Plan) -> Option<String> {
    if let Some(path) = component.postgres.as_ref().and_then(|settings| settings.archive.as_ref()) {
        return Some(format!("the archive {}", path.display()));
    }
    let takes_log = |job: &&crate::plan::types::Job| {
        job.task == Task::Backup && job.method == Some(Method::Wal) && job.of.as_deref() == Some(&component.name)
    };
    plan.job.iter().find(takes_log).map(|job| format!("the job {}", job.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"
        [platform]
        name = "p"
        [[component]]
        name = "db"
        kind = "postgres"
        version = "15"
        postgres = { standbys = ["far"] }
        [[component]]
        name = "far"
        kind = "postgres"
        site = "dr"
        address = "postgresql://me@10.0.0.7:5433/x"
        [[job]]
        name = "log"
        do = "backup"
        of = "db"
        method = "wal"
        continuous = true
    "#;

    fn wanted(name: &str) -> Wanted {
        let plan: Plan = toml::from_str(PLAN).unwrap();
        let component = plan.component.iter().find(|component| component.name == name).unwrap();
        Wanted::of(Subject { component, plan: &plan })
    }

    #[test]
    fn the_plan_tells_who_follows_whom_and_what_is_archived() {
        let primary = wanted("db");
        let far = Standby { name: "far".to_owned(), host: Some("10.0.0.7".to_owned()), site: Some("dr".to_owned()) };
        assert_eq!((primary.standbys, primary.follows), (vec![far], None));
        assert_eq!(primary.archive.as_deref(), Some("the job log"));
        let standby = wanted("far");
        assert_eq!((standby.follows.as_deref(), standby.archive), (Some("db"), None));
    }
}
