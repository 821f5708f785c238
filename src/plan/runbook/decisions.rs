//! The page to begin with: what this is, the questions that lead to a way out, and the ways out.

use super::sheet::Sheet;
use crate::plan::types::Decision;
use crate::plan::{Plan, timing};

pub(super) fn page(plan: &Plan) -> String {
    let mut sheet = Sheet::new(plan, "Where to begin", "begin");
    let span = |span: Option<crate::text::Span>| span.map(|span| span.to_string()).unwrap_or_default();
    sheet.line("Back within", &span(plan.platform.rto));
    sheet.line("May lose", &span(plan.platform.rpo));
    sheet.line("Status page", plan.platform.status_page.as_deref().unwrap_or_default());
    sheet.line("Reviewed", &plan.platform.reviewed.map(|date| date.to_string()).unwrap_or_default());
    sheet.line("Began at", "____________________ led by ____________________");
    if !plan.decision.is_empty() {
        sheet.heading("Ask");
    }
    for (index, decision) in plan.decision.iter().enumerate() {
        question(&mut sheet, plan, index, decision);
    }
    sheet.heading("Ways out");
    let rows = plan.procedure.iter().map(|procedure| {
        let takes = timing(procedure).map(|timing| timing.told()).unwrap_or_default();
        vec![procedure.name.clone(), procedure.total.map_or(takes, |total| total.to_string())]
    });
    sheet.table(&rows.collect::<Vec<_>>());
    sheet.done()
}

/// A question with its number, and where each answer leads: to another number, or to a page.
fn question(sheet: &mut Sheet, plan: &Plan, index: usize, decision: &Decision) {
    sheet.point(&format!("{:>2}. ", index + 1), &decision.ask);
    sheet.detail("look at", decision.answer.as_deref().unwrap_or_default());
    let width = decision.then.keys().map(String::len).max().unwrap_or(0);
    for (answer, to) in &decision.then {
        let number = plan.decision.iter().position(|other| other.name == *to);
        let to = number.map_or_else(|| format!("page [{to}]"), |number| format!("question {}", number + 1));
        sheet.detail(&format!("{answer:<width$}"), &format!("-> {to}"));
    }
}
