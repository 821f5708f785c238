//! The rows of each table.

use super::Row;
use crate::plan::types::{Job, Procedure, Store, Target};
use crate::plan::word::word;
use crate::plan::{Plan, timing};
use crate::text::Span;

fn row(cells: impl Into<Vec<String>>) -> Row {
    Row { cells: cells.into(), below: None }
}

fn said<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// An RPO; none at all is called what it is.
fn loss(span: Option<Span>) -> String {
    span.map(|span| if span.is_zero() { "real-time".to_owned() } else { span.to_string() }).unwrap_or_default()
}

pub(super) fn components(plan: &Plan) -> Vec<Row> {
    let cells = plan.component.iter().map(|one| {
        let site = one.site.clone().unwrap_or_default();
        row([one.name.clone(), one.kind.to_string(), said(one.rto), said(one.priority), site])
    });
    cells.collect()
}

pub(super) fn data(plan: &Plan) -> Vec<Row> {
    plan.data.iter().map(|one| row([one.name.clone(), loss(one.rpo), one.protected_by.join(", ")])).collect()
}

pub(super) fn stores(plan: &Plan) -> Vec<Row> {
    let cells = plan.store.iter().map(|store| {
        let keep = store.keep.as_ref().and_then(|keep| keep.age);
        row([store.name.clone(), word(store.kind), said(store.site.as_ref()), said(keep), lies(store)])
    });
    cells.collect()
}

fn lies(store: &Store) -> String {
    let path = store.path.as_ref().map(|path| path.display().to_string());
    let place = path.or_else(|| store.bucket.clone()).or_else(|| store.vault.clone());
    let copy = store.replicated_to.as_ref().map(|region| format!("and in {region}"));
    [place, store.region.clone(), copy].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

pub(super) fn jobs(plan: &Plan) -> Vec<Row> {
    plan.job.iter().map(|job| row([job.name.clone(), does(job), when(job), job.to.join(", ")])).collect()
}

/// What a job does, in a word or two: `backup dump`.
pub fn does(job: &Job) -> String {
    let method = job.method.map(|method| format!(" {}", word(method))).unwrap_or_default();
    format!("{}{method}", word(job.task))
}

/// When a job runs, in a few words.
pub fn when(job: &Job) -> String {
    if let Some(cron) = &job.cron {
        cron.clone()
    } else if let Some(every) = job.every {
        format!("every {every}")
    } else if job.continuous == Some(true) {
        "continuous".to_owned()
    } else if job.on_change == Some(true) {
        "on change".to_owned()
    } else {
        "never".to_owned()
    }
}

pub(super) fn scenarios(plan: &Plan) -> Vec<Row> {
    let cells = plan.scenario.iter().map(|scenario| {
        let way = scenario.procedure.clone().or_else(|| scenario.method.clone()).unwrap_or_default();
        row([scenario.name.clone(), said(scenario.rto), loss(scenario.rpo), way])
    });
    cells.collect()
}

pub(super) fn procedures(plan: &Plan) -> Vec<Row> {
    plan.procedure.iter().map(procedure).collect()
}

fn procedure(procedure: &Procedure) -> Row {
    let timing = timing(procedure);
    let takes = timing.as_ref().filter(|timing| !timing.is_unknown()).map(|timing| timing.path.length);
    let way = timing.map(|timing| {
        let steps = timing.path.steps.iter().filter_map(|index| procedure.step.get(*index));
        steps.map(|step| step.name.as_str()).collect::<Vec<_>>().join(" > ")
    });
    let cells = vec![
        procedure.name.clone(),
        procedure.step.len().to_string(),
        said(takes),
        said(procedure.total),
        procedure.restores.join(", "),
    ];
    Row { cells, below: way.filter(|way| !way.is_empty()) }
}

pub(super) fn decisions(plan: &Plan) -> Vec<Row> {
    let cells = plan.decision.iter().map(|decision| {
        let ways = decision.then.iter().map(|(answer, to)| format!("{answer}: {to}")).collect::<Vec<_>>().join(", ");
        let answered = decision.answer.clone().unwrap_or_else(|| "a person".to_owned());
        Row { cells: vec![decision.name.clone(), answered, ways], below: Some(decision.ask.clone()) }
    });
    cells.collect()
}

pub(super) fn people(plan: &Plan) -> Vec<Row> {
    let cells = plan.person.iter().map(|person| {
        let rotas = plan.rota.iter().filter(|rota| rota.people.contains(&person.name));
        let roles = rotas.map(|rota| rota.role.as_str()).collect::<Vec<_>>().join(", ");
        let name = person.title.clone().unwrap_or_else(|| person.name.clone());
        row([name, roles, said(person.phone.as_ref()), said(person.chat.as_ref()), said(person.email.as_ref())])
    });
    cells.collect()
}

pub(super) fn escalation(plan: &Plan) -> Vec<Row> {
    let cells = plan
        .escalation
        .iter()
        .map(|one| row([one.level.to_string(), one.from.to_string(), said(one.until), one.who.join(", ")]));
    cells.collect()
}

pub(super) fn messages(plan: &Plan) -> Vec<Row> {
    let cells = plan.message.iter().map(|one| {
        let on = one.on.map(word);
        let within = one.within.as_ref().map(|within| format!("+ {within}"));
        let when = [on, within].into_iter().flatten().collect::<Vec<_>>().join(" ");
        row([one.name.clone(), when, said(one.every), one.via.join(", "), one.to.join(", ")])
    });
    cells.collect()
}

pub(super) fn checklists(plan: &Plan) -> Vec<Row> {
    let cells = plan
        .checklist
        .iter()
        .map(|one| row([one.name.clone(), one.item.len().to_string(), one.when.clone().unwrap_or_default()]));
    cells.collect()
}

pub(super) fn kpis(plan: &Plan) -> Vec<Row> {
    let cells = plan.kpi.iter().map(|kpi| {
        let target = kpi.target.as_ref().map(Target::to_string).or_else(|| kpi.goal.clone());
        row([kpi.name.clone(), target.unwrap_or_default(), said(kpi.every)])
    });
    cells.collect()
}
