//! What the plan's screen can show, in its order.

use std::sync::Arc;

use crate::plan::{LISTS, Plan, masked, pages};

/// A section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Objectives, reviews, what is wrong with the plan.
    Glance,
    /// The scenarios with their triggers as they stand.
    Triggers,
    /// One of the plan's lists.
    List(usize),
    /// A procedure with its steps.
    Procedure(usize),
    /// A page of the runbook.
    Paper(usize),
}

impl Section {
    /// What it is grouped under.
    pub fn group(self) -> &'static str {
        match self {
            Section::Glance | Section::Triggers => "The plan",
            Section::List(_) => "Lists",
            Section::Procedure(_) => "Procedures",
            Section::Paper(_) => "On paper",
        }
    }
}

/// The plan's contents, made once: the plan as it may be shown, its sections with their names, and its pages.
#[derive(Debug, Default)]
pub(super) struct Contents {
    of: Option<Arc<Plan>>,
    /// The plan without the secrets that stand in it as values.
    pub plan: Option<Plan>,
    /// Its sections, each with its name.
    pub sections: Vec<(Section, String)>,
    /// The pages of its runbook.
    pub pages: Vec<String>,
}

impl Contents {
    /// Sees that these are the contents of this plan.
    pub fn refresh(&mut self, plan: &Arc<Plan>) {
        if !self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, plan)) {
            let shown = masked(&**plan).ok();
            let pages = shown.as_ref().map(pages).unwrap_or_default();
            let sections = shown.as_ref().map(|plan| sections(plan, &pages)).unwrap_or_default();
            *self = Contents { of: Some(Arc::clone(plan)), plan: shown, sections, pages };
        }
    }
}

fn sections(plan: &Plan, pages: &[String]) -> Vec<(Section, String)> {
    let mut sections = vec![(Section::Glance, "At a glance".to_owned())];
    if !plan.scenario.is_empty() {
        sections.push((Section::Triggers, "Scenarios and triggers".to_owned()));
    }
    let filled = LISTS.iter().enumerate().filter(|(_, list)| !list.rows(plan).is_empty());
    sections.extend(filled.map(|(index, list)| (Section::List(index), short(list.title))));
    let procedures = plan.procedure.iter().enumerate();
    sections.extend(procedures.map(|(index, procedure)| (Section::Procedure(index), procedure.name.clone())));
    // A page begins with a line of signs, and then its title.
    let title = |page: &String| page.lines().nth(1).unwrap_or_default().to_owned();
    sections.extend(pages.iter().enumerate().map(|(index, page)| (Section::Paper(index), title(page))));
    sections
}

/// A title without what is said after its comma.
fn short(title: &str) -> String {
    title.split(',').next().unwrap_or(title).to_owned()
}
