//! What becomes of what a system keeps itself when a recovery point that speaks of it goes: it goes with the last one
//! that does.

use std::fmt;

use crate::vault::look::Known;
use crate::vault::naming::Note;
use crate::vault::{Catalogue, Copied, Deposit, Point};

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes too.
    Goes(Deposit),
    /// It stays: what lies in this store speaks of it.
    Stays(Deposit, String),
    /// The recovery point stays with it: what lies in this store may need it, and is too broken to say so.
    Waits(Deposit, String),
}

impl Fate {
    /// What it is about.
    pub fn deposit(&self) -> &Deposit {
        match self {
            Fate::Goes(deposit) | Fate::Stays(deposit, _) | Fate::Waits(deposit, _) => deposit,
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Goes(deposit) => write!(f, "the snapshot {deposit} goes too"),
            Fate::Stays(deposit, store) => write!(f, "the snapshot {deposit} stays: {store} needs it"),
            Fate::Waits(deposit, store) => {
                write!(f, "it waits with the snapshot {deposit}: what {store} has of it is not whole, and goes first")
            }
        }
    }
}

/// What becomes of what the system keeps of a recovery point, once this copy of it goes; nothing where it keeps
/// nothing. `is_gone` tells what has gone already, by store and name.
pub fn fate(
    catalogue: &Catalogue,
    point: &Point,
    copied: &Copied,
    is_gone: &dyn Fn(&str, &str) -> bool,
) -> Option<Fate> {
    let deposit = of(copied).or_else(|| point.copies.iter().find_map(of))?;
    let all = catalogue.points.iter().flat_map(|other| other.copies.iter().map(move |copied| (other, copied)));
    let is_other = |(other, lying): &(&Point, &Copied)| {
        (&lying.store, &other.id) != (&copied.store, &point.id) && !is_gone(&lying.store, &other.id)
    };
    let mut unsure = None;
    for (other, lying) in all.filter(is_other) {
        match of(lying) {
            Some(known) if known == deposit => return Some(Fate::Stays(deposit, lying.store.clone())),
            None if other.id == point.id && may_need(lying) => unsure = Some(lying.store.clone()),
            Some(_) | None => {}
        }
    }
    Some(match unsure {
        Some(store) => Fate::Waits(deposit, store),
        None => Fate::Goes(deposit),
    })
}

fn of(copied: &Copied) -> Option<Deposit> {
    copied.manifest()?.source.kept_by_system()
}

/// Whether it may be of use although no manifest of it can be read: one may be on its way there, or be read later.
fn may_need(copied: &Copied) -> bool {
    let is_unread =
        |(note, _, known): &(Note, _, Known)| *note == Note::Manifest && matches!(known, Known::Unreadable(_));
    !copied.artefacts.is_empty() || copied.notes.iter().any(is_unread)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::vault::{Holding, Manifest, Precision, Sort};

    fn holding(key: &str) -> Holding {
        Holding { key: key.to_owned(), size: 1, written: DateTime::UNIX_EPOCH }
    }

    /// What a store has of a recovery point: of this snapshot, or of none that can be read.
    fn copied(store: &str, snapshot: Option<&str>, has_file: bool) -> Copied {
        let manifest = |name: &str| {
            let at = DateTime::UNIX_EPOCH;
            let deposit = json!({ "repository": "nightly", "name": name, "id": "u" });
            let manifest = json!({
                "lifeboat": 1, "point": "x", "platform": "p", "component": "audit", "method": "export", "host": "h",
                "actor": "a", "program": "p", "begun": at, "ended": at, "files": [],
                "source": { "system": "Elasticsearch 8", "as_of": at, "deposit": deposit },
            });
            let manifest = Manifest::read(manifest.to_string().as_bytes()).unwrap();
            (Note::Manifest, holding("m"), Known::Manifest(Box::new(manifest)))
        };
        let artefacts = if has_file { vec![(Sort::Export, holding("f"))] } else { Vec::new() };
        Copied {
            store: store.to_owned(),
            artefacts,
            notes: snapshot.map(manifest).into_iter().collect(),
            is_bare: false,
        }
    }

    fn point(id: &str, copies: Vec<Copied>) -> Point {
        Point {
            id: id.to_owned(),
            component: Some("audit".to_owned()),
            sorts: BTreeSet::new(),
            taken: DateTime::UNIX_EPOCH,
            precision: Precision::Second,
            copies,
        }
    }

    /// What becomes of the snapshot of the first copy of the first one, where these are gone already.
    fn told(points: Vec<Point>, gone: &[&str]) -> String {
        let catalogue = Catalogue::made_up(points, Vec::new());
        let first = &catalogue.points[0];
        let is_gone = |store: &str, _: &str| gone.contains(&store);
        fate(&catalogue, first, &first.copies[0], &is_gone).map_or_else(String::new, |fate| fate.to_string())
    }

    #[test]
    fn it_goes_with_the_last_that_speaks_of_it() {
        let both =
            || vec![point("a", vec![copied("one", Some("lifeboat-1"), true), copied("two", Some("lifeboat-1"), true)])];
        assert_eq!(told(both(), &[]), "the snapshot lifeboat-1 in the repository nightly stays: two needs it");
        assert_eq!(told(both(), &["two"]), "the snapshot lifeboat-1 in the repository nightly goes too");
        // Another recovery point, with another name, speaks of the same; a third of another.
        let points = || {
            let of = |id: &str, snapshot: &str| point(id, vec![copied(id, Some(snapshot), true)]);
            vec![of("a", "lifeboat-1"), of("b", "lifeboat-1"), of("c", "lifeboat-2")]
        };
        assert!(told(points(), &[]).ends_with("stays: b needs it"));
        assert!(told(points(), &["b"]).ends_with("goes too"));
        assert_eq!(told(vec![point("a", vec![copied("one", None, true)])], &[]), "", "it keeps nothing");
    }

    #[test]
    fn what_cannot_say_that_it_needs_it_goes_first() {
        let with = |other: Copied| vec![point("a", vec![copied("one", Some("lifeboat-1"), true), other])];
        assert!(told(with(copied("two", None, true)), &[]).contains("what two has of it is not whole"));
        assert!(told(with(copied("two", None, true)), &["two"]).ends_with("goes too"));
        let unread = (Note::Manifest, holding("m"), Known::Unreadable("damaged".to_owned()));
        let damaged = Copied { notes: vec![unread], ..copied("two", None, false) };
        assert!(told(with(damaged), &[]).contains("what two has of it is not whole"));
        let receipt = (Note::Verified, holding("v"), Known::Unreadable("x".to_owned()));
        let only_notes = Copied { notes: vec![receipt], ..copied("two", None, false) };
        assert!(told(with(only_notes), &[]).ends_with("goes too"));
        // What is left of an unfinished copy knows it from the others.
        let other_first = vec![point("a", vec![copied("two", None, true), copied("one", Some("lifeboat-1"), true)])];
        assert!(told(other_first, &[]).ends_with("stays: one needs it"));
    }
}
