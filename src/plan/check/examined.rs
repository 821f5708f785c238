//! A plan under examination: the plan, its tree, the time, and what several rules want to look up.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::exposure::Exposures;
use super::places::{Entry, Listed, element, entries, walk};
use crate::plan::source::{Node, Origin, Path, Sources};
use crate::plan::types::{Component, Job, Platform, Procedure, Role, Store};
use crate::plan::{Loaded, Plan};
use crate::text::{Span, Zone};

/// The entries of a list by their names; of two with one name the first.
pub struct Index<'a, T> {
    by_name: HashMap<&'a str, Entry<'a, T>>,
}

impl<'a, T> Index<'a, T> {
    fn new(list: &'a [T], name: impl Fn(&'a T) -> &'a str) -> Index<'a, T> {
        let mut by_name = HashMap::with_capacity(list.len());
        for entry in entries(list) {
            by_name.entry(name(entry.item)).or_insert(entry);
        }
        Index { by_name }
    }

    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<Entry<'a, T>> {
        self.by_name.get(name).copied()
    }
}

/// Everything a rule needs.
pub struct Examined<'a> {
    /// The plan, as far as it could be read.
    pub plan: &'a Plan,
    /// What was written.
    pub tree: &'a Node,
    /// Its files.
    pub sources: &'a Sources,
    /// The time of the check.
    pub now: DateTime<Utc>,
    /// What schedules mean.
    pub zone: Zone,
    /// Components by name.
    pub components: Index<'a, Component>,
    /// Stores by name.
    pub stores: Index<'a, Store>,
    /// Jobs by name.
    pub jobs: Index<'a, Job>,
    /// Procedures by name.
    pub procedures: Index<'a, Procedure>,
    /// Roles by name.
    pub roles: Index<'a, Role>,
    exposures: OnceCell<Exposures<'a>>,
}

impl<'a> Examined<'a> {
    /// Prepares a plan for the rules.
    pub fn new(plan: &'a Plan, loaded: &'a Loaded, now: DateTime<Utc>) -> Examined<'a> {
        Examined {
            plan,
            tree: &loaded.tree,
            sources: &loaded.sources,
            now,
            zone: zone_of(&plan.platform),
            components: Index::new(&plan.component, |component| &component.name),
            stores: Index::new(&plan.store, |store| &store.name),
            jobs: Index::new(&plan.job, |job| &job.name),
            procedures: Index::new(&plan.procedure, |procedure| &procedure.name),
            roles: Index::new(&plan.role, |role| &role.name),
            exposures: OnceCell::new(),
        }
    }

    /// When jobs run and how much each may lose.
    pub fn exposures(&self) -> &Exposures<'a> {
        self.exposures.get_or_init(|| Exposures::new(self.plan, self.now))
    }

    /// How long a component may be away, and where that is said: by itself, else by its class of urgency.
    pub fn rto_of(&self, component: Entry<'_, Component>) -> Option<(Span, Origin)> {
        let own = component.rto.map(|rto| (rto, self.key(component, "rto")));
        let class = || entries(&self.plan.priority).find(|class| Some(class.level) == component.priority);
        own.or_else(|| class().map(|class| (class.within, self.key(class, "within"))))
    }

    /// Today, where the plan's people are.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    /// The way to an entry of one of the plan's own lists.
    pub fn path<T: Listed>(&self, entry: Entry<'_, T>) -> Path {
        entry.within(self.tree, &Path::root())
    }

    /// What to underline for an entry.
    pub fn origin<T: Listed>(&self, entry: Entry<'_, T>) -> Origin {
        self.at(&self.path(entry))
    }

    /// What to underline for a key of an entry.
    pub fn key<T: Listed>(&self, entry: Entry<'_, T>, key: &str) -> Origin {
        self.at(&self.path(entry).to(key))
    }

    /// What to underline for a text in a list of an entry.
    pub fn element<T: Listed>(&self, entry: Entry<'_, T>, key: &str, index: usize, text: &str) -> Origin {
        self.at(&element(self.tree, &self.path(entry).to(key), index, text))
    }

    /// What to underline.
    pub fn at(&self, path: &Path) -> Origin {
        self.tree.locate(path)
    }

    /// Whether something was written there, even if it could not be read.
    pub fn is_written(&self, path: &Path) -> bool {
        walk(self.tree, path).is_some()
    }

    /// The names written in a list, also of entries that could not be read.
    pub fn names(&self, list: &str) -> HashSet<&'a str> {
        let elements = self.tree.get(list).map_or(&[][..], |entry| entry.node.elements());
        elements.iter().filter_map(|element| element.get("name")?.node.text()).collect()
    }
}

/// The components that a database or a cache is replicated to.
pub fn followers(component: &Component) -> impl Iterator<Item = &String> {
    let standbys = component.postgres.iter().flat_map(|settings| &settings.standbys);
    standbys.chain(component.redis.iter().flat_map(|settings| &settings.replicas))
}

/// The time zone that the platform names, if it is known.
pub fn named_zone(platform: &Platform) -> Option<Zone> {
    platform.time_zone.as_deref()?.parse().ok()
}

/// The platform's time zone; UTC if none is given, or none that is known.
pub fn zone_of(platform: &Platform) -> Zone {
    named_zone(platform).unwrap_or(Zone::UTC)
}
