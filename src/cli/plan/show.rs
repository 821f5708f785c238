//! `lifeboat plan show`: the plan at a glance, complete as JSON, or on paper.

use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use crate::cli::output::Style;
use crate::cli::{Context, Failure};
use crate::plan::{LISTS, Level, List, Plan, Row, check, complete, masked, pages};
use crate::text::wrap::{table as table_of, wrap};
use crate::text::{Clock, Exit, Shape, SystemClock, untrusted};

/// `lifeboat plan show`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the whole plan on paper, every procedure as a page, for when no computer helps
    #[arg(long, conflicts_with = "list")]
    runbook: bool,
    /// Show one list only
    #[arg(value_name = "LIST", value_parser = PossibleValuesParser::new(LISTS.iter().map(|list| list.name)))]
    list: Option<String>,
}

impl Args {
    /// Prints it. A plan with mistakes is shown as far as it can be read, with a word about them.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        // What a plan must not say, it may still say; no output repeats it.
        let plan = &masked(readable(context)?).map_err(std::io::Error::from)?;
        let list = self.list.and_then(|name| LISTS.iter().find(|list| list.name == name));
        match (self.runbook, list) {
            (true, _) => runbook(context, plan)?,
            (false, _) if context.out().is_json() => json(context, plan, list)?,
            (false, Some(list)) => table(context, plan, list)?,
            (false, None) => overview(context, plan)?,
        }
        Ok(Exit::Done)
    }
}

/// A form feed between pages, so that a printer begins a sheet.
fn runbook(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let pages: Vec<_> = pages(plan).iter().map(|page| untrusted(page, Shape::block(usize::MAX))).collect();
    if context.out().is_json() {
        return context.out().json(&json!({ "pages": pages }));
    }
    let next_page = if context.out().is_terminal() { "\n" } else { "\u{c}" };
    context.out().bulk(|out| out.write_all(pages.join(next_page).as_bytes()))
}

fn json(context: &Context, plan: &Plan, list: Option<&List>) -> Result<(), Failure> {
    let mut value = complete(plan).map_err(std::io::Error::from)?;
    if let (Some(list), Value::Object(entries)) = (list, &mut value) {
        entries.retain(|key, _| list.keys.contains(&key.as_str()));
    }
    context.out().json(&value)
}

/// The plan, if need be without what is wrong with it: half a plan is better than none at night.
fn readable(context: &Context) -> Result<&Plan, Failure> {
    let loaded = context.loaded()?;
    match &loaded.plan {
        Some(plan) => {
            // Counted as `plan check` counts them.
            let found = check(loaded, SystemClock.now());
            let errors = found.iter().filter(|finding| finding.level == Level::Error).count();
            if errors > 0 {
                let errors = if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") };
                context
                    .out()
                    .note(format!("The plan has {errors}; `lifeboat plan check` shows them. This is the rest."));
            }
            Ok(plan)
        }
        None => context.plan(),
    }
}

fn overview(context: &Context, plan: &Plan) -> Result<(), Failure> {
    let out = context.out();
    let platform = &plan.platform;
    let safe = |text: &str| untrusted(text, Shape::line(80));
    let title = safe(platform.title.as_deref().unwrap_or(&platform.name));
    let environment = safe(platform.environment.as_deref().unwrap_or_default());
    out.line(format!("{}  {environment}", out.styled(Style::Strong, &title)).trim_end())?;
    let rto = platform.rto.map_or_else(|| "no RTO".to_owned(), |rto| format!("RTO {rto}"));
    let rpo = platform.rpo.map_or_else(|| "no RPO".to_owned(), |rpo| format!("RPO {rpo}"));
    let reviewed = platform.reviewed.map_or_else(|| "never reviewed".to_owned(), |date| format!("reviewed {date}"));
    out.line(format!("{rto}  {rpo}  {reviewed}"))?;
    let shown = LISTS.iter().filter(|list| list.at_a_glance && !list.rows(plan).is_empty());
    shown.into_iter().try_for_each(|list| {
        out.line("")?;
        table(context, plan, list)
    })?;
    let more = LISTS.iter().filter(|list| !list.at_a_glance && !list.rows(plan).is_empty()).map(|list| list.name);
    let more = more.collect::<Vec<_>>().join(", ");
    if !more.is_empty() {
        out.note(format!("\nMore of it: {} LIST, with {more}.", context.again(["plan", "show"])));
    }
    Ok(())
}

fn table(context: &Context, plan: &Plan, list: &List) -> Result<(), Failure> {
    let out = context.out();
    let rows = list.rows(plan);
    out.line(out.styled(Style::Strong, list.title))?;
    if rows.is_empty() {
        return out.line("  none");
    }
    let room = out.width().saturating_sub(2);
    let head = list.head.iter().map(|head| (*head).to_owned()).collect();
    let cells = |row: &Row| row.cells.iter().map(|cell| untrusted(cell, Shape::line(200))).collect();
    let drawn = table_of(&std::iter::once(head).chain(rows.iter().map(cells)).collect::<Vec<Vec<String>>>(), room);
    let below = rows.iter().map(|row| row.below.as_deref());
    for (number, (lines, below)) in drawn.iter().zip(std::iter::once(None).chain(below)).enumerate() {
        for line in lines {
            let line = if number == 0 { out.styled(Style::Faint, line) } else { line.clone() };
            out.line(format!("  {line}"))?;
        }
        if let Some(below) = below {
            let below = wrap(&untrusted(below, Shape::line(4000)), out.width(), "      ", "      ");
            out.line(out.styled(Style::Faint, &below))?;
        }
    }
    Ok(())
}
