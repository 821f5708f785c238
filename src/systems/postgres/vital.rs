//! What is told at every interval.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_postgres::error::DbError;

use super::answers::{Answers, Row};
use super::probe::Postgres;
use super::questions::{BACKLOG, DATABASES, SESSIONS, WHO};
use super::rights::Rights;
use super::session::Session;
use super::trouble::{damage, damaged, quoted};
use super::{archive, counters, follow, manager, questions, replicas, sessions, slots};
use crate::plan::facts::{Value, Verdict};
use crate::systems::contact::{Contact, clock_offset};
use crate::systems::probe::Told;
use crate::systems::reading::{Facts, Reason};

/// Everything that is asked, as one text.
pub fn questions(probe: &Postgres, rights: &Rights, with: &Contact<'_>) -> String {
    questions::vital(rights, archive::is_listed(probe.past.backlog, with.clock.since_boot()))
}

/// Who it says it is.
pub fn identity(core: &Row) -> String {
    format!(
        "PostgreSQL {}, {}, database {} as {}",
        core.word("version"),
        role(core),
        core.word("database"),
        core.word("login")
    )
}

fn role(core: &Row) -> &'static str {
    if core.flag("standby") == Some(true) { "standby" } else { "primary" }
}

/// Whether this is what a server says of itself: something else that speaks its protocol may answer every question
/// with whatever it likes.
pub fn is_core(core: &Row) -> bool {
    let begins_with_a_number = core.word("version").starts_with(|letter: char| letter.is_ascii_digit());
    begins_with_a_number && core.flag("standby").is_some() && core.moment("now").is_some()
}

/// What is wrong with an answer that is none of a server's.
pub const NO_CORE: &str = "what it says of itself has neither version, role nor time";

/// Whether a session waits for another.
pub fn somebody_waits(answers: &Answers) -> bool {
    answers.row(SESSIONS).and_then(|sums| sums.count("blocked")).is_some_and(|count| count > 0)
}

/// What the answers come to.
pub fn told(
    probe: &mut Postgres,
    session: &Session,
    answers: &Answers,
    asked: DateTime<Utc>,
    with: &Contact<'_>,
) -> Told {
    let Some(who) = answers.row(WHO) else { return Told::default() };
    let mut told = core(probe, session, who, with);
    told.clock = who.moment("now").map(|theirs| clock_offset(asked, theirs, with, Duration::from_micros(1)));
    told.facts.set("storage", Value::word("working"));
    told.facts.set("database", Value::word("present"));
    let now = with.clock.since_boot();
    if let Some(last) = who.moment("last_commit") {
        told.facts.set("last_commit", Value::Moment(last));
    } else if !session.rights.commits {
        told.facts.hide("last_commit", "the server does not keep track of commit times (track_commit_timestamp)");
    }
    sessions::told(answers.row(SESSIONS), answers.row(DATABASES), &session.rights, &mut told.facts);
    let past = (&mut probe.past.counters, &mut probe.past.deadlocks);
    counters::told(answers.row(DATABASES), &session.rights, now, past, &mut told);
    let standby = role(who) == "standby";
    probe.past.trail.note(now, who.count(if standby { "received" } else { "here" }).unwrap_or_default());
    replicas::told(probe, answers, session, now, &mut told);
    if standby {
        follow::told(probe, who, answers.row(questions::RECEIVER), now, &mut told);
    }
    slots::told(answers.rows(questions::SLOTS), &mut told);
    archive::told(probe, answers.row(questions::ARCHIVER), answers.row(BACKLOG), standby, now, &mut told);
    manager::told(answers.row(SESSIONS), answers.row(questions::ARCHIVER), session, &mut told.facts);
    told
}

/// Who it is, and whether that is who it was and who it should be.
fn core(probe: &mut Postgres, session: &Session, who: &Row, with: &Contact<'_>) -> Told {
    let mut told = Told { identity: identity(who), ..Told::default() };
    let facts = &mut told.facts;
    facts.set_text("version", who.word("version"));
    facts.set("role", Value::word(role(who)));
    match who.text("system") {
        Some(system) => facts.set_text("system_identifier", system),
        None if !session.rights.control => facts.deny("system_identifier", "this login may not read the control file"),
        None => {}
    }
    facts.set_some("login_ends", session.rights.login_ends.map(Value::Moment));
    facts.set_some("started", who.moment("started").map(Value::Moment));
    facts.set_some("read_only", who.flag("read_only").map(Value::Flag));
    facts.set("encryption", Value::word(session.encryption));
    facts.set("checksums", Value::Flag(session.rights.checksums));
    facts.set("between", Value::word(between(probe, session, who)));
    told.reasons = probe.past.who(role(who), who.text("system"), with.clock.now(), with.clock.since_boot());
    told.reasons.extend(as_planned(probe, who));
    told
}

/// What lies between here and the server, as its view of our connection shows.
fn between(probe: &mut Postgres, session: &Session, who: &Row) -> &'static str {
    probe.past.pooled |= session.backend.is_some() && session.backend != who.count("backend");
    let theirs = who.count("port").and_then(|port| u16::try_from(port).ok());
    if probe.past.pooled {
        "pooler"
    } else if session.port.is_some() && session.port != theirs {
        "proxy"
    } else {
        "nothing"
    }
}

/// What is not as the plan says.
fn as_planned(probe: &Postgres, who: &Row) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let version = who.word("version");
    if let Some(wanted) = probe.wanted.version.as_ref().filter(|wanted| !same_version(wanted, version)) {
        let sentence = format!("it is version {}, and the plan says {wanted}", quoted(version));
        reasons.push(Reason::of_fact(Verdict::Degraded, "version", sentence));
    }
    let sentence = match (role(who), &probe.wanted.follows) {
        ("primary", Some(primary)) => format!("it is a primary, and the plan has it as a standby of {primary}"),
        ("standby", None) if !probe.wanted.standbys.is_empty() && !probe.wanted.takes_turns => {
            "it is a standby and takes no writes, and the plan has it as the primary".to_owned()
        }
        _ => return reasons,
    };
    reasons.push(Reason::of_fact(Verdict::Degraded, "role", sentence));
    reasons
}

/// Whether a version is the one that is wanted, as far as the plan says which.
pub fn same_version(wanted: &str, version: &str) -> bool {
    let parts = |text: &str| text.split(['.', ' ']).map(str::to_owned).collect::<Vec<_>>();
    parts(version).starts_with(&parts(wanted.trim()))
}

/// What is told when more than who it is was refused.
pub fn core_only(probe: &mut Postgres, session: &Session, core: &Answers, said: &DbError, with: &Contact<'_>) -> Told {
    let mut told = core.first().map(|who| self::core(probe, session, who, with)).unwrap_or_default();
    match damage(said.code().code()) {
        Some(kind) => {
            let damaged = damaged(kind, Verdict::Degraded, said.message());
            merge(&mut told.facts, &damaged.facts);
            told.reasons.extend(damaged.reasons);
        }
        None => told.reasons.push(Reason::new(
            Verdict::Degraded,
            format!("it refuses what is asked at every interval: {}", quoted(said.message())),
        )),
    }
    told
}

fn merge(facts: &mut Facts, more: &Facts) {
    for (name, value) in more.iter() {
        facts.set(name, value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_says_as_much_of_the_version_as_it_cares_for() {
        assert!(same_version("15", "15.18 (Debian 15.18-1)"));
        assert!(same_version("15.18", "15.18"));
        assert!(!same_version("15.1", "15.18"));
        assert!(!same_version("14", "15.18"));
        assert!(!same_version("1", "15.18"));
    }
}
