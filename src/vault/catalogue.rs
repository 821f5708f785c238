//! What can be restored from: what lies in the stores, brought together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::directory::Holding;
use super::folders::Folders;
use super::log_end::{LogEnd, log_ends};
use super::look::{Known, Listing};
use super::naming::{Named, Part, is_segment, named};
use super::point::{Copied, Point};
use super::taken::Taken;
use crate::plan::{Plan, zone_of};
use crate::text::Zone;

/// Every recovery point of the stores that were looked at.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// The newest first.
    pub points: Vec<Point>,
    /// How many files of each store are part of none, where there are such.
    pub strays: Vec<(String, usize)>,
    /// Stores that were listed a while ago, and when.
    pub remembered: Vec<(String, DateTime<Utc>)>,
    /// Since when something is wrong with a component.
    pub(crate) tainted: BTreeMap<Option<String>, DateTime<Utc>>,
    /// Where the logs that lead on from recovery points end.
    pub logs: Vec<LogEnd>,
}

impl Catalogue {
    /// Brings together what lies in the stores of a plan.
    pub fn of(plan: &Plan, listings: Vec<Listing>) -> Catalogue {
        let mut gathering = Gathering { folders: Folders::of(plan), points: BTreeMap::new() };
        let (mut strays, mut remembered, mut logs) = (Vec::new(), Vec::new(), Vec::new());
        for Listing { store, holdings, mut notes, listed } in listings {
            remembered.extend(listed.map(|at| (store.clone(), at)));
            let all = holdings.len();
            let owners = owners(&notes);
            let segments = holdings.iter().filter(|holding| is_segment(&holding.key)).count();
            logs.extend(log_ends(&store, &holdings, &gathering.folders));
            let put = |holding: Holding| {
                let note = notes.remove(&holding.key);
                gathering.put(&store, holding, note, &owners)
            };
            let parts = holdings.into_iter().filter_map(put).count();
            if parts + segments < all {
                strays.push((store, all - parts - segments));
            }
        }
        let zone = zone_of(&plan.platform);
        let mut points: Vec<Point> =
            gathering.points.into_values().map(|it| it.into_point(zone, &plan.platform.name)).collect();
        points.sort_by(|one, other| other.taken.cmp(&one.taken).then_with(|| one.id.cmp(&other.id)));
        let tainted = tainted(&points);
        Catalogue { points, strays, remembered, tainted, logs }
    }

    /// Of these recovery points and logs, wherever they lie.
    #[cfg(test)]
    pub(crate) fn made_up(points: Vec<Point>, logs: Vec<LogEnd>) -> Catalogue {
        let tainted = tainted(&points);
        Catalogue { points, tainted, logs, ..Catalogue::default() }
    }
}

impl Catalogue {
    /// Since when something is wrong with a component, as far as its recovery points are marked.
    pub fn tainted_since(&self, component: Option<&str>) -> Option<DateTime<Utc>> {
        self.tainted.get(&component.map(str::to_owned)).copied()
    }

    /// Whether one would restore from it, and it was taken before anything was wrong.
    pub fn is_clean(&self, point: &Point) -> bool {
        let since = self.tainted_since(point.component.as_deref());
        point.state().is_restorable() && since.is_none_or(|since| point.taken < since)
    }

    /// The newest one of a component that was taken before anything was wrong.
    pub fn last_known_clean(&self, component: Option<&str>) -> Option<&Point> {
        self.points.iter().find(|point| point.component.as_deref() == component && self.is_clean(point))
    }
}

/// Since when something is wrong with each component, as far as its recovery points are marked.
fn tainted(points: &[Point]) -> BTreeMap<Option<String>, DateTime<Utc>> {
    let mut tainted = BTreeMap::new();
    for point in points {
        for taint in point.copies.iter().filter_map(Copied::taint) {
            let since: &mut DateTime<Utc> = tainted.entry(point.component.clone()).or_insert(taint.since);
            *since = taint.since.min(*since);
        }
    }
    tainted
}

/// Which recovery point the files of a store belong to, as far as manifests tell. Where two claim a file it is that one's
/// whose name it has: nobody takes another's away.
fn owners(notes: &HashMap<String, Known>) -> HashMap<String, String> {
    let manifests = notes.values().filter_map(|known| match known {
        Known::Manifest(manifest) => Some(manifest),
        _ => None,
    });
    let mut owners: HashMap<String, String> = HashMap::new();
    for manifest in manifests {
        for file in &manifest.files {
            let owner = owners.entry(file.key.clone()).or_insert_with(|| manifest.point.clone());
            let by_name = named(&file.key).map(|named| named.id());
            let is_better = Some(&manifest.point) == by_name.as_ref();
            if is_better || (Some(&*owner) != by_name.as_ref() && manifest.point < *owner) {
                owner.clone_from(&manifest.point);
            }
        }
    }
    owners
}

struct Gathering {
    folders: Folders,
    points: BTreeMap<String, Gathered>,
}

/// A recovery point of which not every file was seen yet.
struct Gathered {
    point: Point,
    taken: Taken,
    /// When its first file was written: later ones may be copies.
    written: DateTime<Utc>,
}

impl Gathering {
    /// Puts a file where it belongs; nothing where that is nowhere.
    fn put(
        &mut self,
        store: &str,
        holding: Holding,
        note: Option<Known>,
        owners: &HashMap<String, String>,
    ) -> Option<()> {
        let told = named(&holding.key)?;
        // A manifest knows better than a name what belongs together.
        let id = owners.get(&holding.key).cloned().unwrap_or_else(|| told.id());
        let Named { folder, taken, part, .. } = told;
        let component = self.folders.component(folder).map(str::to_owned);
        let written = holding.written;
        let gathered = self.points.entry(id).or_insert_with_key(|id| {
            let point = Point {
                id: id.clone(),
                component,
                sorts: BTreeSet::new(),
                taken: written,
                precision: taken.precision,
                copies: Vec::new(),
            };
            Gathered { point, taken, written }
        });
        gathered.written = gathered.written.min(written);
        gathered.point.put(store, part, holding, note);
        Some(())
    }
}

impl Gathered {
    fn into_point(self, zone: Zone, platform: &str) -> Point {
        let mut point = self.point;
        // What we took tells the moment whose state it holds; a name of ours is in UTC.
        point.taken = match point.manifest() {
            Some(manifest) => manifest.source.as_of.unwrap_or(manifest.begun),
            None => self.taken.instant(zone, self.written),
        };
        // A plan changes, and a store may be another's as well: whoever took it knows of what, its folder only may.
        if let Some(taking) = point.manifest().map(|manifest| manifest.taking.clone()) {
            point.component = (taking.platform == platform).then_some(taking.component);
        }
        for copied in &mut point.copies {
            copied.artefacts.sort_by(|one, other| one.1.key.cmp(&other.1.key));
        }
        point
    }
}

impl Point {
    fn put(&mut self, store: &str, part: Part, holding: Holding, known: Option<Known>) {
        let index = self.copies.iter().position(|copied| copied.store == store).unwrap_or_else(|| {
            self.copies.push(Copied { store: store.to_owned(), artefacts: Vec::new(), notes: Vec::new() });
            self.copies.len() - 1
        });
        let copied = &mut self.copies[index];
        match part {
            Part::Artefact(sort) => {
                self.sorts.insert(sort);
                copied.artefacts.push((sort, holding));
            }
            Part::Note(note) => {
                let known = known.unwrap_or_else(|| Known::told(note, Err("it was not read")));
                copied.notes.push((note, holding, known));
            }
        }
    }
}
