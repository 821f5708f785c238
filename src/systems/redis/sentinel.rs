//! A Sentinel: what it watches, and whether enough of its kind are there to act.

use super::info::{Info, Item};
use super::session::{Answers, Questions};
use super::trouble::quoted;
use crate::plan::facts::{Value, Verdict};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;

/// So many groups are looked at; nobody watches more with one Sentinel.
const MOST: usize = 16;

/// The names of what it watches.
pub fn watched(info: &Info<'_>) -> Vec<String> {
    info.items("master").iter().take(MOST).map(|master| master.word("name").to_owned()).collect()
}

/// Asks for each of them whether the Sentinels could act.
pub fn questions(names: &[String]) -> Questions {
    names.iter().fold(Questions::new(), |questions, name| questions.ask(&["SENTINEL", "CKQUORUM", name]))
}

/// What it watches, and what it says of it.
pub fn told(info: &Info<'_>, names: &[String], quorum: &Answers, told: &mut Told) {
    let masters = info.items("master");
    told.facts.set("masters", Value::Count(info.count("sentinel_masters").unwrap_or(masters.len() as u64)));
    let lost: Vec<(String, String)> = names
        .iter()
        .enumerate()
        .filter_map(|(index, name)| {
            let error = quorum.value(index).err()?;
            Some((quoted(name), quoted(error.detail().unwrap_or("it cannot say"))))
        })
        .collect();
    if !names.is_empty() {
        told.facts.set("quorum", Value::word(if lost.is_empty() { "reached" } else { "lost" }));
    }
    for (name, why) in &lost {
        let sentence = format!("the Sentinels cannot fail {name} over: {why}");
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "quorum", sentence));
    }
    for master in masters.iter().filter(|master| master.word("status") != "ok") {
        let sentence = format!("{} is {} for it", quoted(master.word("name")), state(master.word("status")));
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "masters", sentence));
    }
    let row =
        |master: &Item<'_>| ["name", "address", "status", "slaves", "sentinels"].map(|it| master.word(it).to_owned());
    let columns = ["group", "primary", "is", "replicas", "Sentinels"];
    told.facts.list("Watched", &columns, masters.iter().map(|master| row(master).into()).collect());
}

fn state(word: &str) -> String {
    match word {
        "odown" => "down, as enough Sentinels agree,".to_owned(),
        "sdown" => "down".to_owned(),
        other => quoted(other),
    }
}
