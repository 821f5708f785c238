//! The scenarios with their triggers as they stand: since when they hold, when they fire, and the evidence.

use crate::console::widgets::{Line, Page, due, lasting};
use crate::console::{Piece, Role, View};
use crate::plan::Plan;
use crate::plan::types::Scenario;
use crate::watch::{Trigger, Truth};

/// How many facts are shown of those that a trigger looks at.
const EVIDENCE: usize = 12;

/// Writes it, a section for each scenario.
pub(super) fn write(view: &View<'_>, plan: &Plan, page: &mut Page) {
    for scenario in &plan.scenario {
        let severity = scenario.severity.map(|severity| severity.to_string()).unwrap_or_default();
        page.heading_with(scenario.title.as_deref().unwrap_or(&scenario.name), &severity, Role::Strong);
        page.labelled("Name", &scenario.name, Role::Text);
        page.labelled("Does", scenario.impact.as_deref().unwrap_or_default(), Role::Text);
        page.labelled("Promised", &promised(scenario), Role::Text);
        let way = scenario.procedure.as_deref().or(scenario.method.as_deref()).unwrap_or("none in the plan");
        page.labelled("Way out", way, Role::Text);
        let triggers = view.desk.picture.triggers().iter().filter(|trigger| trigger.scenario == scenario.name);
        for trigger in triggers {
            write_trigger(view, trigger, page);
        }
    }
}

fn promised(scenario: &Scenario) -> String {
    let rto = scenario.rto.map(|rto| format!("back within {rto}"));
    let rpo = scenario.rpo.map(|rpo| format!("loses at most {rpo}"));
    [rto, rpo].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn write_trigger(view: &View<'_>, trigger: &Trigger, page: &mut Page) {
    let (told, role) = told(view, trigger);
    page.line(Line(vec![Piece::new(format!("  {told}  "), role), Piece::plain(trigger.condition.told())]));
    let shown: Vec<String> = trigger.evidence.iter().take(EVIDENCE).map(|fact| trigger.finding(fact)).collect();
    let more = trigger.evidence.len().saturating_sub(EVIDENCE);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let now = if shown.is_empty() { String::new() } else { format!("; now {}{more}", shown.join(", ")) };
    page.text(6, &format!("{}{now}", trigger.condition), Role::Dim);
}

/// `fired, true for 3min`, `true for 3min, fires in 2min`, `not now`
fn told(view: &View<'_>, trigger: &Trigger) -> (String, Role) {
    let held = trigger.since.map(|since| lasting("true", view.since(since))).unwrap_or_default();
    match (trigger.truth, trigger.remaining(view.now)) {
        (Truth::Holds, Some(left)) => (format!("{held}, fires {}", due(left)), Role::Degraded),
        (Truth::Holds, None) => (format!("{}, {held}", trigger.told()), Role::Down),
        (Truth::Unknown, _) => (trigger.told().to_owned(), Role::Unknown),
        (Truth::Not | Truth::Asked, _) => (trigger.told().to_owned(), Role::Dim),
    }
}
