//! The plan at a glance: what is promised, when it was last looked over, and what is wrong with it.

use crate::console::widgets::Page;
use crate::console::{Role, View};
use crate::plan::Plan;
use crate::text::Span;

/// Writes it.
pub(super) fn write(view: &View<'_>, plan: &Plan, page: &mut Page) {
    let platform = &plan.platform;
    page.heading(platform.title.as_deref().unwrap_or(&platform.name));
    page.text(2, platform.about.as_deref().unwrap_or_default(), Role::Text);
    page.labelled("Environment", platform.environment.as_deref().unwrap_or_default(), Role::Text);
    page.labelled("Owner", platform.owner.as_deref().unwrap_or_default(), Role::Text);
    page.labelled("Time zone", platform.time_zone.as_deref().unwrap_or_default(), Role::Text);
    page.labelled("Status page", platform.status_page.as_deref().unwrap_or_default(), Role::Text);
    page.heading("Promised");
    let said = |span: Option<Span>| span.map_or_else(|| "nothing".to_owned(), |span| span.to_string());
    page.labelled("Back within", &said(platform.rto), Role::Strong);
    page.labelled("May lose", &said(platform.rpo), Role::Strong);
    let availability = platform.availability.map(|share| share.to_string()).unwrap_or_default();
    page.labelled("Available", &availability, Role::Text);
    page.labelled("Subject to", &platform.compliance.join(", "), Role::Text);
    page.heading("Looked over");
    review(view, plan, page);
    page.heading("Mistakes");
    mistakes(view, page);
    page.heading("What it names");
    page.text(2, &counts(plan), Role::Text);
}

fn review(view: &View<'_>, plan: &Plan, page: &mut Page) {
    let platform = &plan.platform;
    let Some(reviewed) = platform.reviewed else {
        page.labelled("Last", "never", Role::Degraded);
        return;
    };
    page.labelled("Last", &reviewed.to_string(), Role::Text);
    let every = platform.review_every;
    page.labelled("Every", &every.map(|every| every.to_string()).unwrap_or_default(), Role::Text);
    let due = every.and_then(|every| every.after(reviewed.and_hms_opt(0, 0, 0)?.and_utc()));
    if let Some(due) = due {
        let is_over = due < view.now;
        let (told, role) = if is_over { (", which is over", Role::Degraded) } else { ("", Role::Text) };
        page.labelled("Due", &format!("{}{told}", due.date_naive()), role);
    }
}

fn mistakes(view: &View<'_>, page: &mut Page) {
    match &view.desk.findings {
        None => page.text(2, "not looked for yet", Role::Dim),
        Some(found) if found.errors + found.warnings == 0 => page.text(2, "none found", Role::Healthy),
        Some(found) => {
            let role = if found.errors > 0 { Role::Down } else { Role::Degraded };
            let count = |number: usize, thing: &str| format!("{number} {thing}{}", if number == 1 { "" } else { "s" });
            let told = format!("{}, {}", count(found.errors, "error"), count(found.warnings, "warning"));
            page.text(2, &format!("{told}; `lifeboat plan check` shows them all, and how to mend them"), role);
        }
    }
}

fn counts(plan: &Plan) -> String {
    let counts = [
        (plan.site.len(), "site", "sites"),
        (plan.component.len(), "component", "components"),
        (plan.data.len(), "category of data", "categories of data"),
        (plan.store.len(), "store", "stores"),
        (plan.job.len(), "job", "jobs"),
        (plan.scenario.len(), "scenario", "scenarios"),
        (plan.procedure.len(), "procedure", "procedures"),
        (plan.decision.len(), "decision", "decisions"),
        (plan.person.len(), "person", "people"),
    ];
    let told = counts.iter().filter(|(count, _, _)| *count > 0);
    let told = told.map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }));
    told.collect::<Vec<_>>().join(", ")
}
