//! Golden flows: sequences of requests that prove that a service works for its users, and the share that must
//! succeed.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use reqwest::Method;

use super::page::Ask;
use super::web::Web;
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::{Component, Flow, FlowStep};
use crate::systems::background::Background;
use crate::systems::contact::Contact;
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::systems::trouble::ContactError;
use crate::text::{Shape, Span, SystemClock, untrusted};

/// How many runs make the share.
const RUNS: usize = 20;
/// How often a flow is run, unless the plan says otherwise.
const EVERY: Span = Span::from_mins(1);
/// How long a run may take at most.
const LONGEST: Duration = Duration::from_secs(30);

/// The flows of a component, each run at its own interval beside the questions.
pub struct Flows(Vec<Watched>);

/// One flow and what became of its last runs.
struct Watched {
    flow: Flow,
    work: Background<Run>,
    last: Option<Run>,
    /// Whether each of the last runs succeeded, the newest last.
    runs: VecDeque<bool>,
}

/// What became of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    took: Duration,
    /// What failed, in words.
    trouble: Option<String>,
}

impl Flows {
    /// The flows that the plan gives this component.
    pub fn of(component: &Component) -> Flows {
        let watched = |flow: &Flow| Watched {
            flow: flow.clone(),
            work: Background::new(),
            last: None,
            runs: VecDeque::with_capacity(RUNS),
        };
        Flows(component.flow.iter().filter(|flow| !flow.step.is_empty()).map(watched).collect())
    }

    /// Begins what is due, where it is only to be looked what changes nothing. Results come with one of the next
    /// questions.
    pub fn start(&mut self, web: &Web<'_>, with: &Contact<'_>) -> Result<(), ContactError> {
        let now = with.clock.since_boot();
        for watched in self.0.iter_mut().filter(|watched| !with.only_looks || watched.only_looks()) {
            let every = watched.flow.every.unwrap_or(EVERY).approx();
            if watched.work.is_due(every, now) {
                let steps = watched.flow.step.iter();
                let steps: Result<Vec<_>, ContactError> =
                    steps.map(|step| Ok((ask(web, step)?, step.clone()))).collect();
                let steps = steps?;
                watched.work.start(now, run(steps, every.min(LONGEST)));
            }
        }
        Ok(())
    }

    /// Whether one of them is not run because it would change something.
    pub fn any_held_back(&self, with: &Contact<'_>) -> bool {
        with.only_looks && !self.0.iter().all(Watched::only_looks)
    }

    /// Tells of the runs that are done. Waits only for the first one ever, and no longer than `patience`.
    pub async fn tell(&mut self, told: &mut Told, patience: Duration) {
        let until = Instant::now() + patience;
        for watched in &mut self.0 {
            let wait =
                if watched.last.is_none() { until.saturating_duration_since(Instant::now()) } else { Duration::ZERO };
            if let Some(run) = watched.work.result(wait).await {
                watched.note(run);
            }
        }
        tell(&self.0, told);
    }
}

impl Watched {
    fn note(&mut self, run: Run) {
        if self.runs.len() == RUNS {
            self.runs.pop_front();
        }
        self.runs.push_back(run.trouble.is_none());
        self.last = Some(run);
    }

    /// Whether it changes nothing where it goes.
    fn only_looks(&self) -> bool {
        let method = |step: &FlowStep| step.method.as_deref().unwrap_or("GET").to_uppercase();
        self.flow.step.iter().all(|step| matches!(method(step).as_str(), "GET" | "HEAD" | "OPTIONS"))
    }

    fn succeeded(&self) -> usize {
        self.runs.iter().filter(|good| **good).count()
    }

    fn share(&self) -> f64 {
        100.0 * self.succeeded() as f64 / self.runs.len() as f64
    }

    /// What is wrong with it, if anything.
    fn reasons(&self) -> Vec<Reason> {
        let name = untrusted(&self.flow.name, Shape::line(40));
        let mut reasons = Vec::new();
        if let Some(trouble) = self.last.as_ref().and_then(|run| run.trouble.as_ref()) {
            reasons.push(Reason::of_fact(Verdict::Degraded, "flow", format!("golden flow {name} fails {trouble}")));
        }
        if let Some(slo) = self.flow.slo.filter(|slo| self.share() < slo.0) {
            let (good, all) = (self.succeeded(), self.runs.len());
            let sentence = format!("golden flow {name}: {good} of the last {all} runs succeeded, less than {slo}");
            reasons.push(Reason::of_fact(Verdict::Degraded, "golden-flow", sentence));
        }
        reasons
    }
}

fn tell(flows: &[Watched], told: &mut Told) {
    let mut ran: Vec<&Watched> = flows.iter().filter(|watched| watched.last.is_some()).collect();
    ran.sort_by(|one, other| one.share().total_cmp(&other.share()));
    let Some(worst) = ran.first() else { return };
    told.facts.set("golden-flow", Value::Share(worst.share()));
    let last = || ran.iter().filter_map(|watched| watched.last.as_ref());
    let failed = last().any(|run| run.trouble.is_some());
    told.facts.set("flow", Value::word(if failed { "failed" } else { "passed" }));
    let longest = last().map(|run| run.took).max().unwrap_or_default();
    told.facts.set("flow_took", Value::Span(Span::from(longest)));
    let row = |watched: &&Watched| {
        let last = watched.last.as_ref();
        let trouble = last.and_then(|run| run.trouble.clone());
        vec![
            watched.flow.name.clone(),
            format!("{} of {}", watched.succeeded(), watched.runs.len()),
            watched.flow.slo.map_or_else(String::new, |slo| slo.to_string()),
            last.map_or_else(String::new, |run| Span::from(run.took).brief()),
            trouble.map_or_else(|| "passed".to_owned(), |trouble| format!("failed {trouble}")),
        ]
    };
    let rows = ran.iter().map(row).collect();
    told.facts.list("Golden flows", &["Flow", "Succeeded", "SLO", "Took", "Last run"], rows);
    told.reasons.extend(ran.iter().flat_map(|watched| watched.reasons()));
}

fn ask(web: &Web<'_>, step: &FlowStep) -> Result<Ask, ContactError> {
    let ask = web.ask(&step.path)?;
    let method = step.method.as_deref().unwrap_or("GET").to_uppercase();
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| web.wrong("a step's method is none of HTTP"))?;
    Ok(Ask {
        method,
        body: step.body.clone(),
        follow: step.status.is_none_or(|status| !(300..400).contains(&status)),
        ..ask
    })
}

/// Goes through the steps, no further than the first that fails.
async fn run(steps: Vec<(Ask, FlowStep)>, time: Duration) -> Run {
    let begun = Instant::now();
    let mut trouble = None;
    for (number, (ask, step)) in steps.iter().enumerate() {
        let left = time.saturating_sub(begun.elapsed());
        let outcome = tokio::time::timeout(left, take(ask, step, left)).await;
        let outcome = outcome.unwrap_or_else(|_| Err(format!("no answer within {}", Span::from(time).brief())));
        if let Err(why) = outcome {
            trouble = Some(format!("at step {}, {} {}: {why}", number + 1, ask.method, shown(&step.path)));
            break;
        }
    }
    Run { took: begun.elapsed(), trouble }
}

async fn take(ask: &Ask, step: &FlowStep, time: Duration) -> Result<(), String> {
    let page = ask.page(time, &SystemClock).await.map_err(|trouble| trouble.to_string())?;
    let status = page.status.as_u16();
    match step.status {
        Some(wanted) if status != wanted => return Err(format!("status {status} instead of {wanted}")),
        None if !page.status.is_success() => return Err(format!("status {status}")),
        _ => {}
    }
    match &step.contains {
        Some(wanted) if !page.contains(wanted) => Err(format!("its answer does not contain {:?}", shown(wanted))),
        _ => Ok(()),
    }
}

fn shown(text: &str) -> String {
    untrusted(text, Shape::line(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(slo: &str, runs: &[bool]) -> Watched {
        let flow = toml::from_str(&format!("name='order'\nslo='{slo}'\nstep=[{{path='/x'}}]")).unwrap();
        let mut watched = Watched { flow, work: Background::new(), last: None, runs: VecDeque::new() };
        for good in runs {
            let trouble = (!good).then(|| "at step 2, GET /x: status 500".to_owned());
            watched.note(Run { took: Duration::from_millis(80), trouble });
        }
        watched
    }

    fn told(flows: &[Watched]) -> (Told, Vec<String>) {
        let mut it = Told::default();
        tell(flows, &mut it);
        let said = it.reasons.iter().map(|reason| reason.sentence.clone()).collect();
        (it, said)
    }

    #[test]
    fn the_share_is_that_of_the_last_twenty_runs() {
        let runs = [vec![false; 5], vec![true; 19], vec![false]].concat();
        let (it, said) = told(&[watched("99%", &runs)]);
        assert_eq!(it.facts.get("golden-flow"), Some(&Value::Share(95.0)));
        assert_eq!(
            said,
            [
                "golden flow order fails at step 2, GET /x: status 500",
                "golden flow order: 19 of the last 20 runs succeeded, less than 99%"
            ]
        );
    }

    #[test]
    fn the_worst_flow_is_told_and_one_that_never_ran_is_not() {
        let (it, said) = told(&[watched("50%", &[true, true]), watched("50%", &[true, false]), watched("99%", &[])]);
        assert_eq!(it.facts.get("golden-flow"), Some(&Value::Share(50.0)));
        assert_eq!(it.facts.get("flow"), Some(&Value::word("failed")));
        assert_eq!((it.facts.lists()[0].rows.len(), said.len()), (2, 1), "50% is enough where 50% is asked for");
        assert!(told(&[watched("99%", &[])]).0.facts.is_empty());
    }
}
