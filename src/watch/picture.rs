//! Everything that is known now, folded from the updates of all tasks.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::active::{ActiveSite, active_site};
use super::asking::Update;
use super::jumps::moved;
use super::network::is_contact;
use super::seen::{confirm, costly};
use super::sites::{SiteSeen, is_seen_from_anywhere, lies_beyond, sites};
use super::{Change, Elsewhere, OwnNetwork, Recorded, Seen, Steady, Trigger};
use crate::plan::Plan;
use crate::plan::facts::{self, Verdict};
use crate::plan::types::Component;
use crate::systems::{Depth, Reading};
use crate::text::Span;

/// Everything that is known now. Cheap to clone: what did not change is shared.
#[derive(Clone, Debug)]
pub struct Picture {
    plan: Arc<Plan>,
    components: Vec<Arc<Seen>>,
    sites: Arc<[SiteSeen]>,
    network: OwnNetwork,
    triggers: Arc<Vec<Trigger>>,
    lost: BTreeMap<Arc<str>, String>,
    is_one_look: bool,
}

impl Picture {
    /// Nothing is known yet.
    pub fn new(plan: Arc<Plan>) -> Picture {
        let nothing = Arc::new(Seen::default());
        let awaits: Vec<Arc<str>> = plan.vantage.iter().map(|vantage| vantage.name.as_str().into()).collect();
        let from_anywhere = Arc::new(Seen { awaits, ..Seen::default() });
        let at_first = |component| {
            if is_seen_from_anywhere(component) { Arc::clone(&from_anywhere) } else { Arc::clone(&nothing) }
        };
        let triggers = plan
            .scenario
            .iter()
            .flat_map(|scenario| scenario.triggers.iter().map(|condition| Trigger::new(&scenario.name, condition)));
        Picture {
            components: plan.component.iter().map(at_first).collect(),
            sites: sites(&plan, |_| (Verdict::Unknown, false)).into(),
            network: OwnNetwork::default(),
            triggers: Arc::new(triggers.collect()),
            lost: BTreeMap::new(),
            is_one_look: false,
            plan,
        }
    }

    /// The same where everybody is asked once: the first answer is all there will be.
    pub fn of_one_look(plan: Arc<Plan>) -> Picture {
        Picture { is_one_look: true, ..Picture::new(plan) }
    }

    /// Whether everybody is asked once only.
    pub(super) fn is_one_look(&self) -> bool {
        self.is_one_look
    }

    /// The plan that is watched.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What is known of the component at this place in the plan.
    pub fn seen(&self, index: usize) -> &Seen {
        &self.components[index]
    }

    /// The same of every component, in the order of the plan.
    pub fn all(&self) -> impl Iterator<Item = &Seen> + Clone {
        self.components.iter().map(|seen| &**seen)
    }

    /// Every component with what is known of it, in the order of the plan.
    pub fn components(&self) -> impl Iterator<Item = (&Component, &Seen)> + Clone {
        self.plan.component.iter().zip(self.all())
    }

    /// The sites, in the order of the plan.
    pub fn sites(&self) -> &[SiteSeen] {
        &self.sites
    }

    /// The state of our own network.
    pub fn network(&self) -> OwnNetwork {
        self.network
    }

    /// Every trigger of the plan.
    pub fn triggers(&self) -> &[Trigger] {
        &self.triggers
    }

    /// Which site the platform runs on.
    pub fn active_site(&self) -> Option<ActiveSite> {
        active_site(&self.plan, |index| self.seen(index))
    }

    /// Takes in what was recorded last time, before anybody is asked.
    pub fn recall(&mut self, recorded: &Recorded) {
        for (component, seen) in self.plan.component.iter().zip(&mut self.components) {
            if let Some(recalled) = recorded.of_component(&component.name)
                && seen.steady == Steady::NEW
            {
                Arc::make_mut(seen).steady = Steady::recalling(recalled);
            }
        }
    }

    /// Takes in what a task has to say; says whether a verdict changed.
    pub fn apply(&mut self, update: Update) -> Option<Change> {
        match update {
            Update::Asked { component, at } => {
                Arc::make_mut(self.components.get_mut(component)?).asking_since = Some(at);
                None
            }
            Update::Answered { component, depth, reading } => {
                let seen = Arc::make_mut(self.components.get_mut(component)?);
                answered(&self.plan.component[component], seen, depth, reading)
            }
            Update::Elsewhere { component, vantage, reading } => {
                self.lost.remove(&vantage);
                elsewhere(Arc::make_mut(self.components.get_mut(component)?), vantage, reading);
                None
            }
            Update::VantageLost { vantage, why } => {
                for seen in &mut self.components {
                    if seen.elsewhere.iter().any(|other| other.vantage == vantage) || seen.awaits.contains(&vantage) {
                        let seen = Arc::make_mut(seen);
                        seen.elsewhere.retain(|other| other.vantage != vantage);
                        seen.awaits.retain(|awaited| *awaited != vantage);
                    }
                }
                self.lost.insert(vantage, why);
                None
            }
        }
    }

    /// Moves everything that was noted with the wall clock, which has jumped: ages and spans stay what they were.
    pub fn clock_jumped(&mut self, by: TimeDelta) {
        for seen in &mut self.components {
            Arc::make_mut(seen).clock_jumped(by);
        }
        for trigger in Arc::make_mut(&mut self.triggers) {
            trigger.clock_jumped(by);
        }
        if let OwnNetwork::Suspect { since } = &mut self.network {
            *since = moved(*since, by);
        }
    }

    /// Vantage points that cannot be seen through now, with the reason.
    pub fn lost_vantages(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lost.iter().map(|(vantage, why)| (&**vantage, why.as_str()))
    }

    /// Looks at everything together: answers that grew stale, sites, our network, triggers. Called every second.
    pub fn settle(&mut self, now: DateTime<Utc>) -> Vec<Change> {
        // Of one look everything is told when the slowest has answered, and no answer is too old for that.
        let changes = if self.is_one_look { Vec::new() } else { self.grow_old(now) };
        self.network = OwnNetwork::of(self.beyond(), self.network, now);
        let state = |index: usize| (self.seen(index).verdict(), self.is_unavailable(self.seen(index)));
        let mut settled = sites(&self.plan, state);
        for site in &mut settled {
            site.is_lost &= self.is_sure_of(&site.name);
        }
        if *settled != *self.sites {
            self.sites = settled.into();
        }
        let mut triggers = (*self.triggers).clone();
        for trigger in &mut triggers {
            trigger.look(self, now);
        }
        if triggers != *self.triggers {
            self.triggers = Arc::new(triggers);
        }
        changes
    }

    /// What lies beyond this machine. Where nothing does but what looks like it, as with a tunnel, that.
    fn beyond(&self) -> impl Iterator<Item = &Seen> + Clone {
        let asked = || self.components().filter(|(component, _)| lies_beyond(component));
        let only_here = asked().all(|(component, _)| component.is_at_localhost());
        asked().filter(move |(component, _)| only_here || !component.is_at_localhost()).map(|(_, seen)| seen)
    }

    /// What was answered too long ago says nothing any more.
    fn grow_old(&mut self, now: DateTime<Utc>) -> Vec<Change> {
        let mut changes = Vec::new();
        for (component, seen) in self.plan.component.iter().zip(&mut self.components) {
            if seen.has_old_sights(component, now) {
                Arc::make_mut(seen).drop_old_sights(component, now);
            }
            if seen.steady.verdict() != Verdict::Unknown && seen.is_stale(component, now) {
                let seen = Arc::make_mut(seen);
                let from = seen.verdict();
                seen.steady.apply(Verdict::Unknown, now, 1);
                if seen.verdict() != from {
                    let reason = "its last answer is too old".to_owned();
                    changes.push(Change { reason, ..change(component, from, seen) });
                }
            }
        }
        changes
    }

    /// Whether nobody at a site is silent for the first time only.
    fn is_sure_of(&self, site: &str) -> bool {
        let mut there = self.components().filter(|(it, _)| it.site.as_deref() == Some(site) && lies_beyond(it));
        there.all(|(_, seen)| seen.verdict() != Verdict::Unknown || self.is_sure(seen))
    }

    /// Whether this is the same picture as one that it was copied from, or to.
    pub fn is_same(&self, other: &Picture) -> bool {
        self.components.iter().zip(&other.components).all(|(one, other)| Arc::ptr_eq(one, other))
            && Arc::ptr_eq(&self.sites, &other.sites)
            && Arc::ptr_eq(&self.triggers, &other.triggers)
            && (self.network, &self.lost) == (other.network, &other.lost)
    }
}

fn answered(component: &Component, seen: &mut Seen, depth: Depth, reading: Arc<Reading>) -> Option<Change> {
    let (before, first) = (seen.verdict(), seen.steady.since().is_none());
    match depth {
        Depth::Vital => vital(component, seen, reading),
        Depth::Rare => rare(component, seen, reading),
    }
    let begins = first && seen.steady.since().is_some();
    (begins || seen.verdict() != before).then(|| Change { first, ..change(component, before, seen) })
}

fn vital(component: &Component, seen: &mut Seen, reading: Arc<Reading>) {
    let key = facts::key_facts(component.kind).iter().find_map(|name| reading.fact(name));
    seen.history.push(&reading, key);
    seen.asking_since = None;
    if reading.verdict == Verdict::Healthy {
        seen.last_well = Some(reading.answered);
    }
    let is_silent = !is_contact(reading.verdict, reading.fact("connection"));
    seen.silent_since = is_silent.then(|| seen.silent_since.unwrap_or(reading.asked));
    seen.steady.apply(reading.verdict, reading.answered, confirm(component));
    seen.latest = Some(reading);
}

/// What cannot be asked rarely is no news: the questions of every interval tell whether it is there. What was told
/// before is let go of once it is too old.
fn rare(component: &Component, seen: &mut Seen, reading: Arc<Reading>) {
    if reading.identity.is_empty() && reading.fact("connection").is_some() {
        let good_for = costly(component).times(3);
        if seen.rare.as_ref().is_some_and(|rare| Span::between(rare.answered, reading.answered) > good_for) {
            (seen.rare, seen.rare_since) = (None, None);
        }
        seen.rare_trouble = Some(reading.reason().to_owned());
        return;
    }
    seen.rare_trouble = None;
    if seen.rare.as_ref().is_none_or(|before| before.verdict != reading.verdict) {
        seen.rare_since = Some(reading.answered);
    }
    seen.rare = Some(reading);
}

fn change(component: &Component, from: Verdict, seen: &Seen) -> Change {
    let reason = seen.reasons().next().map_or(String::new(), |reason| reason.sentence.clone());
    let at = seen.since().unwrap_or_default();
    Change { component: component.name.clone(), from, to: seen.verdict(), at, reason, first: false }
}

fn elsewhere(seen: &mut Seen, vantage: Arc<str>, reading: Arc<Reading>) {
    let since = reading.answered;
    seen.awaits.retain(|awaited| *awaited != vantage);
    match seen.elsewhere.iter_mut().find(|other| other.vantage == vantage) {
        Some(other) => {
            if other.reading.verdict != reading.verdict {
                other.since = since;
            }
            other.reading = reading;
        }
        None => seen.elsewhere.push(Elsewhere { vantage, reading, since }),
    }
}
