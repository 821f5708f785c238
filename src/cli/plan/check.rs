//! `lifeboat plan check`: every finding with its place, why it matters, and how to mend it.

use std::collections::BTreeMap;

use serde_json::json;

use crate::cli::output::Style;
use crate::cli::{Context, Failure};
use crate::plan::{Drawing, Finding, Level, Loaded, check, draw, without_secrets};
use crate::reach::{self, Secrets};
use crate::systems::Contact;
use crate::systems::live::{self, Live};
use crate::text::wrap::columns;
use crate::text::{Clock, Exit, Shape, SystemClock, untrusted};

/// `lifeboat plan check`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// End with 3 if there are warnings
    #[arg(long)]
    strict: bool,
    /// Also resolve the secrets and contact everything; end with 3 if something is not there
    #[arg(long)]
    live: bool,
}

impl Args {
    /// Prints what was found. Errors end with 2, warnings with 0, or with 3 if strict.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let loaded = context.loaded()?;
        let mut findings = check(loaded, SystemClock.now());
        let live = if self.live { look(context, loaded)? } else { Live::default() };
        let is_all_there = live.findings.is_empty();
        findings.extend(live.findings);
        let count = |level| findings.iter().filter(|finding| finding.level == level).count();
        let (errors, warnings) = (count(Level::Error), count(Level::Warning));
        if context.out().is_json() {
            print_json(context, loaded, &findings, &live.answered)?;
        } else {
            print_answers(context, &live.answered)?;
            print(context, loaded, &findings, errors, warnings)?;
        }
        Ok(match (errors, warnings) {
            (0, 0) => Exit::Done,
            (0, _) if self.strict || !is_all_there => Exit::Attention,
            (0, _) => Exit::Done,
            _ => Exit::Usage,
        })
    }
}

/// Looks at what the plan refers to. A plan with mistakes is looked at as far as it can be read.
fn look(context: &Context, loaded: &Loaded) -> Result<Live, Failure> {
    let Some(plan) = &loaded.plan else { return Ok(Live::default()) };
    let secrets = Secrets::new(context.redactor());
    let reach = reach::Settings { redactor: context.redactor().clone(), ..reach::Settings::default() };
    context.out().note("Contacting everything that the plan names …");
    context.block_on(|_stop| async move {
        let contact = Contact { secrets: &secrets, reach: &reach, clock: &SystemClock };
        Ok(live::look(loaded, plan, &contact).await)
    })
}

fn print_answers(context: &Context, answered: &[(String, String)]) -> Result<(), Failure> {
    let rows: Vec<_> = answered.iter().map(|(name, identity)| vec![name.clone(), identity.clone()]).collect();
    columns(&rows).into_iter().try_for_each(|line| context.out().line(line))
}

fn print_json(
    context: &Context,
    loaded: &Loaded,
    findings: &[Finding],
    answered: &[(String, String)],
) -> Result<(), Failure> {
    let reports: Vec<_> = findings.iter().map(|finding| finding.report(&loaded.sources)).collect();
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    context.out().json(&json!({
        "platform": loaded.plan.as_ref().map(|plan| &plan.platform.name),
        "files": loaded.sources.iter().map(|file| file.path.display().to_string()).collect::<Vec<_>>(),
        "errors": count(Level::Error),
        "warnings": count(Level::Warning),
        "findings": reports,
        "answered": answered.iter().cloned().collect::<BTreeMap<_, _>>(),
    }))
}

fn print(
    context: &Context,
    loaded: &Loaded,
    findings: &[Finding],
    errors: usize,
    warnings: usize,
) -> Result<(), Failure> {
    let out = context.out();
    let how = Drawing { colours: out.has_emphasis(), unicode: out.is_unicode(), width: out.width() };
    for drawn in draw(findings, &without_secrets(loaded), how) {
        out.line(drawn)?;
        out.line("")?;
    }
    let name = loaded.plan.as_ref().map_or("the plan", |plan| plan.platform.name.as_str());
    let name = untrusted(name, Shape::line(60));
    let summary = match (errors, warnings) {
        (0, 0) => out.styled(Style::Good, &format!("{name}: nothing to find fault with.")),
        (0, _) => out.styled(
            Style::Warning,
            &format!("{name}: {} where an objective does not hold.", counted(warnings, "place")),
        ),
        _ => out.styled(
            Style::Bad,
            &format!(
                "{name}: {}, {}. It cannot be used like this.",
                counted(errors, "error"),
                counted(warnings, "warning")
            ),
        ),
    };
    out.line(summary)
}

fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
