//! What a superuser types for the login of a component, and the programs that work with a server.

use chrono::{DateTime, Utc};

use crate::plan::types::{Component, Job, Method, Task};
use crate::systems::clients::Client;
use crate::systems::mend::{Next, user, word};
use crate::systems::trouble::shown;

/// Asks for the password, and never shows it.
pub fn give_password(component: &Component) -> Next {
    Next::Mend(psql(component, &[&format!("\\password {}", identifier(&user(component)))]))
}

/// What shows everything that is told of a server, and nothing of its data.
pub fn grant(component: &Component) -> Next {
    Next::Mend(psql(component, &[&format!("GRANT pg_monitor TO {};", identifier(&user(component)))]))
}

/// A login with an end has it so that its password is changed: both are.
pub fn renew_login(component: &Component, until: DateTime<Utc>) -> Next {
    let role = identifier(&user(component));
    let until = until.format("%Y-%m-%d %H:%M:%S+00");
    let other_end = format!("ALTER ROLE {role} VALID UNTIL '{until}';");
    Next::Mend(psql(component, &[&format!("\\password {role}"), &other_end]))
}

fn psql(component: &Component, commands: &[&str]) -> String {
    let address = component.address.as_deref().map_or_else(|| component.name.clone(), shown);
    let commands = commands.iter().map(|command| format!(" -c {}", word(command)));
    format!("psql {} -U postgres{}", word(&address), commands.collect::<String>())
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What a backup of a database runs. Older programs refuse a newer server.
pub fn clients(job: &Job, version: Option<u32>) -> Vec<Client> {
    let package = version.map_or_else(|| "postgresql-client".to_owned(), |it| format!("postgresql-client-{it}"));
    let named =
        |program: &&str| Client { program: (*program).to_owned(), at_least: version, package: Some(package.clone()) };
    let programs: &[&str] = match (job.task, job.method) {
        (Task::Backup, Some(Method::Dump | Method::Sql)) => &["pg_dump", "pg_dumpall", "pg_restore", "psql"],
        (Task::Backup, Some(Method::Base)) => &["pg_basebackup"],
        _ => &[],
    };
    programs.iter().map(named).collect()
}
