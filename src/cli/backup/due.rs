//! `lifeboat backup --due`: whatever the schedules of the plan want now.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

use super::{Args, Tools};
use crate::cli::output::Style;
use crate::cli::status::unknown;
use crate::cli::{Context, Failure, Output};
use crate::plan::Plan;
use crate::plan::types::Job;
use crate::protect::due::{Asker, Books, Came, DueSlot, Ending, News, Round, Said, run_due};
use crate::protect::work::Work;
use crate::text::instant::stamp;
use crate::text::wrap::wrap;
use crate::text::{Exit, Shape, untrusted};
use crate::watch::Means;

#[derive(Serialize)]
struct Report<'a> {
    jobs: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    job: &'a str,
    came: &'static str,
    told: String,
    slot: Option<String>,
    troubles: &'a [String],
}

impl Args {
    /// Runs what is due; ends with 1 where something failed.
    pub(super) fn due(&self, plan: &Plan, tools: &Tools, context: &Context) -> Result<Exit, Failure> {
        let names = || plan.job.iter().map(|job| job.name.as_str());
        if let Some(name) = self.job.iter().find(|name| !names().any(|known| known == *name)) {
            return Err(unknown("job", name, names()));
        }
        let is_text = !context.out().is_json();
        let (said, stopped) =
            self.round(plan, tools, context, |said| if is_text { tell(context, said) } else { Ok(()) })?;
        if !is_text {
            context.out().json(&Report { jobs: said.iter().map(line).collect() })?;
        } else if !said.iter().any(|said| is_news(&said.came)) {
            context.out().note("lifeboat: nothing is due");
        }
        let is_bad = said.iter().any(|said| match &said.came {
            Came::Ended(run) => !run.ending.is_well() && run.ending != Ending::Skipped,
            came => matches!(came, Came::Trouble(_)),
        });
        Ok(match (stopped, is_bad) {
            (true, _) => Exit::Interrupted,
            (false, true) => Exit::Failed,
            (false, false) => Exit::Done,
        })
    }

    /// One round over the jobs, and what is told of each; whether it was called off.
    pub(super) fn round(
        &self,
        plan: &Plan,
        tools: &Tools,
        context: &Context,
        mut tell: impl FnMut(&Said) -> Result<(), Failure>,
    ) -> Result<(Vec<Said>, bool), Failure> {
        let Tools { state, journal, claims, tickets, operations } = tools;
        context.block_on_to_its_word(async |stop| {
            let means = Means::new(context.redactor(), stop.clone());
            let contact = means.contact();
            let books = Books::open(plan, state, &Asker::here(), contact.secrets).await?;
            let work = Work { plan, journal, claims, tickets, with: &contact, operations, rate: self.rate };
            let round = Round { plan, books: &books, journal, with: &contact };
            let is_chosen = |job: &Job| self.job.is_empty() || self.job.contains(&job.name);
            let mut trouble = Ok(());
            let said = run_due(&round, is_chosen, &work, |news| match &news {
                News::Begins { job, slot } if self.due => context.out().note(begins(job, slot)),
                News::Came(said) if trouble.is_ok() => trouble = tell(said),
                News::Begins { .. } | News::Came(_) => {}
            })
            .await;
            trouble?;
            Ok((said, stop.is_cancelled()))
        })
    }
}

/// What is told of a job that begins: it may take hours.
fn begins(job: &Job, slot: &DueSlot) -> String {
    format!("lifeboat: {} begins, slot {}", Output::safe(&job.name), stamp(slot.at))
}

/// Whether there is anything to say: most jobs of most rounds are not due.
fn is_news(came: &Came) -> bool {
    !matches!(came, Came::NotYet { .. } | Came::NoSlots | Came::NotOffered)
}

/// The word for what came of a job, and what is told of it.
fn words(came: &Came) -> (&'static str, String, Style) {
    match came {
        Came::Ended(run) if run.ending.is_well() => (run.ending.word(), run.told.clone(), Style::Good),
        Came::Ended(run) => (run.ending.word(), run.told.clone(), Style::Bad),
        Came::NotYet { next } => {
            ("not due", next.map_or_else(String::new, |next| format!("next at {}", stamp(next))), Style::Faint)
        }
        Came::Elsewhere { holder } => ("elsewhere", holder.clone(), Style::Faint),
        Came::Waits { on } => ("waits", format!("for {on}"), Style::Faint),
        Came::PutOff(why) => ("put off", why.clone(), Style::Warning),
        Came::NoSlots => ("no slots", "it runs all the time, or when something changes".to_owned(), Style::Faint),
        Came::NotOffered => ("not run", "this version does not run it".to_owned(), Style::Faint),
        Came::Trouble(why) => ("trouble", why.clone(), Style::Bad),
    }
}

fn tell(context: &Context, said: &Said) -> Result<(), Failure> {
    if !is_news(&said.came) && !matches!(said.came, Came::NotOffered) {
        return Ok(());
    }
    let out = context.out();
    let (word, told, style) = words(&said.came);
    let text = format!("{}: {}", Output::safe(&said.job), untrusted(&told, Shape::line(600)));
    out.line(format!(
        "{}  {}",
        out.styled(style, &format!("{word:<13}")),
        wrap(&text, out.width(), "", "               ")
    ))?;
    for trouble in &said.troubles {
        let text = untrusted(trouble, Shape::line(300));
        out.line(out.styled(Style::Warning, &wrap(&text, out.width(), "               ", "               ")))?;
    }
    Ok(())
}

/// What came of a job on one line, with its time; nothing where that is no news.
pub(in crate::cli) fn news(said: &Said, now: DateTime<Utc>) -> Option<String> {
    Some(format!("{} {}", stamp(now), in_brief(said)?))
}

/// What came of a job on one line; nothing where that is no news.
pub(super) fn in_brief(said: &Said) -> Option<String> {
    let (word, told, _) = words(&said.came);
    let told = [&[told], said.troubles.as_slice()].concat().join("; ");
    is_news(&said.came).then(|| untrusted(format!("{} {word}: {told}", said.job), Shape::line(600)))
}

/// The same for scripts.
pub(in crate::cli) fn json(said: &Said) -> String {
    json!(line(said)).to_string()
}

fn line(said: &Said) -> Line<'_> {
    let (came, told, _) = words(&said.came);
    let slot = match &said.came {
        Came::Ended(run) => Some(stamp(run.slot)),
        _ => None,
    };
    Line { job: &said.job, came, told, slot, troubles: &said.troubles }
}
