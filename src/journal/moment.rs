//! Instants by two clocks, and what their difference tells of the wall clock.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::Event;
use super::draft::Draft;
use super::event::Kind;
use crate::text::{Clock, Span, instant};

/// Less than this is drift, and the moment between reading one clock and the other.
const DRIFT: TimeDelta = TimeDelta::seconds(60);

/// An instant by the wall clock and by the time since a boot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) at: DateTime<Utc>,
    pub(super) boot: u64,
    pub(super) boot_id: String,
}

impl Moment {
    pub(super) fn now(clock: &dyn Clock, boot_id: &str) -> Moment {
        let boot = u64::try_from(clock.since_boot().as_millis()).unwrap_or(u64::MAX);
        Moment { at: clock.now(), boot, boot_id: boot_id.to_owned() }
    }

    pub(super) fn of(event: &Event<'_>) -> Moment {
        Moment { at: event.at(), boot: event.boot, boot_id: event.boot_id.to_owned() }
    }

    /// What the wall clock should show now.
    fn expected(&self, now: &Moment) -> DateTime<Utc> {
        let passed = if self.boot_id == now.boot_id { now.boot.saturating_sub(self.boot) } else { 0 };
        let passed = i64::try_from(passed).ok().and_then(TimeDelta::try_milliseconds).unwrap_or_default();
        self.at.checked_add_signed(passed).unwrap_or(self.at)
    }

    /// How far the wall clock has jumped since, if it has. Across a reboot only the way back can be told.
    pub(super) fn jump(&self, now: &Moment) -> Option<TimeDelta> {
        let ahead = now.at - self.expected(now);
        let jumped = ahead < -DRIFT || (ahead > DRIFT && self.boot_id == now.boot_id);
        jumped.then_some(ahead)
    }

    /// What to say of such a jump.
    pub(super) fn jump_note(&self, now: &Moment) -> Option<Draft> {
        let ahead = self.jump(now)?;
        let way = if ahead < TimeDelta::zero() { "back" } else { "forward" };
        let by = Span::from(ahead.abs().to_std().unwrap_or_default());
        Some(Draft::new(Kind::CLOCK_JUMPED, "journal").with(json!({
            "what": format!("the wall clock jumped {way} by {by}"),
            "milliseconds": ahead.num_milliseconds(),
            "expected": instant::stamp(self.expected(now)),
            "found": instant::stamp(now.at),
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(minute: i64, boot: u64, boot_id: &str) -> Moment {
        let start: DateTime<Utc> = "2024-11-18T11:00:00Z".parse().unwrap();
        Moment { at: start + TimeDelta::minutes(minute), boot: boot * 60_000, boot_id: boot_id.to_owned() }
    }

    #[test]
    fn time_that_passes_is_no_jump() {
        let start = moment(0, 5, "a");
        assert_eq!(start.jump(&moment(120, 125, "a")), None);
        assert_eq!(start.jump(&moment(120, 0, "b")), None, "who knows how long it was off");
        assert_eq!(start.jump(&moment(60, 125, "a")), Some(TimeDelta::hours(-1)));
        assert_eq!(start.jump(&moment(180, 125, "a")), Some(TimeDelta::hours(1)));
        assert_eq!(start.jump(&moment(-60, 0, "b")), Some(TimeDelta::hours(-1)), "across a reboot");
    }
}
