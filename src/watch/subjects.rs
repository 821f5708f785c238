//! Facts by subject: what conditions of the plan ask about.

use std::borrow::Cow;

use super::seen::{lasting, usually_lasting};
use super::words::{is_silence, is_unasked};
use super::{Picture, Seen};
use crate::plan::FactPath;
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::{Component, Kind};
use crate::text::Span;

/// A fact of one subject, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Known<'a> {
    /// The component or site.
    pub subject: &'a str,
    /// Its value; nothing where it is not known.
    pub value: Option<Cow<'a, Value>>,
}

impl Picture {
    /// The fact of every subject that a path matches, in the order of the plan.
    pub(super) fn facts<'a>(&'a self, path: &FactPath) -> Vec<Known<'a>> {
        let components =
            self.plan().component.iter().enumerate().filter(|(_, component)| path.matches(&component.name));
        let components = components.map(|(index, component)| Known {
            subject: &component.name,
            value: self.of_component(component, self.seen(index), &path.fact),
        });
        let sites = self.sites().iter().filter(|site| path.matches(&site.name)).map(|site| Known {
            subject: &site.name,
            value: match path.fact.as_str() {
                "verdict" if site.is_unavailable => Some(Cow::Owned(Value::word(Verdict::Down.word()))),
                "verdict" => Some(Cow::Owned(Value::word(site.verdict.word()))),
                "region" => Some(Cow::Owned(Value::word(if site.is_lost { "lost" } else { "there" }))),
                "components_down" => Some(Cow::Owned(Value::Count(site.down as u64))),
                "partition" => self.partition().map(Cow::Owned),
                _ => None,
            },
        });
        components.chain(sites).collect()
    }

    fn of_component<'a>(&self, component: &Component, seen: &'a Seen, fact: &str) -> Option<Cow<'a, Value>> {
        match fact {
            "verdict" if self.is_unavailable(seen) => Some(Cow::Owned(Value::word(Verdict::Down.word()))),
            "verdict" if seen.verdict() == Verdict::Unknown && !self.is_sure(seen) => None,
            "verdict" => seen.latest.as_ref().map(|_| Cow::Owned(Value::word(seen.verdict().word()))),
            "partition" => self.partition().map(Cow::Owned),
            "services" if component.kind == Kind::Host => self.services(component).map(Cow::Owned),
            // Silence may be our own.
            "connection" | "ping" if is_silent(seen) && !self.network().is_proven() => None,
            _ => seen.fact(fact).map(Cow::Borrowed),
        }
    }

    /// Whether a trigger may take it for gone: it said so, or no vantage point can reach it while our own network is
    /// proven. One that was not heard yet is waited for; one that is lost itself is no witness.
    pub fn is_unavailable(&self, seen: &Seen) -> bool {
        match seen.verdict() {
            Verdict::Down => true,
            Verdict::Unknown => {
                let here = is_silent(seen);
                // A refusal that is heard elsewhere speaks for it no more than silence does, and who could not even ask
                // is no witness.
                let elsewhere = seen.elsewhere.iter().map(|other| &other.reading).all(|there| {
                    let word = there.fact("connection");
                    there.verdict == Verdict::Down || is_silence(word) || is_unasked(word)
                });
                here && elsewhere && seen.awaits.is_empty() && self.is_sure(seen) && self.network().is_proven()
            }
            Verdict::Healthy | Verdict::Degraded => false,
        }
    }

    /// Whether silence is more than a slow beginning of our own: it was heard as often as it takes. Where there is one
    /// look only, that one must do.
    pub(super) fn is_sure(&self, seen: &Seen) -> bool {
        self.is_one_look() || seen.steady.is_confirmed()
    }

    /// For how long a fact of one of these may be missing before what was known of it is forgotten.
    pub(super) fn lasting(&self, path: &FactPath) -> Span {
        let components = self.components().filter(|(component, _)| path.matches(&component.name));
        components.map(|(component, _)| lasting(component)).max().unwrap_or_else(usually_lasting)
    }

    /// How what runs on a host is, all together: what needs it, or is reached through it. Nothing where nothing runs
    /// there, or nobody was asked yet.
    fn services(&self, host: &Component) -> Option<Value> {
        let runs_there = |other: &Component| {
            let is_beside = other.reach.is_some() && other.reach == host.reach;
            other.name != host.name && (is_beside || other.needs.contains(&host.name))
        };
        let there: Vec<&Seen> = self
            .components()
            .filter(|(other, seen)| runs_there(other) && seen.latest.is_some())
            .map(|it| it.1)
            .collect();
        let gone = there.iter().filter(|seen| self.is_unavailable(seen)).count();
        match (there.len(), gone) {
            (0, _) => None,
            (_, 0) => Some(Value::word("up")),
            (all, gone) if all == gone => Some(Value::word("down")),
            _ => Some(Value::word("partly")),
        }
    }

    /// Whether vantage points disagree about what they can reach.
    fn partition(&self) -> Option<Value> {
        let mut compared = false;
        for seen in self.all() {
            let Some(latest) = seen.latest.as_ref().filter(|latest| !is_unasked(latest.fact("connection"))) else {
                continue;
            };
            for other in seen.elsewhere.iter().filter(|other| !is_unasked(other.reading.fact("connection"))) {
                compared = true;
                if (latest.verdict == Verdict::Unknown) != (other.reading.verdict == Verdict::Unknown) {
                    return Some(Value::word("detected"));
                }
            }
        }
        compared.then(|| Value::word("none"))
    }
}

/// Whether it said nothing when it was asked last.
fn is_silent(seen: &Seen) -> bool {
    seen.latest.as_ref().is_some_and(|latest| is_silence(latest.fact("connection")))
}
