//! The detailed report of a status, as Markdown: every component with all its facts, objectives, and triggers.

use std::fmt::Write;
use std::path::Path;

use super::{Status, backups, data, line, report_file, table};
use crate::cli::{Failure, Output};
use crate::plan::facts::{self, Verdict};
use crate::plan::{rpo_of, zone_of};
use crate::text::{Clock, Shape, SystemClock, instant, untrusted};

/// Writes it.
pub(super) fn write(status: &Status<'_>, path: &Path) -> Result<(), Failure> {
    report_file::write(path, &text(status))?;
    status.context.out().note(format!("The report is in {}.", Output::safe(path.display())));
    Ok(())
}

fn text(status: &Status<'_>) -> String {
    let mut out = String::new();
    let platform = &status.plan.platform;
    let zone = zone_of(platform);
    let title = cell(platform.title.as_deref().unwrap_or(&platform.name));
    let _ = writeln!(out, "# Status of {title}\n");
    let _ = writeln!(out, "- At: {}", instant::both(SystemClock.now(), zone));
    if let Some(environment) = &platform.environment {
        let _ = writeln!(out, "- Environment: {}", cell(environment));
    }
    if let Some(active) = status.picture.active_site() {
        let _ = writeln!(out, "- Active site: {}", cell(&active.name));
    }
    let summary = line::summary(status.picture, |index| status.choice.asks(&status.plan.component[index]));
    let _ = writeln!(out, "- {summary}");
    for told in data::summary(status).into_iter().chain(table::unseen(status)) {
        let _ = writeln!(out, "- {}", cell(&told));
    }
    let _ = writeln!(out);
    overview(status, &mut out);
    sites(status, &mut out);
    objectives(status, &mut out);
    data::write(status, &mut out);
    backups::write(status, &mut out);
    triggers(status, &mut out);
    for index in status.shown() {
        component(status, index, &mut out);
    }
    out
}

fn overview(status: &Status<'_>, out: &mut String) {
    let _ = writeln!(
        out,
        "## Components\n\n| component | kind | site | verdict | what it says it is | answered in | why |"
    );
    let _ = writeln!(out, "|---|---|---|---|---|---|---|");
    for index in status.shown() {
        let (component, seen) = (&status.plan.component[index], status.picture.seen(index));
        let latest = seen.latest.as_ref();
        let cells = [
            cell(&component.name),
            component.kind.word().to_owned(),
            cell(component.site.as_deref().unwrap_or_default()),
            seen.verdict().to_string(),
            cell(latest.map_or("", |latest| &latest.identity)),
            latest.map_or_else(String::new, |latest| latest.took.brief()),
            cell(status.picture.why(index, SystemClock.now()).first().map_or("", String::as_str)),
        ];
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    let _ = writeln!(out);
}

fn sites(status: &Status<'_>, out: &mut String) {
    let _ = writeln!(out, "## Sites\n\n| site | verdict | components | down | unknown |\n|---|---|---|---|---|");
    for site in status.picture.sites().iter().filter(|site| status.asked_all_of(&site.name)) {
        let verdict = if site.is_lost { "lost".to_owned() } else { site.verdict.to_string() };
        let _ = writeln!(
            out,
            "| {} | {verdict} | {} | {} | {} |",
            cell(&site.name),
            site.components,
            site.down,
            site.unknown
        );
    }
    let _ = writeln!(out);
}

/// What is promised for each component, and how long recoveries really took.
fn objectives(status: &Status<'_>, out: &mut String) {
    let _ = writeln!(out, "## Objectives\n\n| component | RTO | documented | met | RPO |\n|---|---|---|---|---|");
    for index in status.shown() {
        let component = &status.plan.component[index];
        let met = match (component.rto, component.actual) {
            (Some(rto), Some(actual)) => {
                if actual.most <= rto {
                    "yes"
                } else {
                    "no"
                }
            }
            _ => "never measured",
        };
        let span = |span: Option<crate::text::Span>| span.map_or_else(String::new, |span| span.to_string());
        let actual = component.actual.map_or_else(String::new, |actual| actual.to_string());
        let (rto, rpo) = (span(component.rto), span(rpo_of(status.plan, component)));
        let _ = writeln!(out, "| {} | {rto} | {actual} | {met} | {rpo} |", cell(&component.name));
    }
    let _ = writeln!(out);
}

fn triggers(status: &Status<'_>, out: &mut String) {
    let _ = writeln!(out, "## Triggers\n\n| scenario | condition | state | evidence |\n|---|---|---|---|");
    for trigger in status.picture.triggers() {
        let evidence = trigger.evidence.iter().map(|fact| trigger.finding(fact));
        let evidence = cell(evidence.collect::<Vec<_>>().join(", "));
        let (scenario, condition, told) = (cell(&trigger.scenario), &trigger.condition, trigger.told());
        let _ = writeln!(out, "| {scenario} | {condition} | {told} | {evidence} |");
    }
    let _ = writeln!(out);
}

fn component(status: &Status<'_>, index: usize, out: &mut String) {
    let (component, seen) = (&status.plan.component[index], status.picture.seen(index));
    let _ = writeln!(out, "## {}\n", cell(component.title.as_deref().unwrap_or(&component.name)));
    let _ = writeln!(out, "- {} ({}), {}", cell(&component.name), component.kind.word(), seen.verdict());
    for why in status.picture.why(index, SystemClock.now()) {
        let _ = writeln!(out, "- {}", cell(&why));
    }
    if seen.verdict() != Verdict::Healthy && !component.needs.is_empty() {
        let _ = writeln!(out, "- needs {}", cell(component.needs.join(", ")));
    }
    for reading in seen.latest.iter().chain(&seen.rare) {
        for (name, why) in reading.facts.unseen() {
            let _ = writeln!(out, "- {name} could not be seen: {}", cell(why));
        }
    }
    let _ = writeln!(out, "\n| fact | value |\n|---|---|");
    for (name, value) in seen.latest.iter().chain(&seen.rare).flat_map(|reading| reading.facts.iter()) {
        let title = facts::find(component.kind, name).map_or(name, |info| info.title);
        let _ = writeln!(out, "| {title} | {} |", cell(value.to_string()));
    }
    for list in seen.latest.iter().chain(&seen.rare).flat_map(|reading| reading.facts.lists()) {
        let _ = writeln!(out, "\n### {}\n\n| {} |", cell(&list.title), list.columns.join(" | "));
        let _ = writeln!(out, "|{}", "---|".repeat(list.columns.len()));
        for row in &list.rows {
            let _ = writeln!(out, "| {} |", row.iter().map(cell).collect::<Vec<_>>().join(" | "));
        }
        if list.left_out > 0 {
            let _ = writeln!(out, "\nand {} more", list.left_out);
        }
    }
    let _ = writeln!(out);
}

/// Text that stays within its cell.
pub(super) fn cell(text: impl AsRef<str>) -> String {
    untrusted(text.as_ref(), Shape::line(400)).replace('|', "\\|").replace('<', "&lt;")
}
