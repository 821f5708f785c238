//! What is told at every interval.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::info::Info;
use super::past::Past;
use super::persistence::Settings;
use super::session::{Answers, Questions, Session, is_forbidden};
use super::trouble::quoted;
use super::wanted::Wanted;
use super::{cluster, memory, persistence, replication, traffic};
use crate::plan::facts::{Value, Verdict};
use crate::systems::contact::{Contact, clock_offset};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::Span;

const TIME: usize = 0;
/// Where the answer to `INFO` is found.
pub const INFO: usize = 1;
const SENTINELS: usize = 2;
const SAVE: usize = 3;
const FLUSH: usize = 4;
const CLUSTER: usize = 5;
/// Every Sentinel listens to what the others say there.
const HELLO: &str = "__sentinel__:hello";
/// A cache this full is not emptied by its keys' own ends within an interval.
const MANY_KEYS: u64 = 100;

/// Everything that is asked, in one round trip.
pub fn questions(session: &Session) -> Questions {
    let questions = Questions::new()
        .ask(&["TIME"])
        .ask(&["INFO"])
        .ask(&["PUBSUB", "NUMSUB", HELLO])
        .ask(&["CONFIG", "GET", "save"])
        .ask(&["CONFIG", "GET", "appendfsync"]);
    let questions = if session.cluster { questions.ask(&["CLUSTER", "INFO"]) } else { questions };
    // So that whoever looks at the server knows who asks.
    if session.fresh { questions.ask(&["CLIENT", "SETNAME", "lifeboat"]) } else { questions }
}

/// Who it says it is.
pub fn identity(info: &Info<'_>) -> Option<String> {
    let name = match info.text("server_name") {
        Some("valkey") => "Valkey",
        _ => "Redis",
    };
    Some(format!("{name} {}, {}", version(info)?, role(info)?))
}

fn version<'a>(info: &Info<'a>) -> Option<&'a str> {
    info.text("valkey_version").or(info.text("redis_version"))
}

/// The role in our words.
pub fn role(info: &Info<'_>) -> Option<&'static str> {
    match (info.text("redis_mode"), info.text("role")) {
        (Some("sentinel"), _) => Some("sentinel"),
        (_, Some("master")) => Some("primary"),
        (_, Some("slave")) => Some("replica"),
        _ => None,
    }
}

/// What the answers come to.
pub fn told(
    info: &Info<'_>,
    answers: &Answers,
    session: &Session,
    (past, wanted): (&mut Past, &Wanted),
    asked: DateTime<Utc>,
    with: &Contact<'_>,
) -> Told {
    let mut told = Told { identity: identity(info).unwrap_or_default(), ..Told::default() };
    let (at, now) = (with.clock.now(), with.clock.since_boot());
    told.clock = answers.time(TIME).map(|theirs| clock_offset(asked, theirs, with, Duration::from_micros(1)));
    told.facts.set("encryption", Value::word(session.encryption));
    who(info, past, wanted, (at, now), &mut told);
    memory::told(info, wanted, &mut past.growth, (at, now), &mut told);
    traffic::told(info, now, &mut past.counters, &mut told);
    if role(info) == Some("sentinel") {
        return told;
    }
    replication::told(info, wanted, &mut told);
    sentinels(answers, &mut told);
    if loading(info, &mut told) {
        return told;
    }
    keys(info, past, &mut told);
    let words = [answers.words(SAVE), answers.words(FLUSH)].concat();
    let cannot_save = past.counters.cannot_save();
    persistence::told(info, &Settings::of(&words), wanted, (past.started, cannot_save), &mut told);
    if let (true, Ok(said)) = (session.cluster, answers.text(CLUSTER)) {
        cluster::told(&Info::of(&said), &mut told);
    }
    told
}

/// Who it is, and whether that is who it was and who it should be.
fn who(info: &Info<'_>, past: &mut Past, wanted: &Wanted, (at, now): (DateTime<Utc>, Duration), told: &mut Told) {
    if let Some(version) = version(info) {
        told.facts.set_text("version", version);
        if let Some(wanted) = wanted.version.as_deref().filter(|wanted| !version_is(wanted, version)) {
            let sentence = format!("it is version {}, and the plan says {wanted}", quoted(version));
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "version", sentence));
        }
    }
    if let Some(mode) = info.text("redis_mode") {
        told.facts.set_text("mode", mode);
    }
    let up = info.count("uptime_in_seconds").and_then(|seconds| i64::try_from(seconds).ok());
    told.facts.set_some("started", up.and_then(|up| past.started(at, up)).map(Value::Moment));
    let Some(role) = role(info) else { return };
    told.facts.set("role", Value::word(role));
    if let Some(news) = past.role.note(role, at, now) {
        let sentence = format!("it was a {} until {}, and is a {role} now", news.was, news.noticed);
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "role", sentence));
    }
    let sentence = match (role, &wanted.follows) {
        ("primary", Some(primary)) => format!("it is a primary, and the plan has it as a replica of {primary}"),
        ("replica", None) if !wanted.replicas.is_empty() && !wanted.takes_turns => {
            "it is a replica and takes no writes, and the plan has it as the primary".to_owned()
        }
        ("primary" | "replica", _) if wanted.sentinel => format!("it is a {role}, and the plan has it as a Sentinel"),
        _ => return,
    };
    told.reasons.push(Reason::of_fact(Verdict::Degraded, "role", sentence));
}

/// Whether a version is the one that is wanted, as far as the plan says which.
fn version_is(wanted: &str, version: &str) -> bool {
    let parts = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
    parts(version).starts_with(&parts(wanted.trim()))
}

/// Whether it is loading its data, and how far it is. Everything else has to wait until then.
fn loading(info: &Info<'_>, told: &mut Told) -> bool {
    let loading = info.is("loading", "1");
    told.facts.set("loading", Value::Flag(loading));
    if !loading {
        return false;
    }
    let done = info.real("loading_loaded_perc");
    let left = info.secs("loading_eta_seconds");
    told.facts.set_some("loaded", done.map(Value::Share));
    told.facts.set_some("loaded_in", left.map(Value::Span));
    let done = done.map(|percent| format!(": {percent:.0}% done")).unwrap_or_default();
    let left = left.map(|left| format!(", {} to go", Span::brief(left))).unwrap_or_default();
    told.reasons.push(Reason::of_fact(Verdict::Degraded, "loading", format!("it loads its data{done}{left}")));
    true
}

/// How many keys there are, and whether they are gone.
fn keys(info: &Info<'_>, past: &mut Past, told: &mut Told) {
    if info.text("role").is_none() {
        return;
    }
    let databases = info.items("db");
    let sum = |name| databases.iter().filter_map(|database| database.count(name)).fold(0, u64::saturating_add);
    let (keys, stay) = (sum("keys"), sum("keys").saturating_sub(sum("expires")));
    told.facts.set("keys", Value::Count(keys));
    if keys > 0 {
        past.keys = Some((keys, stay));
        told.facts.set("data", Value::word("present"));
        return;
    }
    match past.keys {
        Some((had, stayed)) if stayed > 0 || had >= MANY_KEYS => {
            told.facts.set("data", Value::word("missing"));
            let sentence = format!("it had {} keys, and has none", Value::Count(had));
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "data", sentence));
        }
        Some(_) => told.facts.set("data", Value::word("present")),
        None => told.facts.hide("data", "it has no keys, and had none since it is being asked"),
    }
}

/// Who would fail it over.
fn sentinels(answers: &Answers, told: &mut Told) {
    let words = answers.words(SENTINELS);
    match words.get(1).and_then(|count| count.parse::<u64>().ok()) {
        Some(count) => {
            told.facts.set("sentinels", Value::Count(count));
            if count > 0 {
                told.facts.set_text("managed_by", "Sentinel");
            }
        }
        None if answers.value(SENTINELS).is_err_and(is_forbidden) => {
            told.facts.deny("sentinels", "this login may not ask who listens (PUBSUB)");
        }
        None => told.facts.hide("sentinels", "it does not tell who listens (PUBSUB)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_told(past: &mut Past, keyspace: &str) -> Told {
        let (text, mut told) = (format!("role:master\n{keyspace}"), Told::default());
        keys(&Info::of(&text), past, &mut told);
        told
    }

    #[test]
    fn data_that_were_there_are_missing_and_not_those_that_ended_by_themselves() {
        let mut past = Past::default();
        assert_eq!(keys_told(&mut past, "").facts.get("data"), None);
        keys_told(&mut past, "db0:keys=3,expires=3,avg_ttl=1");
        assert_eq!(keys_told(&mut past, "").facts.get("data"), Some(&Value::word("present")));
        keys_told(&mut past, "db0:keys=3,expires=2,avg_ttl=1");
        let told = keys_told(&mut past, "");
        assert_eq!(told.facts.get("data"), Some(&Value::word("missing")));
        assert_eq!(told.reasons[0].sentence, "it had 3 keys, and has none");
        assert_eq!(keys_told(&mut past, "").facts.get("data"), Some(&Value::word("missing")), "it stays so");
    }

    #[test]
    fn loading_says_how_far_it_is() {
        let mut told = Told::default();
        let info = "loading:1\nloading_loaded_perc:42.37\nloading_eta_seconds:12\n";
        assert!(loading(&Info::of(info), &mut told));
        assert_eq!(told.reasons[0].sentence, "it loads its data: 42% done, 12s to go");
    }

    #[test]
    fn a_server_is_who_it_says_it_is() {
        assert_eq!(identity(&Info::of("redis_version:7.0.15\nrole:slave")).as_deref(), Some("Redis 7.0.15, replica"));
        let valkey = "redis_version:7.2.4\nserver_name:valkey\nvalkey_version:8.0.1\nrole:master";
        assert_eq!(identity(&Info::of(valkey)).as_deref(), Some("Valkey 8.0.1, primary"));
        assert_eq!(identity(&Info::of("redis_version:7.0.15")), None);
    }
}
