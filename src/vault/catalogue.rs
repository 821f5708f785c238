//! What can be restored from: what lies in the stores, brought together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::directory::Holding;
use super::folders::Folders;
use super::log::{Log, logs};
use super::look::{Known, Listing};
use super::manifest::Origin;
use super::naming::{Named, Note, Part, Sort, is_of, is_segment, named};
use super::point::{Copied, Point};
use super::taken::Taken;
use crate::plan::types::Platform;
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
    /// The logs that lead on from recovery points, store by store.
    pub logs: Vec<Log>,
}

impl Catalogue {
    /// Brings together what lies in the stores of a plan.
    pub fn of(plan: &Plan, listings: Vec<Listing>) -> Catalogue {
        let folders = Folders::of(plan);
        let mut gathering = Gathering { folders: &folders, places: HashMap::new(), gathered: Vec::new() };
        let (mut strays, mut remembered, mut all_logs) = (Vec::new(), Vec::new(), Vec::new());
        for Listing { store, files, listed } in listings {
            remembered.extend(listed.map(|at| (store.clone(), at)));
            let owners = owners(&files);
            let put = |(holding, known)| gathering.put(&store, holding, known, &owners).err();
            let others: Vec<(Holding, Option<Known>)> = files.into_iter().filter_map(put).collect();
            let astray = others.iter().filter(|(holding, _)| !is_segment(&holding.key)).count();
            all_logs.extend(logs(&store, others, &folders));
            if astray > 0 {
                strays.push((store, astray));
            }
        }
        let zone = zone_of(&plan.platform);
        let mut points: Vec<Point> =
            gathering.gathered.into_iter().flat_map(|it| it.into_points(zone, &plan.platform)).collect();
        points.sort_by(|one, other| other.taken.cmp(&one.taken).then_with(|| one.id.cmp(&other.id)));
        let tainted = tainted(&points);
        Catalogue { points, strays, remembered, tainted, logs: all_logs }
    }

    /// Of these recovery points and logs, wherever they lie.
    #[cfg(test)]
    pub(crate) fn made_up(points: Vec<Point>, logs: Vec<Log>) -> Catalogue {
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

    /// The newest one of a component that was taken before anything was wrong: of those that lack nothing, if there is
    /// one.
    pub fn last_known_clean(&self, component: Option<&str>) -> Option<&Point> {
        let clean =
            || self.points.iter().filter(|point| point.component.as_deref() == component && self.is_clean(point));
        clean().find(|point| point.is_full()).or_else(|| clean().next())
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

/// Which recovery point files belong to that another claims than the one whose name they have. Where both do, it is the
/// latter's: nobody takes another's away.
fn owners(files: &[(Holding, Option<Known>)]) -> HashMap<String, String> {
    let claims = || {
        let manifests = files.iter().filter_map(|(_, known)| match known {
            Some(Known::Manifest(manifest)) => Some(manifest),
            _ => None,
        });
        manifests.flat_map(|manifest| manifest.files.iter().map(move |file| (&file.key, &manifest.point)))
    };
    let is_its_own = |(key, point): &(&String, &String)| is_of(key, point);
    let mut owners: HashMap<String, String> = HashMap::new();
    for (key, point) in claims().filter(|claim| !is_its_own(claim)) {
        let owner = owners.entry(key.clone()).or_insert_with(|| point.clone());
        if point < &*owner {
            owner.clone_from(point);
        }
    }
    if !owners.is_empty() {
        claims().filter(is_its_own).for_each(|(key, _)| drop(owners.remove(key)));
    }
    owners
}

struct Gathering<'f> {
    folders: &'f Folders,
    /// Where each is among those that were gathered, by its name.
    places: HashMap<String, usize>,
    gathered: Vec<Gathered>,
}

/// A recovery point of which not every file was seen yet.
struct Gathered {
    point: Point,
    taken: Taken,
    /// When its first file was written: later ones may be copies.
    written: DateTime<Utc>,
}

impl Gathering<'_> {
    /// Puts a file where it belongs; gives it back where that is nowhere.
    fn put(
        &mut self,
        store: &str,
        holding: Holding,
        note: Option<Known>,
        owners: &HashMap<String, String>,
    ) -> Result<(), (Holding, Option<Known>)> {
        let Some(told) = named(&holding.key) else { return Err((holding, note)) };
        // A manifest knows better than a name what belongs together.
        let id = owners.get(&holding.key).cloned().unwrap_or_else(|| told.id());
        let Named { folder, taken, part, .. } = told;
        let written = holding.written;
        let next = self.gathered.len();
        let place = *self.places.entry(id).or_insert_with_key(|id| {
            let component = self.folders.component(folder).map(str::to_owned);
            let (sorts, precision) = (BTreeSet::new(), taken.precision);
            let point = Point { id: id.clone(), component, sorts, taken: written, precision, copies: Vec::new() };
            self.gathered.push(Gathered { point, taken, written });
            next
        });
        let gathered = &mut self.gathered[place];
        gathered.written = gathered.written.min(written);
        gathered.point.put(store, part, holding, note);
        Ok(())
    }
}

impl Gathered {
    /// What it comes to: several, where others who use the same store had the same name for one of theirs.
    fn into_points(mut self, zone: Zone, platform: &Platform) -> Vec<Point> {
        let whose = |copied: &Copied| {
            let of_another = copied.manifest().map(|manifest| &manifest.taking).filter(|it| !it.is_of(platform));
            of_another.map(Origin::platform_told)
        };
        let first = self.point.copies.first().and_then(whose);
        if self.point.copies.iter().skip(1).all(|copied| whose(copied) == first) {
            return vec![self.into_point(zone, platform)];
        }
        let mut parts: BTreeMap<Option<String>, Vec<Copied>> = BTreeMap::new();
        for copied in std::mem::take(&mut self.point.copies) {
            parts.entry(whose(&copied)).or_default().push(copied);
        }
        let part = |(whose, copies): (Option<String>, Vec<Copied>)| {
            let id = whose.map_or_else(|| self.point.id.clone(), |whose| format!("{}@{whose}", self.point.id));
            let sorts = copies.iter().flat_map(|copied| copied.artefacts.iter().map(|(sort, _)| *sort)).collect();
            let point = Point { id, sorts, copies, ..self.point.clone() };
            Gathered { point, ..self }.into_point(zone, platform)
        };
        parts.into_iter().map(part).collect()
    }

    fn into_point(self, zone: Zone, platform: &Platform) -> Point {
        let mut point = self.point;
        // What we took tells the moment whose state it holds; a name of ours is in UTC.
        point.taken = match point.manifest() {
            Some(manifest) => manifest.source.as_of.unwrap_or(manifest.begun),
            None => self.taken.instant(zone, self.written),
        };
        // A plan changes, and a store may be another's as well: whoever took it knows of what, its folder only may.
        if let Some(taking) = point.manifest().map(|manifest| &manifest.taking) {
            point.component = taking.is_of(platform).then(|| taking.component.clone());
        }
        for copied in &mut point.copies {
            copied.artefacts.sort_by(|one, other| one.1.key.cmp(&other.1.key));
        }
        point.find_the_bare();
        point
    }
}

impl Point {
    /// Finds copies whose manifest is gone: another copy has one, and names files of the same sort.
    fn find_the_bare(&mut self) {
        let is_noted = |copied: &Copied| copied.notes.iter().any(|(note, ..)| *note == Note::Manifest);
        if self.copies.iter().all(is_noted) {
            return;
        }
        let Some(manifest) = self.manifest() else { return };
        let sorts: BTreeSet<Sort> = manifest.files.iter().map(|file| file.holds).collect();
        for copied in self.copies.iter_mut().filter(|copied| !is_noted(copied)) {
            copied.is_bare = copied.artefacts.iter().any(|(sort, _)| sorts.contains(sort));
        }
    }

    fn put(&mut self, store: &str, part: Part, holding: Holding, known: Option<Known>) {
        let index = self.copies.iter().position(|copied| copied.store == store).unwrap_or_else(|| {
            self.copies.push(Copied { store: store.to_owned(), ..Copied::default() });
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
