//! `lifeboat plan check`: every finding with its place, why it matters, and how to mend it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use crate::cli::output::Style;
use crate::cli::{Context, Failure};
use crate::plan::source::{Node, Path};
use crate::plan::{Drawing, Finding, Level, Loaded, check, draw, reports, without_secrets};
use crate::protect::expire::{Early, early};
use crate::reach::{self, Secrets};
use crate::systems::Contact;
use crate::systems::live::{self, Live};
use crate::text::wrap::{columns, wrap};
use crate::text::{Clock, Exit, Shape, SystemClock, counted, untrusted};

/// How long commands may take to end once this was interrupted.
const ENDING: Duration = Duration::from_secs(3);
/// Findings that are drawn; nobody reads more of them before mending the first.
const MOST_SHOWN: usize = 500;

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
        findings.extend(live.findings.iter().cloned());
        let count = |level| findings.iter().filter(|finding| finding.level == level).count();
        let (errors, warnings) = (count(Level::Error), count(Level::Warning));
        let printed = if context.out().is_json() {
            print_json(context, loaded, &findings, &live)
        } else {
            print_answers(context, &live.answered).and_then(|()| {
                print_not_looked_at(context, &live.not_looked_at);
                print(context, loaded, &findings, errors, warnings)
            })
        };
        // A reader that has seen enough changes nothing about the plan.
        printed.or_else(|failure| if failure.exit() == Exit::Done { Ok(()) } else { Err(failure) })?;
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
    let reach = reach::Settings { redactor: context.redactor().clone(), ..reach::Settings::default() };
    context.out().note("Contacting everything that the plan names …");
    context.block_on(|stop| async move {
        let secrets = Secrets::new(context.redactor()).cancelled_by(stop.clone());
        let contact =
            Contact { secrets: &secrets, reach: &reach, clock: &SystemClock, stop: stop.clone(), only_looks: true };
        let mut looking =
            std::pin::pin!(async { tokio::join!(live::look(loaded, plan, &contact), early(plan, |_| true, &contact)) });
        tokio::select! {
            (mut live, early) = &mut looking => {
                live.findings.extend(early.iter().filter(|early| early.is_known).map(|early| removes(loaded, early)));
                return Ok(live);
            }
            () = stop.cancelled() => {}
        }
        // The commands under way end with the token; servers that do not answer are not waited for.
        let _ = tokio::time::timeout(ENDING, looking).await;
        Err(Failure::interrupted())
    })
}

/// That a bucket removes, or archives, what the plan would still keep at hand.
fn removes(loaded: &Loaded, early: &Early) -> Finding {
    let stores = loaded.tree.get("store").map(|entry| entry.node.elements()).unwrap_or_default();
    let is_it = |node: &&Node| node.get("name").and_then(|entry| entry.node.text()) == Some(early.store.as_str());
    let path = Path::entry("store", stores.iter().position(|node| is_it(&node)).unwrap_or(0)).to("keep");
    Finding::warning("live-lifecycle", format!("{}: {}", early.store, early.told))
        .at(loaded.tree.locate(&path), "")
        .because("what the plan counts on is gone, or out of reach, before its time")
        .mend("change the rule of the bucket, or let the plan keep no longer than it does")
}

fn print_not_looked_at(context: &Context, stores: &[(String, String)]) {
    for (name, why) in stores {
        context.out().note(format!("Store {} was not looked at: {why}.", untrusted(name, Shape::line(60))));
    }
}

fn print_answers(context: &Context, answered: &[(String, String)]) -> Result<(), Failure> {
    let rows: Vec<_> = answered.iter().map(|(name, identity)| vec![name.clone(), identity.clone()]).collect();
    columns(&rows).into_iter().try_for_each(|line| context.out().line(line))
}

fn print_json(context: &Context, loaded: &Loaded, findings: &[Finding], live: &Live) -> Result<(), Failure> {
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    context.out().json(&json!({
        "platform": loaded.plan.as_ref().map(|plan| &plan.platform.name),
        "files": loaded.sources.iter().map(|file| file.path.display().to_string()).collect::<Vec<_>>(),
        "errors": count(Level::Error),
        "warnings": count(Level::Warning),
        "findings": reports(findings, &loaded.sources),
        "answered": live.answered.iter().cloned().collect::<BTreeMap<_, _>>(),
        "not_looked_at": live.not_looked_at.iter().cloned().collect::<BTreeMap<_, _>>(),
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
    let (shown, more) = findings.split_at(findings.len().min(MOST_SHOWN));
    for drawn in draw(shown, &without_secrets(loaded), how) {
        out.line(drawn)?;
        out.line("")?;
    }
    if !more.is_empty() {
        out.line(format!("And {} more; --json lists all of them.\n", more.len()))?;
    }
    if findings.len() > 1 {
        for line in wrap(&by_rule(findings), out.width(), "", "").lines() {
            out.line(line)?;
        }
    }
    let name = loaded.plan.as_ref().map_or("the plan", |plan| plan.platform.name.as_str());
    let name = untrusted(name, Shape::line(60));
    let summary = match (errors, warnings) {
        (0, 0) => out.styled(Style::Good, &format!("{name}: nothing to find fault with.")),
        (0, _) => out.styled(Style::Warning, &format!("{name}: {}. It can be used.", counted(warnings, "warning"))),
        _ => out.styled(
            Style::Bad,
            &format!(
                "{name}: {}, {}. Mend the errors: what they are about may fail when it is needed.",
                counted(errors, "error"),
                counted(warnings, "warning")
            ),
        ),
    };
    out.line(summary)
}

/// How often each rule found something, the most frequent first: `rpo 12, retention-wal 5`.
fn by_rule(findings: &[Finding]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.rule).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), *rule));
    counts.iter().map(|(rule, count)| format!("{rule} {count}")).collect::<Vec<_>>().join(", ")
}
