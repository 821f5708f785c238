//! Windows for scripts.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Shown;
use crate::cli::Failure;
use crate::protect::standing::Protection;
use crate::protect::window::{After, Hole, Stretch, Window, burned};
use crate::text::Span;
use crate::text::instant::stamp;

/// Prints all of it as one value.
pub(super) fn print(shown: &Shown<'_>) -> Result<(), Failure> {
    let data: Vec<Value> = shown
        .windows
        .iter()
        .zip(&shown.protection)
        .map(|(window, protection)| one(shown, window, protection))
        .collect();
    let burned = burned(shown.plan, &shown.windows, shown.now);
    let unseen: Vec<Value> =
        shown.unseen.iter().map(|unseen| json!({ "store": unseen.store, "why": unseen.why })).collect();
    shown.context.out().json(&json!({
        "as_of": stamp(shown.now),
        "data": data,
        "burned": burned.map(|(verdict, told)| json!({ "verdict": verdict.word(), "told": told })),
        "not_looked_into": unseen,
    }))
}

fn one(shown: &Shown<'_>, window: &Window, protection: &Protection) -> Value {
    let seconds = |span: Span| span.approx().as_secs();
    let mut value = json!({
        "name": window.data,
        "component": window.component,
        "rpo_seconds": window.rpo.map(seconds),
        "verdict": protection.verdict(shown.now).word(),
        "why": protection.why(shown.now),
        "newest": window.newest().map(|newest| stretch(newest, newest.to)),
        "lost_seconds": window.newest().map(|newest| seconds(Span::between(newest.to, shown.now))),
        "oldest": window.oldest().map(stamp),
        "stretches": window.stretches.iter().map(|it| stretch(it, it.to)).collect::<Vec<_>>(),
        "holes": window.holes.iter().map(hole).collect::<Vec<_>>(),
        "losses": window.losses.iter().map(|it| after(it, window, shown.now)).collect::<Vec<_>>(),
        "copies": {
            "count": window.rule.copies, "kinds": window.rule.kinds, "elsewhere": window.rule.elsewhere,
            "three_two_one": window.rule.holds(),
        },
        "not_looked_into": window.unseen,
        "cannot_be_seen": window.unseeable,
    });
    if let Some(at) = shown.at {
        let found = window.at(at);
        value["at"] = json!({
            "moment": stamp(at),
            "reached": found.is_some_and(|it| it.holds(at)),
            "from": found.map(|it| stretch(it, at.min(it.to))),
            "lost_seconds": found.map(|it| seconds(Span::between(it.to.min(at), at))),
        });
    }
    value
}

fn stretch(stretch: &Stretch, moment: DateTime<Utc>) -> Value {
    let log = stretch.log.as_ref().map(|log| {
        let (segments, bytes) = stretch.replayed(moment);
        json!({ "segments": segments, "bytes": bytes, "written": stamp(log.written) })
    });
    json!({
        "point": stretch.point, "state": stretch.state, "from": stamp(stretch.from), "to": stamp(stretch.to), "log": log,
        "stores": stretch.stores,
    })
}

fn hole(hole: &Hole) -> Value {
    json!({ "from": stamp(hole.from), "to": hole.to.map(stamp), "why": hole.why })
}

fn after(after: &After, window: &Window, now: DateTime<Utc>) -> Value {
    json!({
        "sort": after.loss.sort.word(),
        "what": after.loss.what,
        "stores_lost": after.loss.stores,
        "newest": after.newest.map(stamp),
        "lost_seconds": after.newest.map(|newest| Span::between(newest, now).approx().as_secs()),
        "stores": after.stores,
        "may_be_more": after.may_be_more,
        "verdict": after.look(window.rpo, now).word(),
    })
}
