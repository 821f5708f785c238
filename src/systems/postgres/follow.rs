//! How a standby follows: whether it receives, and what of it is still to be replayed.

use std::time::Duration;

use super::answers::Row;
use super::probe::Postgres;
use crate::plan::facts::{Value, Verdict};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::{Size, Span};

/// So little is written on an idle primary too; it is replayed in a moment.
const A_PAGE: u64 = 8_192;
/// Who has this much still to get is catching up.
const FAR_BEHIND: u64 = 64 << 20;

/// What a standby says of its following.
pub fn told(probe: &mut Postgres, who: &Row, receiver: Option<&Row>, now: Duration, told: &mut Told) {
    let end_here = who.count("received");
    let here = who.count("here").unwrap_or_default();
    // A login that may not see its state still sees that it is there.
    let follows = receiver.is_some_and(|row| ["streaming", ""].contains(&row.word("status")));
    let sent = receiver.and_then(|row| row.count("sent"));
    let end = sent.into_iter().chain(end_here).max().unwrap_or(here);
    let behind = end.saturating_sub(here);
    let word = match follows {
        true if behind > FAR_BEHIND => "catching-up",
        true => "streaming",
        false => "stopped",
    };
    told.facts.set("replication", Value::word(word));
    told.facts.set("replication_bytes", Value::Size(Size(behind)));
    if who.flag("paused") == Some(true) {
        let sentence = "replay is paused: it receives and does not apply";
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "replication", sentence));
    }
    let replaying = replaying(behind, who.span("replayed_ago"), probe.past.trail.behind_for(now, here).map(Span::from));
    if follows {
        probe.past.received = Some(now);
        told.facts.set_some("replication_lag", replaying.map(Value::Span));
        return;
    }
    let silent = probe.past.received.map(|last| Span::from(now.saturating_sub(last)));
    match silent.into_iter().chain(replaying.filter(|lag| !lag.is_zero())).max() {
        Some(lag) => told.facts.set("replication_lag", Value::Span(lag)),
        None => told.facts.hide("replication_lag", "it receives nothing, and what it lacks is not known here"),
    }
    let primary = probe.wanted.follows.as_deref().unwrap_or("its primary");
    let sentence = format!("it is a standby and receives nothing from {primary}");
    told.reasons.push(Reason::of_fact(Verdict::Degraded, "replication", sentence));
}

/// How long it has been replaying what it has: since the last commit it replayed at most, and not since then if the
/// primary had nothing to do.
fn replaying(behind: u64, since_commit: Option<Span>, seen: Option<Span>) -> Option<Span> {
    if behind < A_PAGE {
        return Some(Span::ZERO);
    }
    since_commit.into_iter().chain(seen).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_primary_gives_no_lag() {
        let hours = Span::from_hours(5);
        assert_eq!(replaying(0, Some(hours), None), Some(Span::ZERO));
        assert_eq!(replaying(100, Some(hours), None), Some(Span::ZERO), "an idle primary writes a little too");
        let second = Span::from_secs(1);
        assert_eq!(replaying(100_000, Some(hours), Some(second)), Some(second), "it was idle until a second ago");
        assert_eq!(replaying(100_000, Some(second), Some(hours)), Some(second));
        assert_eq!(replaying(100_000, None, None), None);
    }
}
