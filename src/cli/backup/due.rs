//! `lifeboat backup --due`: whatever the schedules of the plan want now.

use serde::Serialize;

use super::Args;
use crate::cli::output::Style;
use crate::cli::status::unknown;
use crate::cli::{Context, Failure, Output};
use crate::journal::Journal;
use crate::journal::State;
use crate::journal::claim::Claims;
use crate::plan::Plan;
use crate::protect::due::{Asker, Books, Came, News, Round, Said, run_due};
use crate::protect::work::Work;
use crate::text::instant::stamp;
use crate::text::wrap::wrap;
use crate::text::{Exit, Shape, untrusted};
use crate::vault::Cache;
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
    pub(super) fn due(
        &self,
        plan: &Plan,
        state: &State,
        (claims, journal): (&Claims, &Journal),
        context: &Context,
    ) -> Result<Exit, Failure> {
        let names = || plan.job.iter().map(|job| job.name.as_str());
        if let Some(name) = self.job.iter().find(|name| !names().any(|known| known == *name)) {
            return Err(unknown("job", name, names()));
        }
        let books = Books::open(plan, state, &Asker::here())?;
        let is_text = !context.out().is_json();
        let (said, stopped) = context.block_on(async |stop| {
            let means = Means::new(context.redactor(), stop.clone());
            let contact = means.contact();
            let work = Work { plan, journal, claims, with: &contact, rate: self.rate };
            let round = Round { plan, books: &books, journal, with: &contact };
            let is_chosen = |job: &crate::plan::types::Job| self.job.is_empty() || self.job.contains(&job.name);
            let mut trouble = Ok(());
            let said = run_due(&round, is_chosen, &work, |news| {
                if let (true, News::Came(said), Ok(())) = (is_text, &news, &trouble) {
                    trouble = tell(context, said);
                }
            })
            .await;
            trouble?;
            Ok((said, stop.is_cancelled()))
        })?;
        let cache = Cache::in_state(state.path());
        if said.iter().any(|said| matches!(said.came, Came::Ended(_))) {
            plan.store.iter().for_each(|store| cache.forget(&store.name));
        }
        if !is_text {
            context.out().json(&Report { jobs: said.iter().map(line).collect() })?;
        } else if !said.iter().any(|said| is_news(&said.came)) {
            context.out().note("lifeboat: nothing is due");
        }
        let is_bad = said.iter().any(|said| match &said.came {
            Came::Ended(run) => !run.ending.is_well() && run.ending.word() != "skipped",
            came => matches!(came, Came::Trouble(_)),
        });
        Ok(match (stopped, is_bad) {
            (true, _) => Exit::Interrupted,
            (false, true) => Exit::Failed,
            (false, false) => Exit::Done,
        })
    }
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
    if !is_news(&said.came) {
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

fn line(said: &Said) -> Line<'_> {
    let (came, told, _) = words(&said.came);
    let slot = match &said.came {
        Came::Ended(run) => Some(stamp(run.slot)),
        _ => None,
    };
    Line { job: &said.job, came, told, slot, troubles: &said.troubles }
}
