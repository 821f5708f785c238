//! What a screen is given to draw: the desk, and how the one who looks wants to see it.

use chrono::{DateTime, FixedOffset, Local, Utc};

use super::Theme;
use crate::desk::Desk;
use crate::plan::named_zone;
use crate::text::Span;

/// What a screen is given to draw.
pub struct View<'a> {
    /// What is known; an old one while the screen is frozen.
    pub desk: &'a Desk,
    /// What time it is; stands still while the screen is frozen.
    pub now: DateTime<Utc>,
    /// In which zone moments are shown.
    pub zone: Zone,
    /// Colours and marks.
    pub theme: &'a Theme,
}

/// In which zone moments are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// The zone of the plan, or of this machine where the plan names none.
    #[default]
    Local,
    /// UTC.
    Utc,
}

impl View<'_> {
    /// A moment as the clocks of the chosen zone show it.
    pub fn zoned(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        match (self.zone, named_zone(&self.desk.plan.platform)) {
            (Zone::Utc, _) => at.fixed_offset(),
            (Zone::Local, Some(zone)) => at.with_timezone(&zone).fixed_offset(),
            (Zone::Local, None) => at.with_timezone(&Local).fixed_offset(),
        }
    }

    /// Which zone moments are shown in, as a sentence.
    pub fn zone_told(&self) -> String {
        let named = named_zone(&self.desk.plan.platform);
        let local = self.zoned(self.now).format("%:z");
        match (self.zone, named) {
            (Zone::Utc, _) => "times are now UTC".to_owned(),
            (Zone::Local, Some(zone)) => format!("times are now {zone}, the plan's zone (UTC{local})"),
            (Zone::Local, None) => format!("times are now this machine's (UTC{local}); the plan names no zone"),
        }
    }

    /// A moment of today as `03:12:05`, of this year as `17 Nov 03:12`, of another one as `2023-11-17`.
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        let (at, now) = (self.zoned(at), self.zoned(self.now));
        let form = match () {
            () if at.date_naive() == now.date_naive() => "%H:%M:%S",
            () if (now - at).num_days().abs() < 300 => "%d %b %H:%M",
            () => "%Y-%m-%d",
        };
        at.format(form).to_string()
    }

    /// How long ago it was.
    pub fn since(&self, at: DateTime<Utc>) -> Span {
        Span::between(at, self.now)
    }
}
