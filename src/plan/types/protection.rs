//! Data, and the stores that keep what protects them.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::Times;
use crate::plan::{Place, SecretRef};
use crate::text::{Size, Span};

/// A category of data.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Data {
    /// Its name in this plan.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// Where it lives.
    pub component: Option<String>,
    /// How much of it may be lost; `real-time` is nothing.
    pub rpo: Option<Span>,
    /// How much was really lost at most, as documented.
    pub achieved: Option<Span>,
    /// The jobs that protect it.
    #[serde(default)]
    pub protected_by: Vec<String>,
    /// The store whose copy counts for the RPO; any of a job's stores if left out.
    pub counts_in: Option<String>,
    /// How long it must be kept by law or contract.
    pub keep_for: Option<Span>,
    /// How long each store should keep it.
    #[serde(default)]
    pub retention: IndexMap<String, Span>,
    /// What belongs to it.
    #[serde(default)]
    pub includes: Vec<String>,
    /// How it is protected, in words.
    pub strategy: Option<String>,
    /// What losing it means.
    pub impact: Option<String>,
}

/// What kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StoreKind {
    /// A folder.
    Directory,
    /// A bucket.
    S3,
    /// A class of storage that must be thawed before it can be read.
    Archive,
    /// A repository of git.
    Git,
}

/// Where recovery points are kept.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Store {
    /// Its name in this plan.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// What kind it is.
    pub kind: StoreKind,
    /// Where it lies.
    pub site: Option<String>,
    /// How commands get to it.
    pub reach: Option<Place>,
    /// The folder.
    pub path: Option<PathBuf>,
    /// The mount point that the folder lies on. Where nothing is mounted there the store is away, and nothing is written
    /// below it. Without it the nearest one counts that `/etc/fstab` names.
    pub mount: Option<PathBuf>,
    /// The bucket.
    pub bucket: Option<String>,
    /// What every key in the bucket begins with.
    pub prefix: Option<String>,
    /// The vault of an archive.
    pub vault: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The service, if not AWS.
    pub endpoint: Option<String>,
    /// Who writes and reads.
    pub access_key: Option<SecretRef>,
    /// The secret that proves it.
    pub secret_key: Option<SecretRef>,
    /// The storage class of what is written.
    pub storage_class: Option<String>,
    /// The region that everything is replicated to.
    pub replicated_to: Option<String>,
    /// How the service encrypts.
    pub encryption: Option<String>,
    /// Who can decrypt what we encrypt.
    #[serde(default)]
    pub encrypt_to: Vec<String>,
    /// The identity of age that decrypts it, to look whether it could be restored.
    pub decrypt_with: Option<SecretRef>,
    /// How many previous versions of an object are kept.
    pub previous_versions: Option<u32>,
    /// What is thrown away, and what never.
    pub keep: Option<Keep>,
    /// How long it takes until something can be read.
    pub thaw: Option<Times>,
    /// The same for its deepest class.
    pub deep_thaw: Option<Times>,
    /// How large it is.
    pub size: Option<Size>,
    /// What it is for.
    pub purpose: Option<String>,
}

impl Store {
    /// Whether what it names is on this machine.
    pub fn is_here(&self) -> bool {
        self.reach.as_ref().is_none_or(Place::is_here)
    }

    /// Its folder, if it is one of this machine's file systems.
    pub fn folder_here(&self) -> Option<&Path> {
        let is_folder = matches!(self.kind, StoreKind::Directory | StoreKind::Archive);
        self.path.as_deref().filter(|_| is_folder && self.is_here())
    }
}

/// What a store keeps of each component and method: whatever any of these keeps. Without `age` and without a count of
/// periods it keeps everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Keep {
    /// How long.
    pub age: Option<Span>,
    /// How many, whatever their age. Only those count that were verified, and that nobody has marked as tainted.
    pub at_least: Option<u32>,
    /// Of how many days the newest good one, in the time zone of the platform. Days without one do not count.
    pub daily: Option<u32>,
    /// Of how many weeks, from Monday on.
    pub weekly: Option<u32>,
    /// Of how many months.
    pub monthly: Option<u32>,
    /// Of how many years.
    pub yearly: Option<u32>,
}

impl Keep {
    /// How long something is kept at most, and by which of its words; nothing where that is for ever.
    pub fn longest(&self) -> Option<(Span, &'static str)> {
        let days = |count: Option<u32>, days: u64| Some(Span::from_days(u64::from(count.filter(|it| *it > 0)?) * days));
        let each = [
            (self.age, "age"),
            (days(self.daily, 1), "daily"),
            (days(self.weekly, 7), "weekly"),
            (days(self.monthly, 31), "monthly"),
            (days(self.yearly, 366), "yearly"),
        ];
        each.into_iter().filter_map(|(span, word)| Some((span?, word))).max_by_key(|(span, _)| *span)
    }
}
