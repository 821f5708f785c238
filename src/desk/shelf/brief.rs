//! A recovery point in as few bytes as a list needs.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::plan::types::Method;
use crate::text::{Shape, Span, untrusted};
use crate::vault::{Catalogue, Copied, Point, State};

/// The longest reason that is kept.
const WHY: usize = 160;

/// A recovery point in brief.
#[derive(Clone, Debug, PartialEq)]
pub struct Brief {
    /// Its name.
    pub id: Arc<str>,
    /// The component that it was taken of, where the plan tells.
    pub component: Option<Arc<str>>,
    /// What it holds: `dump, sql`.
    pub holds: Arc<str>,
    /// How it was taken, where we took it.
    pub method: Option<Method>,
    /// How long that took.
    pub took: Option<Span>,
    /// When it was taken.
    pub taken: DateTime<Utc>,
    /// How many bytes one restores from.
    pub size: u64,
    /// What is known of it.
    pub state: State,
    /// The stores it lies in: `local, offsite`.
    pub stores: Arc<str>,
    /// How many that are.
    pub copies: usize,
    /// How many of them are not what they should be: flawed, or partial and not being written.
    pub broken: usize,
    /// Whether one does not get all there was from any of them.
    pub is_incomplete: bool,
}

/// Every recovery point of a catalogue in brief.
pub(super) fn all(catalogue: &Catalogue) -> Vec<Brief> {
    let mut known = Words::default();
    catalogue.points.iter().map(|point| Brief::of(point, &mut known)).collect()
}

/// Words that many have in common, each kept once.
#[derive(Default)]
struct Words(HashSet<Arc<str>>);

impl Words {
    fn one(&mut self, word: &str) -> Arc<str> {
        if let Some(known) = self.0.get(word) {
            return Arc::clone(known);
        }
        let word: Arc<str> = word.into();
        self.0.insert(Arc::clone(&word));
        word
    }
}

/// Whether a copy is not what it should be. What is being written may still become that.
fn is_broken(copied: &Copied) -> bool {
    matches!(copied.state(), State::Flawed(_) | State::Partial(_)) && !copied.is_begun()
}

impl Brief {
    /// Whether it, or one of its copies, is not what it should be.
    pub fn is_broken(&self) -> bool {
        self.broken > 0
    }

    fn of(point: &Point, known: &mut Words) -> Brief {
        let holds: Vec<&str> = point.sorts.iter().map(|sort| sort.word()).collect();
        let stores: Vec<&str> = point.copies.iter().map(|copied| copied.store.as_str()).collect();
        let short = |why: String| untrusted(why, Shape::line(WHY));
        Brief {
            id: point.id.as_str().into(),
            component: point.component.as_deref().map(|name| known.one(name)),
            holds: known.one(&holds.join(", ")),
            method: point.method(),
            took: point.manifest().map(|manifest| Span::between(manifest.begun, manifest.ended)),
            taken: point.taken,
            size: point.size(),
            state: match point.state() {
                State::Partial(why) => State::Partial(short(why)),
                State::Flawed(why) => State::Flawed(short(why)),
                other => other,
            },
            copies: stores.len(),
            broken: point.copies.iter().filter(|copied| is_broken(copied)).count(),
            stores: known.one(&stores.join(", ")),
            is_incomplete: point.is_incomplete(),
        }
    }
}
