//! Where everything of one lab lies.

use std::path::{Path, PathBuf};

use super::{ServerId, Site};

/// The folder of one lab and the places in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
    sites: PathBuf,
}

impl Layout {
    /// The lab whose folder is `root`.
    pub fn at(root: &Path) -> Layout {
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        Layout { sites: root.join("sites"), root }
    }

    /// The same with the sites where they really are, since servers may not be able to go through the link.
    pub(super) fn with_sites(self, sites: PathBuf) -> Layout {
        Layout { sites, ..self }
    }

    /// The lab's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The recovery plan that the lab writes for itself.
    pub fn plan(&self) -> PathBuf {
        self.root.join("plan.toml")
    }

    /// The state folder of the lab's platform: its journal, claims and log.
    pub fn state(&self) -> PathBuf {
        self.root.join("state")
    }

    /// What the lab is: addresses, ports, account, how far it was made.
    pub fn record(&self) -> PathBuf {
        self.root.join("lab.json")
    }

    /// Every process that it started.
    pub fn processes(&self) -> PathBuf {
        self.root.join("processes.json")
    }

    /// Faults that were applied and not undone.
    pub fn faults(&self) -> PathBuf {
        self.root.join("faults.json")
    }

    /// The lock of whoever changes the lab.
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// The file of one secret, readable by whoever made the lab.
    pub fn secret(&self, name: &str) -> PathBuf {
        self.root.join("secrets").join(name)
    }

    /// The folder with a folder per site; a link where the servers' account cannot reach the lab's own.
    pub fn sites(&self) -> PathBuf {
        self.sites.clone()
    }

    /// The folder of one site.
    pub fn site(&self, site: Site) -> PathBuf {
        self.sites().join(site.name())
    }

    /// The folder of one server: its configuration, its data and its log.
    pub fn server(&self, id: ServerId) -> PathBuf {
        self.site(id.site).join(id.name())
    }

    /// What the server wrote to its output.
    pub fn log(&self, id: ServerId) -> PathBuf {
        self.server(id).join("server.log")
    }

    /// The local store of a site, in the layout of the recovery plan's `/backups`.
    pub fn backups(&self, site: Site) -> PathBuf {
        self.site(site).join("backups")
    }

    /// Configuration files of a site, in git.
    pub fn config(&self, site: Site) -> PathBuf {
        self.site(site).join("config")
    }

    /// Certificates and keys of a site.
    pub fn certificates(&self, site: Site) -> PathBuf {
        self.site(site).join("certificates")
    }
}
