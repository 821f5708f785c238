//! Reach: how a command, a stream or a request gets to where a system lives, and where secrets come from.
//!
//! May start processes, and talk to the container engine and to buckets. Never decides what is done, and never prints.

mod bring;
mod capture;
mod command;
mod container;
mod docker;
mod drawn;
mod error;
mod exactly;
mod far;
mod group;
mod input;
mod link;
pub mod mounts;
mod outcome;
mod quote;
mod resolve;
mod running;
pub mod s3;
mod secret;
mod secret_error;
pub(crate) mod sign;
mod ssh;
mod ssh_trouble;
mod start;
mod stdout;
mod tag;
mod tar;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use capture::Captured;
pub use command::Command;
pub use container::{ContainerState, FileMeta};
pub use docker::Container;
pub use error::{Failure, ReachError};
pub use input::Input;
pub use outcome::{Ended, Ending, FarEnd, FoundProcess, Output, ProcessId};
pub use quote::{quote, quote_all};
pub use resolve::Secrets;
pub use running::Running;
pub use secret::{Secret, TooShort};
pub use secret_error::SecretError;
use ssh::Ssh;
pub use ssh_trouble::SshTrouble;
pub use stdout::Stdout;
pub use tag::{Tag, TagError, random_digits};

use crate::plan::Place;
use crate::text::{Redactor, Shape, untrusted};

/// What every way to a place needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// An OpenSSH configuration instead of the user's own.
    pub ssh_config: Option<PathBuf>,
    /// How long a host may take to let us in.
    pub connect: Duration,
    /// What strips secrets from files and messages.
    pub redactor: Redactor,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { ssh_config: None, connect: Duration::from_secs(10), redactor: Redactor::new() }
    }
}

/// A way to a place. Cheap to clone; clones share their connection.
#[derive(Clone)]
pub struct Reach {
    way: Arc<Way>,
    place: String,
    redactor: Redactor,
    /// How long a place may take to start our wrapper.
    patience: Duration,
}

enum Way {
    Here,
    Ssh(Ssh),
    Docker(Container),
    Prefix(Vec<String>),
}

impl Reach {
    /// This machine, with nothing to strip from what is said.
    pub fn here(redactor: &Redactor) -> Reach {
        Reach {
            way: Arc::new(Way::Here),
            place: Place::HERE.to_string(),
            redactor: redactor.clone(),
            patience: Duration::from_secs(20),
        }
    }

    /// The way to a place of the plan. A host is not asked before the first command; the container
    /// engine is, for the version it speaks.
    pub async fn open(place: &Place, settings: &Settings) -> Result<Reach, ReachError> {
        let name = untrusted(place.to_string(), Shape::line(120));
        if place.ways() > 1 {
            return Err(ReachError::BadPlace { place: name, why: "it names several ways".to_owned() });
        }
        let way = match (&place.ssh, &place.docker, &place.prefix) {
            (Some(host), _, _) => Way::Ssh(Ssh::new(host, settings.ssh_config.as_deref(), settings.connect)?),
            (_, Some(container), _) => Way::Docker(Container::open(container, settings.connect).await?),
            (_, _, Some(prefix)) if prefix.first().is_some_and(|program| !program.is_empty()) => {
                Way::Prefix(prefix.clone())
            }
            (_, _, Some(_)) => {
                return Err(ReachError::BadPlace { place: name, why: "its prefix is empty".to_owned() });
            }
            _ => Way::Here,
        };
        let patience = settings.connect * 2;
        Ok(Reach { way: Arc::new(way), place: name, redactor: settings.redactor.clone(), patience })
    }

    /// The place, as the plan names it.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Whether it leads nowhere else.
    pub fn is_here(&self) -> bool {
        matches!(&*self.way, Way::Here)
    }

    /// The container behind this way, to start, stop or copy; `None` where it is none.
    pub fn container(&self) -> Option<&Container> {
        match &*self.way {
            Way::Docker(container) => Some(container),
            _ => None,
        }
    }

    /// Runs a command to its end, whatever that is; [`Output::ok`] turns a bad one into an error.
    pub async fn run(&self, command: Command) -> Result<Output, ReachError> {
        Ok(self.start(command).await?.wait().await)
    }

    /// Starts a command whose output is read, or input written, while it runs.
    pub async fn stream(&self, command: Command) -> Result<Running, ReachError> {
        self.start(command).await
    }

    /// The processes at the place that still carry this tag. What made itself a daemon is not among them.
    pub async fn find(&self, tag: &Tag) -> Result<Vec<FoundProcess>, ReachError> {
        let command = script(far::FIND).arg(tag.as_str()).deadline(self.patience);
        let output = self.run(command).await?.ok()?;
        let text = output.stdout.whole().unwrap_or_default().into_owned();
        if text.trim_ascii() == b"blind" {
            return Err(self.unseen(tag, BLIND));
        }
        Ok(String::from_utf8_lossy(&text).lines().filter_map(found).collect())
    }

    /// Ends every process at the place that carries this tag: asks, waits so long, kills, and looks again.
    pub async fn end(&self, tag: &Tag, grace: Duration) -> Result<Ended, ReachError> {
        self.end_all(tag, grace, None).await
    }

    /// The same, knowing the session that they were started in.
    async fn end_all(&self, tag: &Tag, grace: Duration, session: Option<u32>) -> Result<Ended, ReachError> {
        let seconds = grace.as_secs() + u64::from(grace.subsec_nanos() > 0);
        let session = session.map(|session| session.to_string());
        let command = script(far::END).args([tag.as_str(), &seconds.to_string()]).args(session);
        let limit = self.patience + grace * 2 + Duration::from_secs(10);
        let output = self.run(command.deadline(limit)).await?.ok()?;
        match output.stdout.whole().as_deref().map(<[u8]>::trim_ascii) {
            Some(b"none") => Ok(Ended::NothingThere),
            Some(b"ended") => Ok(Ended::Asked),
            Some(b"killed") => Ok(Ended::Killed),
            Some(b"blind") => Err(self.unseen(tag, BLIND)),
            Some(b"hidden") => Err(self.unseen(tag, "something of it became another user, or cleared its environment")),
            _ => Err(ReachError::StillThere { place: self.place.clone(), tag: tag.clone() }),
        }
    }

    fn unseen(&self, tag: &Tag, why: &'static str) -> ReachError {
        ReachError::Unseen { place: self.place.clone(), tag: tag.clone(), why }
    }

    /// Closes a shared connection that would otherwise stay open for a minute.
    pub async fn close(&self) -> Result<(), ReachError> {
        match &*self.way {
            Way::Ssh(ssh) => ssh.close(&self.redactor).await,
            _ => Ok(()),
        }
    }
}

/// Without `/proc` or `grep`, or where `/proc` belongs to another system.
const BLIND: &str = "that place does not show its processes";

fn script(text: &str) -> Command {
    let mut command = Command::new("sh").args(["-c", text, "lifeboat"]);
    command.hunts = true;
    command
}

fn found(line: &str) -> Option<FoundProcess> {
    let mut words = line.splitn(3, ' ');
    let id = ProcessId { pid: words.next()?.parse().ok()?, started: words.next()?.parse().ok()? };
    Some(FoundProcess { id, name: untrusted(words.next()?, Shape::line(40)) })
}
