//! Starting workers, and telling how they ended: on threads of their own, since disks and processes may hang.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use super::mail::Mail;
use super::message::Message;
use super::session::Session;
use crate::console::order::Order;
use crate::protect::operation::{Invocation, Looker, Operation, Worker, call_off};
use crate::text::Explain;

/// What workers are started with.
#[derive(Clone)]
pub(super) struct Starter {
    pub(super) invocation: Invocation,
    pub(super) state: PathBuf,
    pub(super) group: Option<String>,
}

impl Session {
    /// Starts the worker for an order.
    pub(super) fn start(&self, order: &Order) {
        let (Some(starter), Some(words)) = (self.starter.clone(), order.words()) else { return };
        let (mail, name) = (self.mail.clone(), order.action().info().map_or("work", |info| info.name));
        self.beside("worker", move || {
            match starter.invocation.start(&words, &starter.state, starter.group.as_deref()) {
                Ok(worker) => attend(worker, &starter.state, name, &mail),
                Err(error) => {
                    mail.send(Message::Said(format!("{name} was not started: {error}. {}", error.next_step())));
                }
            }
        });
    }

    /// Asks a process to end.
    pub(super) fn call_off(&self, operation: Operation) {
        let mail = self.mail.clone();
        self.beside("call-off", move || {
            let title = operation.about.title();
            mail.send(Message::Said(match call_off(&operation) {
                Ok(()) => format!("{title} was asked to end, and clears away what it began"),
                Err(error) => format!("{title} was not called off: {error}. {}", error.next_step()),
            }));
        });
    }

    fn beside(&self, name: &str, work: impl FnOnce() + Send + 'static) {
        if std::thread::Builder::new().name(name.to_owned()).spawn(work).is_err() {
            self.mail.send(Message::Said("it was not done: this machine gives no thread".to_owned()));
        }
    }
}

/// Waits for a worker's end, and says how it was: in its own words, where it had any.
fn attend(worker: Worker, state: &Path, name: &str, mail: &Mail) {
    mail.send(Message::Said(format!("{name} has begun, and goes on when this console is left")));
    let pid = worker.pid();
    let Ok((status, printed)) = worker.wait() else { return };
    let seen = Looker::at(state).look().unwrap_or_default();
    let own = seen.iter().find(|seen| seen.operation.by.process.pid == pid);
    let told =
        own.and_then(|seen| Some(format!("{}: {}. {}", seen.operation.about.title(), seen.word(), seen.end_told()?)));
    mail.send(Message::Said(told.unwrap_or_else(|| format!("{name} {}: {printed}", ended(status)))));
}

/// How a process ended that told nothing.
fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "is done".to_owned(),
        (Some(code), _) => format!("ended with {code}"),
        (None, signal) => format!("was killed by signal {}", signal.unwrap_or(0)),
    }
}
