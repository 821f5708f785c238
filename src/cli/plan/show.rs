//! `lifeboat plan show`: the plan at a glance, complete as JSON, or on paper.

use crate::cli::output::Style;
use crate::cli::{Context, Failure};
use crate::plan::{Plan, complete, pages, sections};
use crate::text::wrap::columns;
use crate::text::{Exit, Shape, untrusted};

/// `lifeboat plan show`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print every procedure as a page, for when no computer helps
    #[arg(long)]
    runbook: bool,
    /// Show one list only
    #[arg(value_name = "LIST")]
    list: Option<List>,
}

/// The plan's lists, called like their headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum List {
    Components,
    Data,
    Jobs,
    Procedures,
    Scenarios,
}

impl Args {
    /// Prints it. A plan with mistakes is shown as far as it can be read, with a word about them.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = readable(context)?;
        if context.out().is_json() {
            context.out().json(&complete(plan).map_err(std::io::Error::from)?)?;
        } else if self.runbook {
            // A form feed between pages, so that a printer begins a sheet.
            let next_page = if context.out().is_terminal() { "\n" } else { "\u{c}" };
            let pages: Vec<_> = pages(plan).iter().map(|page| untrusted(page, Shape::block(usize::MAX))).collect();
            context.out().bulk(|out| out.write_all(pages.join(next_page).as_bytes()))?;
        } else {
            overview(context, plan, self.list)?;
        }
        Ok(Exit::Done)
    }
}

/// The plan, if need be without what is wrong with it: half a plan is better than none at night.
fn readable(context: &Context) -> Result<&Plan, Failure> {
    let loaded = context.loaded()?;
    match &loaded.plan {
        Some(plan) if !loaded.findings.is_empty() => {
            let mistakes = loaded.findings.len();
            let word =
                format!("The plan has mistakes ({mistakes}); `lifeboat plan check` shows them. This is the rest.");
            context.out().note(word);
            Ok(plan)
        }
        _ => context.plan(),
    }
}

fn overview(context: &Context, plan: &Plan, list: Option<List>) -> Result<(), Failure> {
    let out = context.out();
    let platform = &plan.platform;
    if list.is_none() {
        let safe = |text: &str| untrusted(text, Shape::line(80));
        let title = safe(platform.title.as_deref().unwrap_or(&platform.name));
        let environment = safe(platform.environment.as_deref().unwrap_or_default());
        out.line(format!("{}  {environment}", out.styled(Style::Strong, &title)))?;
        let rto = platform.rto.map_or_else(|| "no RTO".to_owned(), |rto| format!("RTO {rto}"));
        let rpo = platform.rpo.map_or_else(|| "no RPO".to_owned(), |rpo| format!("RPO {rpo}"));
        let reviewed = platform.reviewed.map_or_else(|| "never reviewed".to_owned(), |date| format!("reviewed {date}"));
        out.line(format!("{rto}  {rpo}  {reviewed}"))?;
    }
    for section in sections(plan) {
        if list.is_some_and(|list| !section.title.eq_ignore_ascii_case(&format!("{list:?}"))) {
            continue;
        }
        let mut rows = vec![section.head.iter().map(|head| (*head).to_owned()).collect()];
        let safe = |row: Vec<String>| row.iter().map(|cell| untrusted(cell, Shape::line(120))).collect();
        rows.extend(section.rows.into_iter().map(safe));
        let mut lines = columns(&rows).into_iter();
        out.line(format!("\n{}", out.styled(Style::Strong, section.title)))?;
        out.line(format!("  {}", out.styled(Style::Faint, &lines.next().unwrap_or_default())))?;
        for line in lines {
            out.line(format!("  {line}"))?;
        }
    }
    Ok(())
}
