//! How a log leads on from a base: from segment to segment, out of whichever stores have them, to the first that is
//! missing or cannot be read.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::lying::{Log, Piece};
use super::name::SegmentName;

/// How large segments are where nothing tells: so they are unless a server was made otherwise.
const USUAL: u64 = 16 << 20;
/// So many stores of one log are told apart.
const STORES: usize = 64;

/// The log of a database, from several stores together: the segments of its newest timeline, and of those before as far
/// as they lead to it. What an old primary has written since another took over is of no use.
#[derive(Debug, Default)]
pub struct Merged<'l> {
    stores: Vec<&'l str>,
    steps: Vec<Step<'l>>,
    size: u64,
}

/// A segment, and the stores that have it.
#[derive(Clone, Copy, Debug)]
struct Step<'l> {
    number: u64,
    /// The one that tells most of it.
    piece: &'l Piece,
    /// Where it lies whole, a bit for each store.
    stores: u64,
    /// Until when the log leads with it.
    until: DateTime<Utc>,
    /// How many bytes the log has up to its end, in a store.
    bytes: u64,
}

/// From where on a base needs a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The timeline it was taken on, and up to where it has the log itself, where that is known.
    pub at: Option<(u32, u64)>,
    /// When it was taken.
    pub taken: DateTime<Utc>,
}

/// The same log as far as it lies in some of its stores.
pub struct Lying<'m, 'l> {
    merged: &'m Merged<'l>,
    stores: u64,
    /// Of each segment, the last one that it leads to without a hole; nothing where it is not there itself.
    leads_to: Vec<Option<usize>>,
}

/// The log from a base on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// Which of the log's segments it begins with, and which is its last.
    pub segments: (usize, usize),
    /// Until when it leads.
    pub until: DateTime<Utc>,
    /// When its last segment came into a store.
    pub written: DateTime<Utc>,
    /// The stores that have every segment of it; those that have some, where none has all.
    pub stores: Vec<String>,
    /// Whether those have all of it, each.
    pub is_whole_in_each: bool,
    /// Why it ends.
    pub ends: Ends,
}

/// Why a log ends where it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ends {
    /// There is no more of it.
    Here,
    /// There is more of it, and this segment is missing before.
    Missing(SegmentName),
    /// This segment is there, and not whole.
    Damaged(SegmentName, String),
}

impl<'l> Merged<'l> {
    /// These logs together. All are of one database.
    pub fn of(logs: impl IntoIterator<Item = &'l Log>) -> Merged<'l> {
        let logs: Vec<&Log> = logs.into_iter().take(STORES).collect();
        let told = logs.iter().flat_map(|log| &log.pieces).find_map(|piece| piece.told.as_ref());
        let size = told.map_or_else(|| at_most(&logs), |told| told.bytes);
        let mut all: BTreeMap<Place, Merging<'l>> = BTreeMap::new();
        for (place, log) in logs.iter().enumerate() {
            for piece in &log.pieces {
                let Some(begins) = piece.name.begins(size) else { continue };
                let (known, stores) = all.entry((piece.name.timeline, begins / size)).or_insert((piece, 0));
                if piece.flaw.is_some() {
                    continue;
                }
                *stores |= 1 << place;
                if known.flaw.is_some() || (known.told.is_none() && piece.told.is_some()) {
                    *known = piece;
                }
            }
        }
        let stores = logs.iter().map(|log| log.store.as_str()).collect();
        Merged { stores, steps: in_order(all), size }
    }

    /// How it lies in those of its stores that are there.
    pub fn lying(&self, is_there: impl Fn(&str) -> bool) -> Lying<'_, 'l> {
        let there = self.stores.iter().enumerate().filter(|(_, store)| is_there(store));
        let stores = there.fold(0, |stores, (place, _)| stores | 1 << place);
        let mut leads_to: Vec<Option<usize>> = vec![None; self.steps.len()];
        for (index, step) in self.steps.iter().enumerate().rev() {
            if step.stores & stores == 0 {
                continue;
            }
            // What its server wrote before damage can be had; what is behind it cannot.
            let goes_on = step.flaw().is_none() && self.steps.get(index + 1).is_some_and(|next| next.follows(step));
            leads_to[index] = goes_on.then(|| leads_to[index + 1]).flatten().or(Some(index));
        }
        Lying { merged: self, stores, leads_to }
    }

    /// Of each of its segments, until when the log leads with it, and how many bytes it has up to there.
    pub fn marks(&self) -> impl Iterator<Item = (DateTime<Utc>, u64)> {
        self.steps.iter().map(|step| (step.until, step.bytes))
    }

    fn name(&self, number: u64, timeline: u32) -> SegmentName {
        let each = (1 << 32) / self.size;
        let half = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        SegmentName { timeline, high: half(number / each), low: half(number % each) }
    }
}

/// A timeline, and the number of a segment.
type Place = (u32, u64);
/// The file that tells most of a segment, and the stores that have it whole.
type Merging<'l> = (&'l Piece, u64);

/// The segments of the newest timeline, and of those before it as far as they lead there.
fn in_order(all: BTreeMap<Place, Merging<'_>>) -> Vec<Step<'_>> {
    let mut path: Vec<Step<'_>> = Vec::with_capacity(all.len());
    for ((timeline, number), (piece, stores)) in all.into_iter().rev() {
        // A new timeline begins in the segment that the old one ended in.
        let leads_there = path.last().is_none_or(|next| next.piece.name.timeline == timeline || number < next.number);
        if leads_there {
            path.push(Step { number, piece, stores, until: DateTime::<Utc>::MIN_UTC, bytes: 0 });
        }
    }
    path.reverse();
    let (mut until, mut bytes) = (DateTime::<Utc>::MIN_UTC, 0);
    for step in &mut path {
        until = step.piece.until().map_or(until, |told| told.max(until));
        bytes += step.piece.file.size;
        (step.until, step.bytes) = (until, bytes);
    }
    path
}

impl Step<'_> {
    fn follows(&self, before: &Step<'_>) -> bool {
        self.number == before.number + 1 && self.piece.name.timeline >= before.piece.name.timeline
    }

    /// What was wrong with it when its server handed it over.
    fn flaw(&self) -> Option<&String> {
        self.piece.told.as_ref()?.segment.as_ref()?.flaw.as_ref()
    }
}

impl Lying<'_, '_> {
    /// The log from a base on; nothing where the segment is not there that the base needs first.
    pub fn course(&self, base: Beginning) -> Option<Course> {
        let steps = &self.merged.steps;
        let first = match base.at {
            Some((timeline, position)) => {
                // The segment that it has all of itself may be there too, and need not be.
                let number = position.saturating_sub(1) / self.merged.size;
                let first = steps.partition_point(|step| step.number < number);
                let is_near = |step: &Step<'_>| step.number <= number + 1 && step.piece.name.timeline >= timeline;
                let is_there = |index: usize| steps.get(index).is_some_and(is_near);
                match self.leads_to.get(first).copied().flatten() {
                    Some(_) if is_there(first) => first,
                    _ if is_there(first + 1) => first + 1,
                    _ => return None,
                }
            }
            None => self.first_written_since(base.taken)?,
        };
        let last = self.leads_to[first]?;
        let course = &steps[first..=last];
        let in_all = course.iter().fold(self.stores, |stores, step| stores & step.stores);
        let in_some = course.iter().fold(0, |stores, step| stores | (step.stores & self.stores));
        let named = |stores: u64| {
            let is_one = |place: usize| stores & 1 << place != 0;
            let names = self.merged.stores.iter().enumerate().filter(|(place, _)| is_one(*place));
            names.map(|(_, store)| (*store).to_owned()).collect()
        };
        Some(Course {
            segments: (first, last),
            until: steps[last].until,
            written: steps[last].piece.file.written,
            stores: named(if in_all == 0 { in_some } else { in_all }),
            is_whole_in_each: in_all != 0,
            ends: self.ends(last),
        })
    }

    /// Where a base begins of which only the time is known: in the first segment that was written since, if the one
    /// before it is there too.
    fn first_written_since(&self, taken: DateTime<Utc>) -> Option<usize> {
        let steps = &self.merged.steps;
        let first = steps.iter().position(|step| step.piece.file.written >= taken)?;
        (first == 0 || steps[first].follows(&steps[first - 1])).then_some(first)
    }

    fn ends(&self, last: usize) -> Ends {
        let (steps, last) = (&self.merged.steps, last);
        let step = &steps[last];
        if let Some(flaw) = step.flaw() {
            return Ends::Damaged(step.piece.name, flaw.clone());
        }
        match steps.get(last + 1) {
            None => Ends::Here,
            Some(next) if !next.follows(step) => {
                Ends::Missing(self.merged.name(step.number + 1, step.piece.name.timeline))
            }
            Some(next) => match &next.piece.flaw {
                Some(flaw) => Ends::Damaged(next.piece.name, flaw.clone()),
                None => Ends::Missing(next.piece.name),
            },
        }
    }
}

/// How large segments are where nobody tells, by how far their numbers count.
fn at_most(logs: &[&Log]) -> u64 {
    let largest = logs.iter().flat_map(|log| &log.pieces).map(|piece| u64::from(piece.name.low)).max().unwrap_or(0);
    USUAL.min((1 << 32) / (largest + 1).next_power_of_two())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::directory::Holding;
    use crate::vault::folders::Folders;
    use crate::vault::log::lying::logs;
    use crate::vault::log::{Committed, Told};
    use crate::vault::look::Known;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn file(key: &str, size: u64, second: i64) -> Holding {
        Holding { key: key.to_owned(), size, written: at(second) }
    }

    fn all(files: Vec<(Holding, Option<Known>)>) -> Vec<Log> {
        let text = "[platform]\nname = 'p'\n[[component]]\nname = 'db'\nkind = 'postgres'\n\
                    [[job]]\nname = 'w'\ndo = 'backup'\nof = 'db'\nmethod = 'wal'\n";
        logs("local", files, &Folders::of(&toml::from_str(text).unwrap()))
    }

    fn since(second: i64) -> Beginning {
        Beginning { at: None, taken: at(second) }
    }

    #[test]
    fn a_log_ends_with_its_newest_piece() {
        let files = [
            file("postgres/wal/000000010000000000000001.gz", 9, 10),
            file("postgres/wal/000000010000000000000002.gz", 9, 20),
            file("postgres/wal/000000010000000000000003.gz", 0, 30),
            file("postgres/wal/00000002.history", 9, 40),
            file("postgres/daily/backup_20241118_020000.dump", 9, 50),
            file("wal/000000010000000000000001", 9, 5),
        ];
        let logs = all(files.into_iter().map(|file| (file, None)).collect());
        let until = |log: &Log, taken| Some(Merged::of([log]).lying(|_| true).course(since(taken))?.until);
        let told: Vec<_> = logs.iter().map(|log| (log.component.as_deref(), until(log, 0))).collect();
        assert_eq!(told, [(None, Some(at(5))), (Some("db"), Some(at(20)))]);
        assert_eq!(until(&logs[1], 21), None, "it ends before");
        assert_eq!(logs[1].beside.len(), 1);
    }

    /// To which second it leads from a base of this second, with a piece each second; why it ends.
    fn leads(names: &[&str], base: i64) -> Option<(i64, Ends)> {
        let files = (1..).zip(names).map(|(second, name)| (file(&format!("wal/{name}"), 9, second), None));
        let logs = all(files.collect());
        let course = Merged::of(&logs).lying(|_| true).course(since(base))?;
        Some((course.until.timestamp(), course.ends))
    }

    #[test]
    fn a_hole_ends_what_leads_on() {
        let names = [
            "0000000100000000000000FE",
            "0000000100000000000000FF",
            "000000010000000100000000",
            "000000010000000100000002",
            "000000010000000100000003",
        ];
        let missing = Ends::Missing(SegmentName::of("000000010000000100000001").unwrap());
        assert_eq!(leads(&names, 1), Some((3, missing)));
        assert_eq!(leads(&names, 4), None, "the piece that the base begins in is missing");
        assert_eq!(leads(&names, 5), Some((5, Ends::Here)));
    }

    #[test]
    fn what_an_old_primary_writes_on_leads_nowhere() {
        let names = [
            "000000010000000000000004",
            "000000010000000000000005",
            "000000020000000000000005",
            "000000020000000000000006",
            "000000010000000000000006",
            "000000010000000000000007",
        ];
        assert_eq!(leads(&names, 1), Some((4, Ends::Here)));
    }

    fn told(name: &str, flaw: Option<&str>, last: Option<i64>) -> (Holding, Option<Known>) {
        let name = SegmentName::of(name).unwrap();
        let start = name.begins(1 << 20).unwrap();
        let (last, flaw) = (last.map(at), flaw.map(str::to_owned));
        let segment = Committed { system: 7, timeline: 1, start, commits: 1, first: last, last, flaw };
        let told = Told { bytes: 1 << 20, ..Told::of(b"", Some(segment)) };
        (file(&format!("postgres/wal/{name}.zst"), 9, 1_000), Some(Known::Log(Box::new(told))))
    }

    #[test]
    fn commits_tell_how_far_it_leads_and_where_a_base_begins_tells_from_where() {
        let mut files = vec![
            told("0000000100000000000000FF", None, Some(10)),
            told("000000010000000000000100", None, Some(20)),
            told("000000010000000000000101", None, None),
        ];
        let course = |files: &[(Holding, Option<Known>)], position: u64| {
            let logs = all(files.to_vec());
            let merged = Merged::of(&logs);
            let course = merged.lying(|_| true).course(Beginning { at: Some((1, position)), taken: at(0) })?;
            Some((course.segments.1 - course.segments.0 + 1, course.until.timestamp(), course.ends))
        };
        assert_eq!(course(&files, 0xFF0_0028), Some((3, 20, Ends::Here)));
        assert_eq!(course(&files, 0xFF0_0000), Some((3, 20, Ends::Here)), "it has all before itself");
        assert_eq!(course(&files, 0x1010_0028), Some((1, 20, Ends::Here)), "nothing was committed in it");
        assert_eq!(course(&files, 0x1020_0028), None, "the log ends before it");
        assert_eq!(course(&files, 0xFD0_0028), None, "the segment that comes next is not there");
        let damaged = SegmentName::of("000000010000000000000100").unwrap();
        files[1] = told("000000010000000000000100", Some("it is damaged"), Some(15));
        let ends = Ends::Damaged(damaged, "it is damaged".to_owned());
        assert_eq!(course(&files, 0xFF0_0028), Some((2, 15, ends)), "as far as its server wrote it well");
        files[1].1 = Some(Known::Unreadable("cut".to_owned()));
        assert_eq!(course(&files, 0xFF0_0028), Some((1, 10, Ends::Damaged(damaged, "cut".to_owned()))));
    }

    #[test]
    fn what_one_store_lacks_another_has() {
        let (mut one, mut other) = (
            all(vec![
                told("000000010000000000000001", None, Some(10)),
                told("000000010000000000000003", None, Some(30)),
            ]),
            all(vec![
                told("000000010000000000000002", None, Some(20)),
                told("000000010000000000000003", None, Some(30)),
            ]),
        );
        other[0].store = "far".to_owned();
        let course = |one: &[Log], other: &[Log], is_there: fn(&str) -> bool| {
            let merged = Merged::of(one.iter().chain(other));
            let course = merged.lying(is_there).course(Beginning { at: Some((1, 1 << 20)), taken: at(0) })?;
            Some((course.segments, course.stores.join("+"), course.is_whole_in_each, course.ends))
        };
        assert_eq!(course(&one, &other, |_| true), Some(((0, 2), "local+far".to_owned(), false, Ends::Here)));
        let missing = Ends::Missing(SegmentName::of("000000010000000000000002").unwrap());
        assert_eq!(course(&one, &other, |it| it == "local"), Some(((0, 0), "local".to_owned(), true, missing)));
        assert_eq!(course(&one, &other, |it| it == "far"), None, "it does not have the first");
        one[0].pieces[1].flaw = Some("cut".to_owned());
        assert_eq!(course(&one, &other, |_| true), Some(((0, 2), "local+far".to_owned(), false, Ends::Here)));
        other[0].pieces[1].flaw = Some("cut, too".to_owned());
        let (_, _, _, ends) = course(&one, &other, |_| true).unwrap();
        assert!(matches!(ends, Ends::Damaged(name, _) if name.low == 3), "{ends:?}");
    }
}
