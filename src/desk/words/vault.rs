//! What is told of recovery points, of jobs and of holds.

use serde_json::{Map, Value};

use crate::text::{Size, counted};

/// What an event of these kinds says; nothing of others.
pub(super) fn told(kind: &str, body: &Map<String, Value>) -> Option<String> {
    let word = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let number = |key: &str| body.get(key).and_then(Value::as_u64);
    let (point, store) = (word("point"), word("store"));
    let because = |key: &str| if word(key).is_empty() { String::new() } else { format!(": {}", word(key)) };
    Some(match kind {
        "backup.started" => {
            let to = items(body, "stores").filter_map(Value::as_str).collect::<Vec<_>>();
            format!("begins: {point}, to {}{}", to.join(", "), because("worked"))
        }
        "backup.taken" => {
            let stores: Vec<String> = items(body, "stores").map(taken_in).collect();
            format!("taken: {point}, {}", stores.join(", "))
        }
        "backup.failed" => format!("not taken: {point}{}", because("why")),
        "backup.copying" => format!("being copied to {store}: {point}"),
        "backup.copied" => {
            let bytes = number("bytes").map_or_else(String::new, |bytes| format!(", {}", Size(bytes).approx()));
            format!("came to {store}: {point}{bytes}")
        }
        "backup.not-copied" => format!("did not come to {store}: {point}{}", because("why")),
        "expire.removing" => format!("goes from {store}: {point}{}", because("why")),
        "expire.removed" => format!("gone from {store}: {point}{}", because("why")),
        "expire.failed" => format!("did not go from {store}: {point}{}", because("trouble")),
        "point.tainted" => format!("{point} is not to be trusted since {}{}", word("since"), because("why")),
        "point.cleared" => format!("{point} is trusted again"),
        "job.started" => {
            let attempt = number("attempt").filter(|attempt| *attempt > 1);
            let again = attempt.map_or_else(String::new, |attempt| format!(", attempt {attempt}"));
            let late = number("late_seconds").map_or("", |_| ", late");
            format!("began, slot {}{late}{again}", word("slot"))
        }
        "job.ended" => format!("{}{}", word("outcome"), because("told")),
        "job.missed" => {
            let count = usize::try_from(number("count").unwrap_or(1)).unwrap_or(usize::MAX);
            format!("{} missed, the first of {}{}", counted(count, "slot"), word("first"), because("told"))
        }
        "hold.asked" => format!("everything is to be held{}", because("why")),
        "release.asked" => "the hold is to be taken out of every store".to_owned(),
        "hold.set" => format!("everything is held{}{}", because("why"), of_stores(body)),
        "hold.released" => format!("the hold is released{}", of_stores(body)),
        _ => return None,
    })
}

fn items<'b>(body: &'b Map<String, Value>, key: &str) -> impl Iterator<Item = &'b Value> {
    body.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn taken_in(store: &Value) -> String {
    let name = store["store"].as_str().unwrap_or_default();
    match (store["bytes"].as_u64(), store["missing"].as_str()) {
        (Some(bytes), _) => format!("{} in {name}", Size(bytes).approx()),
        (None, Some(why)) => format!("missing in {name} ({why})"),
        (None, None) => format!("missing in {name}"),
    }
}

/// What became of it in each store.
fn of_stores(body: &Map<String, Value>) -> String {
    let word = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let told: Vec<String> =
        items(body, "stores").map(|one| format!("{} {}", word(one, "store"), word(one, "told"))).collect();
    if told.is_empty() { String::new() } else { format!("; {}", told.join(", ")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn backups_jobs_and_holds_are_told_in_plain_words() {
        for (kind, body, wanted) in [
            (
                "backup.started",
                json!({ "point": "p/b", "job": "daily", "stores": ["local", "far"] }),
                "begins: p/b, to local, far",
            ),
            (
                "backup.taken",
                json!({ "point": "p/b", "stores": [{ "store": "local", "bytes": 2000 }, { "store": "far", "missing": "full" }] }),
                "taken: p/b, 2.00KB in local, missing in far (full)",
            ),
            ("backup.failed", json!({ "point": "p/b", "why": "refused" }), "not taken: p/b: refused"),
            ("backup.copied", json!({ "point": "p/b", "store": "far", "bytes": 10 }), "came to far: p/b, 10B"),
            ("backup.copied", json!({ "point": "p/b", "store": "far", "by": "another" }), "came to far: p/b"),
            (
                "expire.removed",
                json!({ "point": "p/b", "store": "far", "bytes": 10, "why": "older than 7d" }),
                "gone from far: p/b: older than 7d",
            ),
            (
                "job.started",
                json!({ "slot": "02:00Z", "late_seconds": 70, "book": "local", "attempt": 2 }),
                "began, slot 02:00Z, late, attempt 2",
            ),
            ("job.started", json!({ "slot": "02:00Z", "late_seconds": null, "attempt": 1 }), "began, slot 02:00Z"),
            ("job.ended", json!({ "outcome": "failed", "told": "the disk is full" }), "failed: the disk is full"),
            ("job.missed", json!({ "count": 2, "first": "02:00Z" }), "2 slots missed, the first of 02:00Z"),
            (
                "hold.set",
                json!({ "why": "breach", "stores": [{ "store": "local", "told": "held" }] }),
                "everything is held: breach; local held",
            ),
            ("hold.set", json!({ "why": "breach" }), "everything is held: breach"),
        ] {
            assert_eq!(told(kind, body.as_object().unwrap()).as_deref(), Some(wanted), "{kind}");
        }
        assert_eq!(told("other.kind", &Map::new()), None);
    }
}
