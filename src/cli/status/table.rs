//! A status for people: components by site and priority, what is not well with its reasons below it.

use super::{Status, data, line};
use crate::cli::Failure;
use crate::cli::output::{Output, Style};
use crate::plan::facts::Verdict;
use crate::plan::types::Plan;
use crate::plan::{Environment, rpo_of, zone_of};
use crate::text::wrap::{columns, wrap};
use crate::text::{Clock, Shape, Span, SystemClock, instant, untrusted};
use crate::watch::{Trigger, Truth};

pub(super) const INDENT: &str = "      ";

/// Prints the summary, the sites with their components, and the triggers that hold.
pub(super) fn print(status: &Status<'_>) -> Result<(), Failure> {
    let out = status.context.out();
    let (title, summary, style) = head(status);
    out.line(out.styled(Style::Strong, &title))?;
    out.line(out.styled(style, &wrap(&summary, out.width(), "", "")))?;
    for told in data::summary(status).into_iter().chain(unseen(status)) {
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "", "")))?;
    }
    let shown = status.shown();
    let mut rows: Vec<Vec<String>> = shown.iter().map(|index| row(status, *index)).collect();
    rows.insert(0, HEAD.map(str::to_owned).to_vec());
    let mut lines = columns(&rows).into_iter();
    let heading = lines.next().unwrap_or_default();
    let lines: Vec<String> = lines.collect();
    let mut at_head = true;
    for site in places(status.plan) {
        let mut here: Vec<usize> =
            (0..shown.len()).filter(|row| status.plan.component[shown[*row]].site.as_deref() == site).collect();
        here.sort_by_key(|row| status.plan.component[shown[*row]].priority.unwrap_or(u8::MAX));
        if here.is_empty() {
            continue;
        }
        out.line("")?;
        out.line(out.styled(Style::Strong, &site_title(status, site)))?;
        if std::mem::take(&mut at_head) {
            out.line(out.styled(Style::Faint, format!("  {heading}").trim_end()))?;
        }
        for row in here {
            out.line(format!("  {}", coloured(out, &lines[row], status.picture.seen(shown[row]).verdict())))?;
            for reason in reasons(status, shown[row]) {
                out.line(wrap(&reason, out.width(), INDENT, INDENT))?;
            }
        }
    }
    data::print(status)?;
    triggers(status)
}

pub(super) const HEAD: [&str; 7] = ["P", "verdict", "component", "what matters", "answer", "RTO", "RPO"];

/// Which platform and when, and what it comes to.
pub(super) fn head(status: &Status<'_>) -> (String, String, Style) {
    let platform = &status.plan.platform;
    let safe = |text: &str| untrusted(text, Shape::line(80));
    let title = safe(platform.title.as_deref().unwrap_or(&platform.name));
    let environment = safe(&Environment::of(platform).word);
    let zone = zone_of(platform);
    let now = instant::both(SystemClock.now(), zone);
    let summary = line::summary(status.picture, |index| status.choice.asks(&status.plan.component[index]));
    let style = match status.exit() {
        crate::text::Exit::Done => Style::Good,
        _ => Style::Warning,
    };
    (format!("{title}  {environment}  {now}"), summary, style)
}

/// The vantage points from which nothing is seen, a sentence each.
pub(super) fn unseen(status: &Status<'_>) -> impl Iterator<Item = String> {
    let vantages = status.picture.lost_vantages();
    vantages.map(|(vantage, why)| untrusted(format!("Nothing is seen from {vantage}: {why}"), Shape::line(400)))
}

/// The sites in the plan's order, and what belongs to none last.
fn places(plan: &Plan) -> Vec<Option<&str>> {
    plan.site.iter().map(|site| Some(site.name.as_str())).chain(std::iter::once(None)).collect()
}

fn site_title(status: &Status<'_>, name: Option<&str>) -> String {
    let Some(name) = name else { return "No site".to_owned() };
    let site = status.plan.site.iter().find(|site| site.name == name);
    let title = site.and_then(|site| site.title.as_deref()).unwrap_or(name);
    let active = status.picture.active_site().filter(|active| active.name == name);
    let active = active.map(|active| format!(" ({})", active.told())).unwrap_or_default();
    untrusted(format!("{title}{active}"), Shape::line(120))
}

pub(super) fn row(status: &Status<'_>, index: usize) -> Vec<String> {
    let (component, seen) = (&status.plan.component[index], status.picture.seen(index));
    let safe = |text: &str| untrusted(text, Shape::line(32));
    let took = seen.latest.as_ref().map_or_else(String::new, |latest| latest.took.brief());
    let span = |span: Option<Span>| span.map_or_else(String::new, |span| span.to_string());
    let mark = seen.verdict().mark(status.context.out().is_unicode());
    vec![
        component.priority.map_or_else(String::new, |priority| priority.to_string()),
        format!("{mark} {}", seen.verdict()),
        safe(&component.name),
        safe(&seen.matters(component)),
        took,
        span(component.rto),
        span(rpo_of(status.plan, component)),
    ]
}

pub(super) fn coloured(out: &Output, line: &str, verdict: Verdict) -> String {
    match verdict {
        Verdict::Healthy => line.to_owned(),
        Verdict::Degraded => out.styled(Style::Warning, line),
        Verdict::Down => out.styled(Style::Bad, line),
        Verdict::Unknown => out.styled(Style::Strong, line),
    }
}

/// Why it is not well, in sentences that are harmless.
pub(super) fn reasons(status: &Status<'_>, index: usize) -> Vec<String> {
    let (component, seen) = (&status.plan.component[index], status.picture.seen(index));
    let mut reasons = status.picture.why(index, SystemClock.now());
    if let Some(manager) = seen.fact("managed_by").filter(|_| seen.verdict() != Verdict::Healthy) {
        reasons.push(format!("{manager} manages {}", component.name));
    }
    reasons.into_iter().map(|reason| untrusted(reason, Shape::line(400))).collect()
}

fn triggers(status: &Status<'_>) -> Result<(), Failure> {
    let out = status.context.out();
    let holding: Vec<&Trigger> =
        status.picture.triggers().iter().filter(|trigger| trigger.truth == Truth::Holds).collect();
    if holding.is_empty() {
        return Ok(());
    }
    out.line("")?;
    out.line(out.styled(Style::Strong, "Triggers"))?;
    for trigger in holding {
        let state = trigger.told();
        let told = format!("{} {state}: {} ({})", trigger.scenario, trigger.condition.told(), trigger.because());
        out.line(wrap(&untrusted(told, Shape::line(300)), out.width(), "  ", INDENT))?;
    }
    Ok(())
}
