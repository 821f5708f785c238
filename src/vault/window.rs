//! To which moments one can return: the recovery points, each with how far a log leads on from it.

use chrono::{DateTime, Utc};

use super::catalogue::Catalogue;
use super::log::{Beginning, Course, Lsn, Lying};
use super::point::{Copied, Point};
use crate::plan::types::Method;

/// A base, and how far the log leads on from it.
#[derive(Clone, Debug)]
pub struct Way<'c> {
    /// The base.
    pub base: &'c Point,
    /// The log from there on; nothing where it has no segment that the base begins in.
    pub course: Option<Course>,
    /// The oldest moment that it leads to: what was committed before is in the base.
    pub from: DateTime<Utc>,
    /// The newest one.
    pub until: DateTime<Utc>,
}

impl<'c> Way<'c> {
    /// The way from a base over a log.
    pub fn of(base: &'c Point, log: &Lying<'_, '_>) -> Way<'c> {
        let from = base.contains_until();
        let course = log.course(base.beginning());
        let until = course.as_ref().map_or(from, |course| course.until.max(from));
        Way { base, course, from, until }
    }

    /// The stores that have all of it; those that have some, where none has all. Only those that are there count.
    pub fn stores(&self, is_there: impl Fn(&str) -> bool) -> Vec<String> {
        let is_whole = |copied: &&Copied| copied.state().is_restorable() && is_there(&copied.store);
        let bases: Vec<String> = self.base.copies.iter().filter(is_whole).map(|copied| copied.store.clone()).collect();
        let Some(course) = &self.course else { return bases };
        let both: Vec<String> = bases.iter().filter(|store| course.stores.contains(store)).cloned().collect();
        if course.is_whole_in_each && !both.is_empty() {
            return both;
        }
        let more: Vec<String> = course.stores.iter().filter(|store| !bases.contains(store)).cloned().collect();
        [bases, more].concat()
    }
}

impl Point {
    /// Whether a log can lead on from it.
    pub fn is_base(&self) -> bool {
        self.method() == Some(Method::Base)
    }

    /// From where on it needs the log: what its server wrote while it was taken, it has itself.
    fn beginning(&self) -> Beginning {
        let timeline = self.about("timeline").and_then(|timeline| timeline.parse().ok());
        let end = self.about("end_lsn").and_then(Lsn::of);
        Beginning { at: timeline.zip(end.map(|end| end.0)), taken: self.taken }
    }

    fn about(&self, what: &str) -> Option<&str> {
        self.manifest()?.source.about.get(what).map(String::as_str)
    }

    /// The newest moment of which everything is in it: nothing older can be had by its log.
    fn contains_until(&self) -> DateTime<Utc> {
        let last: Option<DateTime<Utc>> = self.about("last_commit").and_then(|last| last.parse().ok());
        last.map_or(self.taken, |last| last.max(self.taken))
    }
}

/// Where the oldest base of a database begins that lies in any store: of its log nothing before that is of use. Nothing
/// where there is none of which that is known.
pub fn oldest_base(catalogue: &Catalogue, component: &str) -> Option<Lsn> {
    let bases =
        catalogue.points.iter().filter(|point| point.component.as_deref() == Some(component) && point.is_base());
    // One that cannot be restored from may be copied anew; one that does not tell where it begins may begin anywhere.
    let begins: Option<Vec<Lsn>> = bases.map(|base| base.about("start_lsn").and_then(Lsn::of)).collect();
    begins?.into_iter().min()
}
