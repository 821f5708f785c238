//! `lifeboat taint`: marks recovery points as not to be trusted.

use chrono::{DateTime, Utc};
use clap::builder::NonEmptyStringValueParser;
use serde::Serialize;

use super::output::Style;
use super::points::NoSuchPoint;
use super::status::unknown;
use super::{Changes, Context, Failure, Group, Info};
use crate::plan::{Plan, subject_matches};
use crate::protect::expire::catalogue;
use crate::protect::taint::{Mark, Marked, mark};
use crate::text::wrap::wrap;
use crate::text::{Exit, Shape, untrusted};
use crate::vault::{Cache, Catalogue, Point};
use crate::watch::Means;

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "taint",
    group: Group::Platform,
    changes: Changes::Always,
    examples: &[
        (
            "lifeboat taint --component postgres --since 2h --why wrong-orders",
            "All that was taken of a component in the last two hours",
        ),
        (
            "lifeboat taint postgres/backup_20241118_020000 --since 2024-11-17T20:00Z --why breach",
            "One recovery point: something was wrong before it was taken",
        ),
        ("lifeboat taint --component postgres --clear", "Trust all of them again"),
    ],
}];

/// `lifeboat taint`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// These recovery points; `*` stands for any part of a name
    #[arg(value_name = "POINT", required_unless_present = "component")]
    point: Vec<String>,
    /// Every recovery point of this component that was taken at that time or later
    #[arg(long, value_name = "NAME", conflicts_with = "point")]
    component: Option<String>,
    /// Since when something is wrong: an instant with its zone, or how long ago (2h)
    #[arg(long, value_name = "TIME", value_parser = super::journal::moment, required_unless_present = "clear")]
    since: Option<DateTime<Utc>>,
    /// What happened
    #[arg(
        long,
        value_name = "TEXT",
        value_parser = NonEmptyStringValueParser::new(),
        required_unless_present = "clear"
    )]
    why: Option<String>,
    /// Take the mark away
    #[arg(long, conflicts_with_all = ["since", "why"])]
    clear: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    copies: Vec<One<'a>>,
    not_looked_into: Vec<super::points::NotLooked<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    point: &'a str,
    store: &'a str,
    trouble: Option<&'a str>,
}

/// What is to be marked.
struct Chosen<'c> {
    points: Vec<&'c Point>,
    /// Whether nothing was taken since, so that the last one before has to say so of what will be.
    of_later: bool,
}

fn one(marked: &Marked) -> One<'_> {
    One { point: &marked.point, store: &marked.store, trouble: marked.trouble.as_deref() }
}

impl Args {
    /// Marks them in every store that can be reached; ends with 3 where one could not.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = context.readable()?;
        let (state, journal) = context.recorded(plan)?;
        let cache = Cache::in_state(state.path());
        let (marked, of_later, unseen) = context.block_on(async |stop| {
            let means = Means::new(context.redactor(), stop);
            let with = means.contact();
            let (catalogue, unseen) = catalogue(plan, Some(&cache.clone().fresh()), &with).await;
            let Chosen { points, of_later } = self.chosen(plan, &catalogue)?;
            let said = match (self.clear, self.since) {
                (false, Some(since)) => Mark::Tainted { since, why: self.why.clone().unwrap_or_default(), of_later },
                _ => Mark::Cleared,
            };
            Ok((mark(plan, &points, &said, &journal, &with).await?, of_later, unseen))
        })?;
        for one in &marked {
            cache.forget(&one.store);
        }
        // Without anything of it, nothing says tomorrow that it is tainted.
        let is_said = self.clear || !marked.is_empty();
        let is_well = is_said && unseen.is_empty() && marked.iter().all(|one| one.trouble.is_none());
        let out = context.out();
        if out.is_json() {
            let copies = marked.iter().map(one).collect();
            out.json(&Report { copies, not_looked_into: super::points::not_looked(&unseen) })?;
        } else {
            self.tell(context, &marked, of_later)?;
            for unseen in &unseen {
                let told = untrusted(format!("Not looked into {}: {}.", unseen.store, unseen.why), Shape::line(400));
                out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "", "")))?;
            }
        }
        Ok(if is_well { Exit::Done } else { Exit::Attention })
    }

    fn tell(&self, context: &Context, marked: &[Marked], of_later: bool) -> Result<(), Failure> {
        let out = context.out();
        let done = match (self.clear, of_later) {
            (true, _) => "cleared",
            (false, true) => "noted  ",
            (false, false) => "tainted",
        };
        for Marked { point, store, trouble } in marked {
            let (word, why) = trouble.as_ref().map_or((done, String::new()), |why| ("LEFT   ", format!(": {why}")));
            let line = untrusted(format!("{word}  {point} in {store}{why}"), Shape::line(500));
            let line = wrap(&line, out.width(), "", "         ");
            out.line(if trouble.is_some() { out.styled(Style::Warning, &line) } else { line })?;
        }
        let told = match (marked.is_empty(), self.clear) {
            (true, true) => "None of them is tainted.",
            (true, false) => {
                "Nothing of it lies in any store, so that nothing can tell tomorrow that it is tainted. Take a backup, \
                 and mark that."
            }
            (false, false) if of_later => {
                "Nothing was taken since then. The newest recovery point is from before, and stays clean; beside it is \
                 noted that whatever is taken after it is not to be trusted, until that is cleared."
            }
            (false, _) => return Ok(()),
        };
        out.line(wrap(told, out.width(), "", ""))
    }

    fn chosen<'c>(&self, plan: &Plan, catalogue: &'c Catalogue) -> Result<Chosen<'c>, Failure> {
        if let Some(name) = &self.component {
            let known = || plan.component.iter().map(|component| component.name.as_str());
            if !known().any(|known| known == name) {
                return Err(unknown("component", name, known()));
            }
            let is_of = |point: &&Point| point.component.as_ref() == Some(name);
            let is_later = |point: &&Point| self.since.is_none_or(|since| point.taken >= since);
            let of_it = || catalogue.points.iter().filter(is_of);
            let points: Vec<&Point> = of_it().filter(is_later).collect();
            let last = of_it().find(|point| point.state().is_restorable());
            return Ok(match last.filter(|_| points.is_empty()) {
                Some(last) => Chosen { points: vec![last], of_later: true },
                None => Chosen { points, of_later: false },
            });
        }
        for name in &self.point {
            if !catalogue.points.iter().any(|point| subject_matches(name, &point.id)) {
                return Err(NoSuchPoint::among(catalogue, name).into());
            }
        }
        let is_named = |point: &&Point| self.point.iter().any(|name| subject_matches(name, &point.id));
        Ok(Chosen { points: catalogue.points.iter().filter(is_named).collect(), of_later: false })
    }
}
