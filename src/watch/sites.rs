//! What the components of a site come to together.

use crate::plan::facts::Verdict;
use crate::plan::types::{Component, Kind, Plan};

/// What is known of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteSeen {
    /// Its name in the plan.
    pub name: String,
    /// What its components come to: down only when everything of its first priority is.
    pub verdict: Verdict,
    /// How many components are down.
    pub down: usize,
    /// How many cannot be told.
    pub unknown: usize,
    /// How many there are.
    pub components: usize,
    /// Everything of its first priority is down, or cannot be reached while our own network is proven.
    pub is_unavailable: bool,
    /// Nothing there answers while another site does.
    pub is_lost: bool,
}

/// The sites of a plan, given the verdict of each component and whether it is unavailable.
pub fn sites(plan: &Plan, seen: impl Fn(usize) -> (Verdict, bool)) -> Vec<SiteSeen> {
    let mut all: Vec<SiteSeen> = plan.site.iter().map(|site| of_site(plan, &site.name, &seen)).collect();
    let answers = |index: usize| matches!(seen(index).0, Verdict::Healthy | Verdict::Degraded);
    let beyond = |name: &str| {
        let components = plan.component.iter().enumerate();
        let there = components.filter(|(_, it)| it.site.as_deref() == Some(name) && lies_beyond(it));
        there.map(|(index, _)| answers(index)).collect::<Vec<bool>>()
    };
    let answering: Vec<Vec<bool>> = all.iter().map(|site| beyond(&site.name)).collect();
    let dark = |answers: &[bool]| !answers.is_empty() && !answers.contains(&true);
    let somebody_answers = answering.iter().any(|answers| answers.contains(&true));
    for (site, answers) in all.iter_mut().zip(&answering) {
        site.is_lost = somebody_answers && dark(answers);
    }
    all
}

/// Whether asking it needs the network at all: a file of this machine can be read while its site is dark.
pub(super) fn lies_beyond(component: &Component) -> bool {
    let is_remote_host = component.kind == Kind::Host && !component.is_this_machine();
    let is_reached = component.reach.as_ref().is_some_and(|reach| !reach.is_here());
    is_seen_from_anywhere(component) || is_remote_host || is_reached
}

/// Whether what is seen of it does not depend on where one stands, but for the network between.
pub(super) fn is_seen_from_anywhere(component: &Component) -> bool {
    !matches!(component.kind, Kind::Files | Kind::Certificate | Kind::Container | Kind::Host)
}

fn of_site(plan: &Plan, name: &str, seen: &impl Fn(usize) -> (Verdict, bool)) -> SiteSeen {
    let here: Vec<(&Component, (Verdict, bool))> = plan
        .component
        .iter()
        .enumerate()
        .filter(|(_, component)| component.site.as_deref() == Some(name))
        .map(|(index, component)| (component, seen(index)))
        .collect();
    let count = |wanted: Verdict| here.iter().filter(|(_, (verdict, _))| *verdict == wanted).count();
    // What is read on this machine says nothing of the site, unless there is nothing else.
    let is_only_files = here.iter().all(|(component, _)| !lies_beyond(component));
    let telling = || here.iter().filter(|(component, _)| is_only_files || lies_beyond(component));
    let priority = |component: &Component| component.priority.unwrap_or(u8::MAX);
    let first = telling().map(|(component, _)| priority(component)).min().unwrap_or(u8::MAX);
    let all = |is: fn((Verdict, bool)) -> bool| {
        !here.is_empty() && telling().filter(|(component, _)| priority(component) == first).all(|(_, state)| is(*state))
    };
    let all_gone = all(|(verdict, _)| verdict == Verdict::Down);
    let none_known = telling().all(|(_, (verdict, _))| *verdict == Verdict::Unknown);
    let verdict = if none_known {
        Verdict::Unknown
    } else if all_gone {
        Verdict::Down
    } else if count(Verdict::Healthy) < here.len() {
        Verdict::Degraded
    } else {
        Verdict::Healthy
    };
    SiteSeen {
        name: name.to_owned(),
        verdict,
        down: count(Verdict::Down),
        unknown: count(Verdict::Unknown),
        components: here.len(),
        is_unavailable: all(|(_, unavailable)| unavailable),
        is_lost: false,
    }
}
