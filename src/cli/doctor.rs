//! `lifeboat doctor`: whether this bastion could do its work tonight.

use std::sync::Arc;

use serde_json::json;

use super::output::Style;
use super::{Changes, Context, Failure, Group, Info};
use crate::doctor::{Area, Check, Next, Outcome, Patient, examine};
use crate::text::wrap::wrap;
use crate::text::{Exit, Shape, untrusted};
use crate::watch::{Means, once};

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "doctor",
    group: Group::Platform,
    changes: Changes::Never,
    examples: &[
        ("lifeboat doctor", "Look at everything this machine needs; exit code 3 if something is missing"),
        ("lifeboat doctor --wrong", "Only what is wrong, each with what mends it or shows more"),
        ("lifeboat doctor --json", "For scripts"),
    ],
}];

/// `lifeboat doctor`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Show only what is wrong
    #[arg(long)]
    wrong: bool,
}

impl Args {
    /// Prints it; ends with 3 when something is wrong.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = Arc::new(context.readable()?.clone());
        let loaded = Arc::clone(context.shared_plan()?);
        let state = context.state().ok().map(|state| state.path);
        let checks = context.block_on(async |stop| {
            let means = Arc::new(Means::new(context.redactor(), stop).only_looking(true));
            let picture = once(&plan, &means, |_| true).await;
            let patient = Patient { loaded, plan: Arc::clone(&plan), means, state };
            Ok(examine(&patient, &picture).await)
        })?;
        let wrong = checks.iter().filter(|check| check.is_wrong()).count();
        let shown: Vec<&Check> = checks.iter().filter(|check| !self.wrong || check.is_wrong()).collect();
        if context.out().is_json() {
            context.out().json(
                &json!({ "wrong": wrong, "checks": shown.iter().map(|check| plain(check)).collect::<Vec<_>>() }),
            )?;
        } else {
            print(context, &shown, wrong, checks.len())?;
        }
        Ok(if wrong == 0 { Exit::Done } else { Exit::Attention })
    }
}

fn plain(check: &Check) -> serde_json::Value {
    let (state, told, next) = match &check.outcome {
        Outcome::Well(what) => ("well", what, None),
        Outcome::Wrong { why, next } => ("wrong", why, Some(next)),
        Outcome::NotLooked(why) => ("not-looked", why, None),
    };
    let (mend, look) = match next {
        Some(Next::Mend(mend)) => (Some(mend), None),
        Some(Next::Look(look)) => (None, Some(look)),
        None => (None, None),
    };
    json!({ "area": check.area.word(), "about": check.about, "state": state, "told": told, "mend": mend, "look": look })
}

fn print(context: &Context, shown: &[&Check], wrong: usize, all: usize) -> Result<(), Failure> {
    let out = context.out();
    let verdict = match wrong {
        0 => out.styled(Style::Good, &format!("This bastion could do its work tonight: {all} checks, nothing wrong.")),
        1 => out.styled(Style::Warning, &format!("1 of {all} checks found something wrong.")),
        wrong => out.styled(Style::Warning, &format!("{wrong} of {all} checks found something wrong.")),
    };
    out.line(verdict)?;
    let mut area: Option<Area> = None;
    for check in shown {
        if area != Some(check.area) {
            out.line("")?;
            out.line(out.styled(Style::Strong, &capital(check.area.word())))?;
            area = Some(check.area);
        }
        let (mark, told, style, next) = match &check.outcome {
            Outcome::Well(what) => ("ok   ", what, None, None),
            Outcome::Wrong { why, next } => ("WRONG", why, Some(Style::Bad), Some(next)),
            Outcome::NotLooked(why) => ("?    ", why, Some(Style::Warning), None),
        };
        let mark = style.map_or_else(|| mark.to_owned(), |style| out.styled(style, mark));
        let told = untrusted(format!("{}: {told}", check.about), Shape::line(400));
        // The mark may be coloured: its escape codes take no room.
        let lines = wrap(&told, out.width().saturating_sub(8), "", "");
        for (number, line) in lines.lines().enumerate() {
            if number == 0 { out.line(format!("  {mark} {line}"))? } else { out.line(format!("        {line}"))? }
        }
        if let Some(next) = next {
            let (label, text) = match next {
                Next::Mend(text) => ("        mend: ", text),
                Next::Look(text) => ("        look: ", text),
            };
            let text = context.again_in(&untrusted(text, Shape::line(600)));
            out.line(wrap(&text, out.width(), label, "              "))?;
        }
    }
    Ok(())
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
