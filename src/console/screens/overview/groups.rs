//! In which order components are shown, and in which groups: by priority, or what is not well first.

use std::collections::HashSet;

use crate::console::View;
use crate::console::widgets::Filter;
use crate::plan::facts::Verdict;
use crate::plan::types::Component;

/// A group of components.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum GroupId {
    /// All of one priority; the last one has those without.
    Priority(u8),
    /// Everything that is not well.
    NotWell,
    /// Everything that is.
    Well,
}

/// What a row of the list stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// The head of a group.
    Group(GroupId),
    /// The component at this place in the plan.
    Component(usize),
}

/// A group with its members.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub id: GroupId,
    pub title: String,
    pub members: Vec<usize>,
    pub is_folded: bool,
}

impl Group {
    /// How many of its members have this verdict.
    pub fn count(&self, verdict: Verdict, view: &View<'_>) -> usize {
        self.members.iter().filter(|index| view.desk.picture.seen(**index).verdict() == verdict).count()
    }

    /// The worst verdict of its members.
    pub fn worst(&self, view: &View<'_>) -> Verdict {
        let verdicts = self.members.iter().map(|index| view.desk.picture.seen(*index).verdict());
        verdicts.max().unwrap_or(Verdict::Unknown)
    }
}

/// The groups of what a filter lets through, each with somebody in it.
pub(super) fn groups(view: &View<'_>, filter: &Filter, problems_first: bool, folded: &HashSet<GroupId>) -> Vec<Group> {
    let plan = &view.desk.plan;
    let all = plan.component.iter().enumerate().filter(|(index, component)| lets(view, filter, *index, component));
    let mut groups: Vec<Group> = Vec::new();
    for (index, component) in all {
        let verdict = view.desk.picture.seen(index).verdict();
        let id = match (problems_first, verdict) {
            (true, Verdict::Healthy) => GroupId::Well,
            (true, _) => GroupId::NotWell,
            (false, _) => GroupId::Priority(component.priority.unwrap_or(u8::MAX)),
        };
        match groups.iter_mut().find(|group| group.id == id) {
            Some(group) => group.members.push(index),
            None => groups.push(Group {
                id,
                title: title(view, id),
                members: vec![index],
                // What was searched for is not hidden.
                is_folded: folded.contains(&id) && filter.is_empty(),
            }),
        }
    }
    groups.sort_by_key(|group| match group.id {
        GroupId::Priority(level) => level,
        GroupId::NotWell => 0,
        GroupId::Well => 1,
    });
    if problems_first {
        let priority = |index: &usize| plan.component[*index].priority.unwrap_or(u8::MAX);
        // What nobody can reach is as good as down.
        let verdict = |index: &usize| {
            let (picture, seen) = (&view.desk.picture, view.desk.picture.seen(*index));
            if picture.is_unavailable(seen) { Verdict::Down } else { seen.verdict() }
        };
        for group in &mut groups {
            group.members.sort_by_key(|index| (std::cmp::Reverse(verdict(index)), priority(index)));
        }
    }
    groups
}

/// The rows of these groups, from top to bottom.
pub(super) fn keys(groups: &[Group]) -> Vec<Key> {
    let rows = groups.iter().flat_map(|group| {
        let members = if group.is_folded { &[][..] } else { &group.members };
        std::iter::once(Key::Group(group.id)).chain(members.iter().map(|index| Key::Component(*index)))
    });
    rows.collect()
}

fn lets(view: &View<'_>, filter: &Filter, index: usize, component: &Component) -> bool {
    let (title, site) = (component.title.as_deref(), component.site.as_deref());
    let verdict = view.desk.picture.seen(index).verdict().word();
    filter.lets([component.name.as_str(), component.kind.word(), verdict].into_iter().chain(title).chain(site))
}

fn title(view: &View<'_>, id: GroupId) -> String {
    match id {
        GroupId::NotWell => "Not well".to_owned(),
        GroupId::Well => "Well".to_owned(),
        GroupId::Priority(u8::MAX) => "No priority".to_owned(),
        GroupId::Priority(level) => match view.desk.plan.priority.iter().find(|priority| priority.level == level) {
            Some(priority) => format!("{level} {}, back within {}", priority.name, priority.within),
            None => format!("Priority {level}"),
        },
    }
}
