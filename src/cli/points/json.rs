//! Recovery points for scripts.

use serde::Serialize;

use super::Shown;
use super::detail::first_byte;
use crate::cli::Failure;
use crate::text::instant::stamp;
use crate::text::{Clock, Span, SystemClock};
use crate::vault::{Copied, Holding, Manifest, Note, Point, Precision, Sort, Unseen};

#[derive(Serialize)]
struct Report<'a> {
    points: Vec<OnePoint<'a>>,
    not_looked_into: Vec<NotLooked<'a>>,
    no_part_of_any: Vec<Strays<'a>>,
    listed_before: Vec<Before<'a>>,
    gone_before_its_time: Vec<Early<'a>>,
}

/// What a bucket removes or archives by itself before its time.
#[derive(Serialize)]
struct Early<'a> {
    store: &'a str,
    told: &'a str,
}

/// A store that was listed a while ago.
#[derive(Serialize)]
struct Before<'a> {
    store: &'a str,
    at: String,
}

#[derive(Serialize)]
struct OnePoint<'a> {
    id: &'a str,
    component: Option<&'a str>,
    holds: Vec<Sort>,
    taken: String,
    precision: Precision,
    age_seconds: u64,
    bytes: u64,
    state: &'static str,
    can_be_restored_from: bool,
    complete: bool,
    clean: bool,
    copies_differ: bool,
    copies: Vec<OneCopy<'a>>,
    manifest: Option<&'a Manifest>,
}

#[derive(Serialize)]
struct OneCopy<'a> {
    store: &'a str,
    state: &'static str,
    why: Option<String>,
    verified: Option<String>,
    first_byte: String,
    bytes: u64,
    files: Vec<OneFile<'a>>,
}

#[derive(Serialize)]
struct OneFile<'a> {
    key: &'a str,
    holds: Option<Sort>,
    bytes: u64,
    written: String,
}

/// A store of which nothing is known.
#[derive(Serialize)]
pub struct NotLooked<'a> {
    store: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct Strays<'a> {
    store: &'a str,
    files: usize,
}

/// Prints them as one value.
pub(super) fn print(shown: &Shown<'_>) -> Result<(), Failure> {
    let report = Report {
        points: shown.points.iter().map(|point| one(shown, point)).collect(),
        not_looked_into: not_looked(shown.unseen),
        no_part_of_any: shown.strays.iter().map(|(store, files)| Strays { store, files: *files }).collect(),
        listed_before: shown.remembered.iter().map(|(store, at)| Before { store, at: stamp(*at) }).collect(),
        gone_before_its_time: shown.early.iter().map(|it| Early { store: &it.store, told: &it.told }).collect(),
    };
    shown.context.out().json(&report)
}

/// The stores of which nothing is known.
pub fn not_looked(unseen: &[Unseen]) -> Vec<NotLooked<'_>> {
    unseen.iter().map(|unseen| NotLooked { store: &unseen.store, why: &unseen.why }).collect()
}

fn one<'a>(shown: &Shown<'_>, point: &'a Point) -> OnePoint<'a> {
    OnePoint {
        id: &point.id,
        component: point.component.as_deref(),
        holds: point.sorts.iter().copied().collect(),
        taken: stamp(point.taken),
        precision: point.precision,
        age_seconds: Span::between(point.taken, SystemClock.now()).approx_millis() / 1000,
        bytes: point.size(),
        state: point.state().word(),
        can_be_restored_from: point.state().is_restorable(),
        complete: point.is_full(),
        clean: shown.catalogue.is_clean(point),
        copies_differ: point.differs(),
        copies: point.copies.iter().map(|copied| copy(shown, copied)).collect(),
        manifest: point.manifest(),
    }
}

fn file(holds: Option<Sort>, holding: &Holding) -> OneFile<'_> {
    OneFile { key: &holding.key, holds, bytes: holding.size, written: stamp(holding.written) }
}

fn copy<'a>(shown: &Shown<'_>, copied: &'a Copied) -> OneCopy<'a> {
    let artefacts = copied.artefacts.iter().map(|(sort, holding)| file(Some(*sort), holding));
    let files = artefacts.chain(copied.notes.iter().map(|holding| file(None, &holding.1))).collect();
    let state = copied.state();
    OneCopy {
        store: &copied.store,
        state: state.word(),
        why: state.why().map(str::to_owned),
        verified: copied.receipt(Note::Verified).map(|receipt| stamp(receipt.at)),
        first_byte: first_byte(shown, copied),
        bytes: copied.size(),
        files,
    }
}
