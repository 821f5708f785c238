//! The programs of others that a job needs where it runs.

use super::postgres;
use crate::plan::types::{Component, Job, Kind, Task};

/// A program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// What it is called.
    pub program: String,
    /// The oldest major version that does.
    pub at_least: Option<u32>,
    /// Its package in Debian, where that is known.
    pub package: Option<String>,
}

/// The programs of a job that acts on `subject`, whose server has this major version.
pub fn clients(job: &Job, subject: Option<&Component>, version: Option<u32>) -> Vec<Client> {
    let named = |program: &str, package: Option<&str>| Client {
        program: program.to_owned(),
        at_least: None,
        package: package.map(str::to_owned),
    };
    match (job.task, subject.map(|component| component.kind)) {
        (Task::GitCommit, _) => vec![named("git", Some("git"))],
        (Task::Command, _) => job.run.first().map(|program| named(program, None)).into_iter().collect(),
        (_, Some(Kind::Postgres)) => postgres::clients(job, version),
        _ => Vec::new(),
    }
}
