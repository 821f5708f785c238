//! One lab, opened: what every part of the room works with.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::network::Door;
use super::processes::Processes;
use super::programs::Programs;
use super::record::Record;
use super::secrets::{self, LabSecret};
use super::{LabError, Layout, Role, ServerId, Site, procfs};
use crate::text::{Shape, untrusted};

/// One lab, opened.
pub(super) struct Lab {
    pub(super) layout: Layout,
    pub(super) record: Record,
    pub(super) processes: Processes,
    pub(super) programs: Programs,
    done: Mutex<BTreeSet<String>>,
}

impl Lab {
    pub(super) fn open(layout: Layout, record: Record, programs: Programs) -> Result<Lab, LabError> {
        let layout = layout.with_sites(record.sites.clone());
        let processes = Processes::open(layout.processes(), &record.id)?;
        let done = Mutex::new(record.done.clone());
        Ok(Lab { layout, record, processes, programs, done })
    }

    /// Every server it has.
    pub(super) fn servers(&self) -> Vec<ServerId> {
        self.record.servers()
    }

    /// The servers of a role at a site: one, several, or none.
    pub(super) fn all_of(&self, site: Site, role: Role) -> Vec<ServerId> {
        ServerId::of(self.record.nodes, site, role)
    }

    /// The only server of a role at a site, or the first of several.
    pub(super) fn first_of(&self, site: Site, role: Role) -> ServerId {
        self.all_of(site, role).first().copied().unwrap_or(ServerId::new(site, role))
    }

    /// Whether a step of making the lab is complete.
    pub(super) fn is_done(&self, step: &str) -> bool {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).contains(step)
    }

    /// Writes down that a step of making the lab is complete.
    pub(super) fn mark_done(&self, step: &str) -> Result<(), LabError> {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.insert(step.to_owned());
        Record { done: done.clone(), ..self.record.clone() }.save(&self.layout)
    }

    /// Where a server listens.
    pub(super) fn address(&self, server: ServerId) -> SocketAddr {
        self.record.network.address(server, Door::Main)
    }

    /// Where a message broker is managed.
    pub(super) fn management(&self, server: ServerId) -> SocketAddr {
        self.record.network.address(server, Door::Management)
    }

    /// Whether a server has a process, and no fault has frozen it.
    pub(super) fn runs(&self, server: ServerId) -> bool {
        let born = self.processes.alive(server);
        born.and_then(|born| procfs::alive(&born)).is_some_and(|stat| stat.state != 'T')
    }

    /// One of its passwords.
    pub(super) fn secret(&self, secret: LabSecret) -> Result<String, LabError> {
        secrets::read(&self.layout, secret)
    }

    /// The file of one of its passwords, for whoever made the lab.
    pub(super) fn secret_file(&self, secret: LabSecret) -> PathBuf {
        secrets::path(&self.layout, secret)
    }

    /// The error of a server that failed, with what its log says.
    pub(super) fn failed(&self, server: ServerId, why: impl Into<String>) -> LabError {
        LabError::Server {
            server,
            why: untrusted(why.into(), Shape::line(400)),
            log: super::launch::log_tail(self, server),
        }
    }
}
