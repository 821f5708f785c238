//! A status for scripts. Field names are a promise: they may be added to, not changed.

use serde_json::{Map, Value, json};

use super::{Status, data, line};
use crate::cli::Failure;
use crate::plan::facts::Verdict;
use crate::plan::rpo_of;
use crate::text::instant::stamp;
use crate::text::{Clock, SystemClock};
use crate::watch::{Because, OwnNetwork, Trigger, Truth};

/// Prints it.
pub(super) fn print(status: &Status<'_>) -> Result<(), Failure> {
    status.context.out().json(&value(status))
}

fn value(status: &Status<'_>) -> Value {
    let asked = |index: &usize| status.choice.asks(&status.plan.component[*index]);
    let all: Vec<usize> = (0..status.plan.component.len()).filter(asked).collect();
    let count = |verdict| all.iter().filter(|index| status.picture.seen(**index).verdict() == verdict).count();
    let platform = &status.plan.platform;
    let active = status.picture.active_site();
    json!({
        "platform": platform.name,
        "environment": platform.environment,
        "at": stamp(SystemClock.now()),
        "summary": {
            "text": line::summary(status.picture, |index| asked(&index)),
            "healthy": count(Verdict::Healthy),
            "degraded": count(Verdict::Degraded),
            "down": count(Verdict::Down),
            "unknown": count(Verdict::Unknown),
        },
        "own_network": match status.picture.network() {
            OwnNetwork::Untried => "untried",
            OwnNetwork::Proven => "proven",
            OwnNetwork::Suspect { .. } => "suspect",
        },
        "lost_vantages": status.picture.lost_vantages().map(|(vantage, why)| json!({
            "vantage": vantage, "why": why,
        })).collect::<Vec<_>>(),
        "active_site": active.map(|active| json!({
            "name": active.name,
            "because": match active.because { Because::Dns => "dns", Because::Plan => "plan" },
        })),
        "sites": status.picture.sites().iter().filter(|site| status.asked_all_of(&site.name)).map(|site| json!({
            "name": site.name, "verdict": site.verdict, "down": site.down, "unknown": site.unknown,
            "components": site.components, "lost": site.is_lost,
        })).collect::<Vec<_>>(),
        "components": status.shown().into_iter().map(|index| {
            component(status, index)
        }).collect::<Vec<_>>(),
        "data": data::json(status),
        "not_looked_into": status.shelf.unseen.iter().map(|unseen| json!({
            "store": unseen.store, "why": unseen.why,
        })).collect::<Vec<_>>(),
        "notices": data::notices(status).iter().map(|notice| &notice.text).collect::<Vec<_>>(),
        "triggers": status.picture.triggers().iter().map(trigger).collect::<Vec<_>>(),
    })
}

fn component(status: &Status<'_>, index: usize) -> Value {
    let (component, seen) = (&status.plan.component[index], status.picture.seen(index));
    let (mut facts, mut unseen) = (Map::new(), Map::new());
    for reading in seen.latest.iter().chain(&seen.rare) {
        for (name, value) in reading.facts.iter() {
            facts.insert(
                name.to_owned(),
                json!({ "value": value.plain(), "unit": value.unit(), "text": value.to_string() }),
            );
        }
        unseen.extend(reading.facts.unseen().map(|(name, why)| (name.to_owned(), why.into())));
    }
    let lists = seen.latest.iter().chain(&seen.rare).flat_map(|reading| reading.facts.lists());
    let latest = seen.latest.as_ref();
    json!({
        "name": component.name,
        "title": component.title,
        "kind": component.kind.word(),
        "site": component.site,
        "priority": component.priority,
        "verdict": seen.verdict(),
        "why": status.picture.why(index, SystemClock.now()),
        "reasons": seen.reasons().map(|reason| json!({
            "verdict": reason.verdict, "fact": reason.fact, "sentence": reason.sentence,
        })).collect::<Vec<_>>(),
        "identity": latest.map(|latest| &latest.identity),
        "asked": latest.map(|latest| stamp(latest.asked)),
        "answered": latest.map(|latest| stamp(latest.answered)),
        "took_ms": latest.map(|latest| latest.took.approx_millis()),
        "rto_seconds": component.rto.map(|rto| rto.approx().as_secs()),
        "rpo_seconds": rpo_of(status.plan, component).map(|rpo| rpo.approx().as_secs()),
        "facts": facts,
        "not_seen": unseen,
        "costly_trouble": seen.rare_trouble,
        "lists": lists.map(|list| json!({
            "title": list.title, "columns": list.columns, "rows": list.rows, "left_out": list.left_out,
        })).collect::<Vec<_>>(),
        "elsewhere": seen.elsewhere.iter().map(|other| json!({
            "vantage": &*other.vantage, "verdict": other.reading.verdict, "reason": other.reading.reason(),
        })).collect::<Vec<_>>(),
    })
}

fn trigger(trigger: &Trigger) -> Value {
    json!({
        "scenario": trigger.scenario,
        "condition": trigger.condition,
        "state": match trigger.truth {
            Truth::Holds if trigger.fired => "fired",
            Truth::Holds => "holds",
            Truth::Not => "not",
            Truth::Unknown => "unknown",
            Truth::Asked => "manual",
        },
        "evidence": trigger.evidence.iter().map(|fact| json!({
            "subject": fact.subject, "value": fact.value, "holds": fact.holds,
        })).collect::<Vec<_>>(),
    })
}
