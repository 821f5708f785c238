//! `lifeboat verify`: reads recovery points to their end, as what they claim to be.

use futures_util::StreamExt;
use serde::Serialize;

use super::output::Style;
use super::points::{Choice, NotLooked, not_looked};
use super::{Changes, Context, Failure, Group, Info, Output};
use crate::protect::{Verified, verify};
use crate::reach::Reach;
use crate::systems::artefact::Look;
use crate::text::wrap::wrap;
use crate::text::{Exit, Shape, Size, Span, SystemClock, untrusted};
use crate::vault::Unseen;

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "verify",
    group: Group::Platform,
    changes: Changes::Never,
    examples: &[
        ("lifeboat verify", "Read every recovery point to its end; exit code 3 if one is not whole"),
        ("lifeboat verify postgres --last 1", "The newest of one component"),
        ("lifeboat verify --newer-than 1d --json", "What was taken since yesterday, for scripts"),
    ],
}];

/// `lifeboat verify`
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
}

/// What became of all of them.
#[derive(Default)]
struct Sum {
    whole: usize,
    flawed: usize,
    not_looked: usize,
}

#[derive(Serialize)]
struct Line<'a> {
    point: &'a str,
    component: Option<&'a str>,
    store: &'a str,
    key: &'a str,
    holds: &'static str,
    outcome: &'static str,
    told: &'a str,
    bytes: u64,
    millis: u128,
}

#[derive(Serialize)]
struct Report<'a> {
    files: Vec<Line<'a>>,
    not_looked_into: Vec<NotLooked<'a>>,
}

impl Args {
    /// Reads them, and tells of each; ends with 3 where one is not whole, or could not be looked at.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = context.readable()?;
        let (catalogue, unseen) = self.choice.look_into(plan)?;
        let points = self.choice.of(&catalogue)?;
        let here = Reach::here(context.redactor());
        let (sum, stopped) = context.block_on(async |stop| {
            let mut sum = Sum::default();
            let mut told = Vec::new();
            let mut files = std::pin::pin!(verify(plan, &points, &here, &SystemClock));
            loop {
                let next = tokio::select! {
                    () = stop.cancelled() => return Ok((sum, true)),
                    next = files.next() => next,
                };
                let Some(verified) = next else { break };
                sum.count(&verified.look);
                if !context.out().is_json() {
                    tell(context, &verified)?;
                }
                told.push(verified);
            }
            if context.out().is_json() {
                let files = told.iter().map(line).collect();
                context.out().json(&Report { files, not_looked_into: not_looked(&unseen) })?;
            }
            Ok((sum, false))
        })?;
        if stopped {
            return Ok(Exit::Interrupted);
        }
        if !context.out().is_json() {
            summary(context, &sum, &unseen)?;
        }
        let well = sum.flawed + sum.not_looked == 0 && unseen.is_empty();
        Ok(if well { Exit::Done } else { Exit::Attention })
    }
}

impl Sum {
    fn count(&mut self, look: &Look) {
        match look {
            Look::Whole(_) => self.whole += 1,
            Look::Flawed(_) => self.flawed += 1,
            Look::NotLooked(_) => self.not_looked += 1,
        }
    }
}

/// The word for what became of it, and what is told.
fn outcome(look: &Look) -> (&'static str, &str, Style) {
    match look {
        Look::Whole(holds) => ("whole", holds, Style::Good),
        Look::Flawed(why) => ("flawed", why, Style::Bad),
        Look::NotLooked(why) => ("not looked at", why, Style::Warning),
    }
}

fn tell(context: &Context, verified: &Verified<'_>) -> Result<(), Failure> {
    let out = context.out();
    let (word, told, style) = outcome(&verified.look);
    let name = untrusted(format!("{}/{}", verified.store, verified.file.key), Shape::line(160));
    out.line(format!("{}  {name}", out.styled(style, &format!("{word:<13}"))))?;
    let took = Span::from(verified.took).brief();
    let told = format!("{told}; {} read in {took}", Size(verified.file.size).approx());
    out.line(wrap(&told, out.width(), "               ", "               "))
}

fn line<'a>(verified: &'a Verified<'a>) -> Line<'a> {
    let (outcome, told, _) = outcome(&verified.look);
    Line {
        point: &verified.point.id,
        component: verified.point.component.as_deref(),
        store: verified.store,
        key: &verified.file.key,
        holds: verified.sort.word(),
        outcome,
        told,
        bytes: verified.file.size,
        millis: verified.took.as_millis(),
    }
}

fn summary(context: &Context, sum: &Sum, unseen: &[Unseen]) -> Result<(), Failure> {
    let out = context.out();
    let Sum { whole, flawed, not_looked } = sum;
    let files = whole + flawed + not_looked;
    let style = if flawed + not_looked == 0 { Style::Good } else { Style::Warning };
    let told = match (files, flawed, not_looked) {
        (0, ..) => "Nothing was chosen that could be read.".to_owned(),
        (1, 0, 0) => "The one file is whole.".to_owned(),
        (_, 0, 0) => format!("All {files} files are whole."),
        _ => format!("{flawed} flawed, {not_looked} not looked at, {whole} of {files} files whole."),
    };
    out.line(out.styled(style, &told))?;
    for unseen in unseen {
        let told = format!("Not looked into {}: {}.", Output::safe(&unseen.store), Output::safe(&unseen.why));
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "", "")))?;
    }
    Ok(())
}
