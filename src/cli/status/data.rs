//! The part of a status about data: how old what one would restore each category from is, against its RPO.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Status;
use super::choice::Choice;
use super::report::cell;
use super::table::{INDENT, coloured};
use crate::cli::Failure;
use crate::cli::output::{Output, Style};
use crate::desk::Shelf;
use crate::desk::shelf::{self, Notice};
use crate::plan::Plan;
use crate::plan::types::Data;
use crate::protect::standing::{Protection, told};
use crate::text::instant::stamp;
use crate::text::wrap::{columns, wrap};
use crate::text::{Clock, Shape, Span, SystemClock, untrusted};
use crate::watch::Means;

/// Looks at the stores once, if any category of data was asked for.
pub(super) async fn once(plan: &Arc<Plan>, means: &Arc<Means>, choice: &Choice, state: Option<PathBuf>) -> Shelf {
    if !plan.data.iter().any(|data| is_asked(plan, choice, data)) {
        return Shelf::not_looked_at(plan);
    }
    shelf::once(plan, means, state).await
}

/// Whether a category belongs to what was asked for: to a chosen component, or to none where all were.
fn is_asked(plan: &Plan, choice: &Choice, data: &Data) -> bool {
    match plan.component.iter().find(|component| Some(&component.name) == data.component.as_ref()) {
        Some(component) => choice.asks(component),
        None => choice.asks_all(),
    }
}

/// Those that were asked for, the worst first.
pub(super) fn asked<'s>(status: &Status<'s>, now: DateTime<Utc>) -> Vec<&'s Protection> {
    let is_shown = |one: &&Protection| {
        let data = status.plan.data.iter().find(|data| data.name == one.data);
        data.is_some_and(|data| is_asked(status.plan, status.choice, data))
    };
    status.shelf.worst_first(now).into_iter().filter(is_shown).collect()
}

/// Whether each is kept within its RPO, as far as can be seen, and nothing else went wrong.
pub(super) fn is_well(status: &Status<'_>) -> bool {
    let now = SystemClock.now();
    let is_seen = !status.choice.asks_all() || status.shelf.unseen.is_empty();
    let is_wrong = notices(status).iter().any(|notice| notice.is_wrong);
    is_seen && !is_wrong && asked(status, now).iter().all(|one| !one.needs_attention(now))
}

/// What of it matters most, in one sentence.
pub(super) fn summary(status: &Status<'_>) -> Option<String> {
    let now = SystemClock.now();
    let all: Vec<Protection> = asked(status, now).into_iter().cloned().collect();
    let (_, told) = told(&all, now)?;
    let mut letters = told.chars();
    let first: String = letters.next()?.to_uppercase().collect();
    Some(untrusted(format!("{first}{}.", letters.as_str()), Shape::line(400)))
}

/// A line each, with its verdict, and below it what somebody should know.
pub(super) fn lines(status: &Status<'_>) -> Vec<String> {
    let (out, now) = (status.context.out(), SystemClock.now());
    let all = asked(status, now);
    let rows: Vec<Vec<String>> = all.iter().map(|one| row(out, one, now)).collect();
    let mut lines = Vec::new();
    for (line, one) in columns(&rows).iter().zip(&all) {
        lines.push(coloured(out, line.trim_end(), one.look(now)));
        let why = one.why(now).map(|why| untrusted(why, Shape::line(400)));
        lines.extend(why.map(|why| wrap(&why, out.width().saturating_sub(2), "    ", "    ")));
    }
    lines
}

/// Prints them as a section of their own.
pub(super) fn print(status: &Status<'_>) -> Result<(), Failure> {
    let (out, lines) = (status.context.out(), lines(status));
    if lines.is_empty() {
        return Ok(());
    }
    out.line("")?;
    out.line(out.styled(Style::Strong, "Data"))?;
    let indented = |line: String| line.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n");
    lines.into_iter().try_for_each(|line| out.line(indented(line)))?;
    for unseen in &status.shelf.unseen {
        let told = untrusted(format!("Store {}: {}", unseen.store, unseen.why), Shape::line(400));
        out.line(wrap(&told, out.width(), "  ", INDENT))?;
    }
    for notice in notices(status) {
        let told = wrap(&notice.text, out.width().saturating_sub(2), "", "  ");
        let told = format!("{} {told}", notice.verdict.mark(out.is_unicode()));
        out.line(coloured(out, &format!("  {told}"), notice.verdict))?;
    }
    Ok(())
}

/// What else somebody should know of the vault, where all of it was asked for.
pub(super) fn notices<'s>(status: &Status<'s>) -> &'s [Notice] {
    if status.choice.asks_all() { &status.shelf.notices } else { &[] }
}

fn row(out: &Output, one: &Protection, now: DateTime<Utc>) -> Vec<String> {
    let within = one.verdict(now);
    let mark = one.look(now).mark(out.is_unicode());
    let safe = |text: &str, most| untrusted(text, Shape::line(most));
    vec![
        format!("{mark} {}", within.word()),
        safe(&one.data, 26),
        one.age_told(now),
        one.verified_told(now),
        safe(&one.stores_told(), 40),
    ]
}

/// One line for logs and screen readers.
pub(super) fn plain(one: &Protection, now: DateTime<Utc>) -> String {
    let parts = [one.verified_told(now), one.stores_told(), one.why(now).unwrap_or_default()];
    let parts: Vec<String> =
        parts.into_iter().filter(|part| !part.is_empty()).map(|part| format!(", {part}")).collect();
    let told = format!("data {} {}: {}{}", one.data, one.verdict(now).word(), one.age_told(now), parts.concat());
    untrusted(told, Shape::line(600))
}

/// The same for scripts.
pub(super) fn json(status: &Status<'_>) -> Vec<Value> {
    let now = SystemClock.now();
    asked(status, now).into_iter().map(|one| of_one(status.plan, one, now)).collect()
}

fn of_one(plan: &Plan, one: &Protection, now: DateTime<Utc>) -> Value {
    let seconds = |span: Span| span.approx().as_secs();
    let data = plan.data.iter().find(|data| data.name == one.data);
    json!({
        "name": one.data,
        "title": data.and_then(|data| data.title.as_ref()),
        "component": one.component,
        "verdict": one.verdict(now).word(),
        "why": one.why(now),
        "shrunk": one.shrunk,
        "rpo_seconds": one.rpo.map(seconds),
        "age_seconds": one.age(now).map(seconds),
        "share": one.share(now).filter(|share| share.is_finite()),
        "from_the_future": one.is_from_future(now),
        "newest": one.newest.as_ref().map(|newest| json!({
            "point": newest.point, "as_of": stamp(newest.as_of), "state": newest.state, "by_log": newest.by_log,
            "stores": newest.stores,
        })),
        "verified": one.verified.map(stamp),
        "verified_age_seconds": one.verified.map(|at| seconds(Span::between(at, now))),
        "off_site": one.off_site.map(stamp),
        "missing_off_site": one.missing_off_site,
        "not_looked_into": one.unseen,
        "cannot_be_seen": one.unseeable,
    })
}

/// The section of the report.
pub(super) fn write(status: &Status<'_>, out: &mut String) {
    let now = SystemClock.now();
    let all = asked(status, now);
    if all.is_empty() {
        return;
    }
    let _ = writeln!(out, "## Data\n\n| data | verdict | age and RPO | verified | newest | in | off-site | why |");
    let _ = writeln!(out, "|---|---|---|---|---|---|---|---|");
    for one in all {
        let newest = one.newest.as_ref().map_or_else(String::new, |newest| {
            let log = if newest.by_log { " and its log" } else { "" };
            format!("{}{log}, {}, as of {}", newest.point, newest.state, stamp(newest.as_of))
        });
        let cells = [
            one.data.clone(),
            one.verdict(now).word().to_owned(),
            one.age_told(now),
            one.verified_told(now),
            newest,
            one.stores_told(),
            one.off_site.map_or_else(|| "none".to_owned(), |at| format!("as of {}", stamp(at))),
            one.why(now).unwrap_or_default(),
        ];
        let _ = writeln!(out, "| {} |", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
    let _ = writeln!(out);
    for unseen in &status.shelf.unseen {
        let _ = writeln!(out, "- Store {} was not looked at: {}", cell(&unseen.store), cell(&unseen.why));
    }
    for notice in notices(status) {
        let _ = writeln!(out, "- {}", cell(&notice.text));
    }
    if !status.shelf.unseen.is_empty() || !notices(status).is_empty() {
        let _ = writeln!(out);
    }
}
