//! Whether what is in memory is also on disk: the append-only file and the snapshots.

use chrono::{DateTime, Utc};

use super::info::Info;
use super::trouble::quoted;
use super::wanted::Wanted;
use crate::plan::facts::{Value, Verdict};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;

/// Settings that only `CONFIG` tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// When snapshots are taken by themselves; empty if never.
    pub save: Option<String>,
    /// When the append-only file is flushed.
    pub appendfsync: Option<String>,
}

impl Settings {
    /// Reads names and values, one after the other.
    pub fn of(words: &[String]) -> Settings {
        let value = |name: &str| words.chunks(2).find(|pair| pair[0] == name).and_then(|pair| pair.get(1).cloned());
        Settings { save: value("save"), appendfsync: value("appendfsync") }
    }
}

/// What its files are worth.
pub fn told(
    info: &Info<'_>,
    settings: &Settings,
    wanted: &Wanted,
    (started, cannot_save): (Option<DateTime<Utc>>, bool),
    told: &mut Told,
) {
    let Some(append_only) = info.flag("aof_enabled") else { return };
    told.facts.set("append_only", Value::Flag(append_only));
    let (aof, rdb) = (aof(info, append_only), rdb(info, started));
    told.facts.set("aof", Value::word(aof));
    told.facts.set("rdb", Value::word(rdb));
    told.facts.set_some("changes_since_save", info.count("rdb_changes_since_last_save").map(Value::Count));
    let saved = last_save(info).filter(|_| has_saved(info, started));
    match saved {
        Some(saved) => told.facts.set("last_save", Value::Moment(saved)),
        None => told.facts.hide("last_save", "none has succeeded since it started"),
    }
    let damaged = aof == "failed" || info.is("rdb_last_bgsave_status", "err") || cannot_save;
    // Who may not read the settings sees snapshots only once there is one.
    let takes_snapshots = settings.save.as_ref().map(|save| !save.is_empty()).or(saved.map(|_| true));
    match (damaged, append_only, takes_snapshots) {
        (true, ..) => told.facts.set("persistence", Value::word("damaged")),
        (_, true, _) | (_, _, Some(true)) => told.facts.set("persistence", Value::word("working")),
        (_, false, Some(false)) => told.facts.set("persistence", Value::word("off")),
        (_, false, None) => told.facts.hide("persistence", "this login may not see whether snapshots are taken"),
    }
    told.reasons.extend(concerns(info, cannot_save));
    told.reasons.extend(as_planned(append_only, settings, wanted));
}

fn aof(info: &Info<'_>, enabled: bool) -> &'static str {
    let failed = |name| info.is(name, "err");
    match enabled {
        false => "off",
        true if failed("aof_last_write_status") || failed("aof_last_bgrewrite_status") => "failed",
        true if info.is("aof_rewrite_in_progress", "1") => "rewriting",
        true => "ok",
    }
}

fn rdb(info: &Info<'_>, started: Option<DateTime<Utc>>) -> &'static str {
    if info.is("rdb_last_bgsave_status", "err") {
        "failed"
    } else if info.is("rdb_bgsave_in_progress", "1") {
        "saving"
    } else if has_saved(info, started) {
        "ok"
    } else {
        "never"
    }
}

fn last_save(info: &Info<'_>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::try_from(info.count("rdb_last_save_time")?).ok()?, 0)
}

/// Until the first snapshot has succeeded, the time of the last one is the time of the start.
fn has_saved(info: &Info<'_>, started: Option<DateTime<Utc>>) -> bool {
    match info.count("rdb_saves") {
        Some(saves) => saves > 0,
        None => last_save(info).zip(started).is_some_and(|(saved, started)| (saved - started).num_seconds() > 2),
    }
}

fn concerns(info: &Info<'_>, cannot_save: bool) -> Vec<Reason> {
    let known = [
        (info.is("aof_last_write_status", "err"), "aof", "it cannot write its append-only file"),
        (info.is("aof_last_bgrewrite_status", "err"), "aof", "its append-only file could not be rewritten"),
        (info.is("rdb_last_bgsave_status", "err"), "rdb", "its last snapshot failed"),
        (cannot_save, "persistence", "it refuses writes because it cannot save them (MISCONF)"),
    ];
    let true_ones = known.into_iter().filter(|(is_so, ..)| *is_so);
    true_ones.map(|(_, fact, sentence)| Reason::of_fact(Verdict::Degraded, fact, sentence)).collect()
}

/// What is not as the plan says.
fn as_planned(append_only: bool, settings: &Settings, wanted: &Wanted) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if wanted.append_only == Some(true) && !append_only {
        let sentence = "its append-only file is off, and the plan says on";
        reasons.push(Reason::of_fact(Verdict::Degraded, "append_only", sentence));
    }
    let flushed = settings.appendfsync.as_ref().zip(wanted.appendfsync.as_ref()).filter(|(is, should)| is != should);
    if let Some((is, should)) = flushed.filter(|_| append_only) {
        let sentence = format!("its append-only file is flushed {}, and the plan says {should}", quoted(is));
        reasons.push(Reason::of_fact(Verdict::Degraded, "append_only", sentence));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(info: &str, save: Option<&str>, cannot_save: bool) -> Told {
        let settings = Settings { save: save.map(str::to_owned), appendfsync: None };
        let (started, mut told) = (DateTime::from_timestamp(1_000, 0), Told::default());
        super::told(&Info::of(info), &settings, &Wanted::default(), (started, cannot_save), &mut told);
        told
    }

    fn word<'a>(told: &'a Told, fact: &str) -> Option<&'a str> {
        match told.facts.get(fact)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    #[test]
    fn the_time_of_the_start_is_no_snapshot() {
        let old = said("aof_enabled:0\nrdb_last_save_time:1001\nrdb_last_bgsave_status:ok", Some("3600 1"), false);
        assert_eq!((word(&old, "rdb"), old.facts.get("last_save")), (Some("never"), None));
        let new = said("aof_enabled:0\nrdb_last_save_time:1001\nrdb_saves:1", Some("3600 1"), false);
        assert_eq!(word(&new, "rdb"), Some("ok"), "one that took less than a second after the start");
        let later = said("aof_enabled:0\nrdb_last_save_time:1010", Some("3600 1"), false);
        assert_eq!(later.facts.get("last_save"), DateTime::from_timestamp(1_010, 0).map(Value::Moment).as_ref());
    }

    #[test]
    fn one_of_both_is_enough_and_damage_to_either_is_damage() {
        assert_eq!(word(&said("aof_enabled:0", Some(""), false), "persistence"), Some("off"));
        assert_eq!(word(&said("aof_enabled:1", Some(""), false), "persistence"), Some("working"));
        assert_eq!(word(&said("aof_enabled:0", Some("60 1"), false), "persistence"), Some("working"));
        assert_eq!(word(&said("aof_enabled:0", None, false), "persistence"), None);
        assert_eq!(word(&said("aof_enabled:1", None, true), "persistence"), Some("damaged"));
        let failed = said("aof_enabled:1\nrdb_last_bgsave_status:err\naof_last_write_status:err", None, false);
        assert_eq!(word(&failed, "persistence"), Some("damaged"));
        assert_eq!((word(&failed, "aof"), word(&failed, "rdb")), (Some("failed"), Some("failed")));
        assert_eq!(failed.reasons.len(), 2);
    }

    #[test]
    fn settings_are_pairs_and_may_be_missing() {
        let words = ["save", "", "appendfsync", "everysec"].map(str::to_owned);
        let settings = Settings { save: Some(String::new()), appendfsync: Some("everysec".to_owned()) };
        assert_eq!(Settings::of(&words), settings);
        assert_eq!(Settings::of(&words[..1]), Settings::default());
    }
}
