//! Whether the log gets into the archive: not whether anything ever failed, but whether anything waits now.

use std::time::Duration;

use super::answers::Row;
use super::probe::Postgres;
use super::rights::NEEDS_MONITOR;
use super::trouble::quoted;
use crate::plan::facts::{Value, Verdict};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::Span;

/// Beyond so many segments, listing what waits is work; it is then done less often.
const LONG_BACKLOG: u64 = 1_000;
const LIST_AGAIN_AFTER: Duration = Duration::from_secs(30);
/// A segment that waits for so long is stuck, even if no attempt has failed: the program may hang.
const STUCK_AFTER: Span = Span::from_mins(5);
/// Programs that take a segment and keep nothing.
const KEEPS_NOTHING: [&str; 6] = ["true", "/bin/true", "/usr/bin/true", ":", "exit 0", "cd ."];

/// What waited to be archived when it was listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// When that was, since boot.
    pub at: Duration,
    /// How many segments.
    pub segments: u64,
    /// For how long the first of them had waited.
    pub oldest: Option<Span>,
}

/// Whether what waits is to be listed this time.
pub fn is_listed(last: Option<Backlog>, now: Duration) -> bool {
    last.is_none_or(|last| last.segments < LONG_BACKLOG || now.saturating_sub(last.at) >= LIST_AGAIN_AFTER)
}

/// What archiving does.
pub fn told(
    probe: &mut Postgres,
    archiver: Option<&Row>,
    backlog: Option<&Row>,
    standby: bool,
    now: Duration,
    told: &mut Told,
) {
    let Some(archiver) = archiver else { return };
    if let Some(row) = backlog {
        let segments = row.count("waiting").unwrap_or_default();
        probe.past.backlog = Some(Backlog { at: now, segments, oldest: row.span("oldest") });
    }
    let last = archiver.moment("archived");
    told.facts.set_some("last_archived", last.map(Value::Moment));
    if let Some(backlog) = probe.past.backlog {
        told.facts.set("archive_backlog", Value::Count(backlog.segments));
        told.facts.set("archive_waiting", Value::Span(backlog.oldest.unwrap_or(Span::ZERO)));
    } else {
        told.facts.deny("archive_backlog", NEEDS_MONITOR);
        told.facts.deny("archive_waiting", NEEDS_MONITOR);
    }
    let archiving = Archiving {
        mode: archiver.word("mode"),
        keeper: [archiver.word("command"), archiver.word("library")].into_iter().find(|it| !it.trim().is_empty()),
        standby,
        wanted: probe.wanted.archive.as_deref(),
        failing: archiver.moment("failed") > last,
        backlog: probe.past.backlog,
    };
    let (word, sentence) = archiving.state();
    told.facts.set("archiving", Value::word(word));
    if let Some(sentence) = sentence {
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "archiving", sentence));
    }
}

/// What is known of archiving.
struct Archiving<'a> {
    mode: &'a str,
    keeper: Option<&'a str>,
    standby: bool,
    wanted: Option<&'a str>,
    /// The last attempt failed.
    failing: bool,
    backlog: Option<Backlog>,
}

impl Archiving<'_> {
    fn state(&self) -> (&'static str, Option<String>) {
        let wanted = self.wanted.filter(|_| !self.standby);
        let silently = |why: &str| {
            let wanted = wanted.map(|wanted| format!(", and the plan has {wanted}")).unwrap_or_default();
            ("silently-off", Some(format!("{why}{wanted}")))
        };
        if self.mode == "off" || (self.standby && self.mode != "always") {
            return if wanted.is_some() { silently("archiving is off") } else { ("off", None) };
        }
        let Some(keeper) = self.keeper else {
            return silently("archiving is on and has no command: the log piles up and goes nowhere");
        };
        if KEEPS_NOTHING.contains(&keeper.trim()) {
            return silently(&format!("the archive command is {}: it takes the log and keeps nothing", quoted(keeper)));
        }
        let waiting = self.backlog.map_or(1, |backlog| backlog.segments);
        let oldest = self.backlog.and_then(|backlog| backlog.oldest).unwrap_or(Span::ZERO);
        let waits = match waiting {
            1 => "a segment waits".to_owned(),
            more => format!("{} segments wait", Value::Count(more)),
        };
        if self.failing && waiting > 0 {
            let since = if oldest.is_zero() { String::new() } else { format!(", the first for {}", oldest.brief()) };
            return ("stalled", Some(format!("archiving fails: {waits}{since}")));
        }
        if waiting > 0 && oldest > STUCK_AFTER {
            return ("stalled", Some(format!("archiving hangs: {waits}, the first for {}", oldest.brief())));
        }
        ("working", None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archiving<'a>() -> Archiving<'a> {
        let backlog = Some(Backlog { at: Duration::ZERO, segments: 0, oldest: None });
        Archiving { mode: "on", keeper: Some("cp %p /a/%f"), standby: false, wanted: None, failing: false, backlog }
    }

    const fn waiting(segments: u64, minutes: u64) -> Backlog {
        Backlog { at: Duration::ZERO, segments, oldest: Some(Span::from_mins(minutes)) }
    }

    #[test]
    fn failures_of_old_are_no_stall() {
        assert_eq!(archiving().state(), ("working", None));
        let failed_once = Archiving { failing: true, ..archiving() };
        assert_eq!(failed_once.state().0, "working", "nothing waits: it has got through since");
        let stalled = Archiving { failing: true, backlog: Some(waiting(3, 2)), ..archiving() };
        assert_eq!(
            stalled.state(),
            ("stalled", Some("archiving fails: 3 segments wait, the first for 2min".to_owned()))
        );
        let unseen = Archiving { failing: true, backlog: None, ..archiving() };
        assert_eq!(unseen.state().0, "stalled");
    }

    #[test]
    fn a_command_that_hangs_never_fails_and_stalls_all_the_same() {
        let busy = Archiving { backlog: Some(waiting(2, 1)), ..archiving() };
        assert_eq!(busy.state().0, "working");
        let hangs = Archiving { backlog: Some(waiting(1, 6)), ..archiving() };
        assert_eq!(hangs.state(), ("stalled", Some("archiving hangs: a segment waits, the first for 6min".to_owned())));
    }

    #[test]
    fn off_is_silent_where_the_plan_counts_on_it() {
        let off = Archiving { mode: "off", keeper: None, ..archiving() };
        assert_eq!(off.state(), ("off", None));
        let missed = Archiving { wanted: Some("the job log"), ..off };
        assert_eq!(missed.state(), ("silently-off", Some("archiving is off, and the plan has the job log".to_owned())));
        let standby = Archiving { standby: true, wanted: Some("the job log"), ..archiving() };
        assert_eq!(standby.state(), ("off", None), "it archives once it is promoted");
        for keeper in [None, Some("/bin/true"), Some(" true ")] {
            assert_eq!(Archiving { keeper, ..archiving() }.state().0, "silently-off", "{keeper:?}");
        }
    }

    #[test]
    fn a_long_backlog_is_listed_less_often() {
        let (second, long) = (Duration::from_secs(1), Some(waiting(LONG_BACKLOG, 9)));
        assert!(is_listed(None, second));
        assert!(is_listed(Some(waiting(999, 9)), second));
        assert!(!is_listed(long, second * 29));
        assert!(is_listed(long, second * 30));
    }
}
