//! What is archived: asked for, and waited for where that is wanted.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Verified;
use crate::journal::host;
use crate::plan::Plan;
use crate::systems::Contact;
use crate::systems::artefact::Look;
use crate::vault::{Copied, Media, Point, Reader, Readiness};

/// Between two looks at what thaws; it takes hours.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// The same where whoever waits does so for minutes.
const OFTENER: Duration = Duration::from_millis(500);

/// Why what is archived cannot be read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archived {
    /// Nobody has asked for its thaw.
    Frozen,
    /// It thaws.
    Thawing,
}

/// Why a copy cannot be read yet, for the machine and for people; nothing where it can, or where reading it tells why
/// not.
pub(super) async fn archived(
    reader: &Reader<'_>,
    point: &Point,
    copied: &Copied,
    with: &Contact<'_>,
) -> Option<(Archived, String)> {
    match reader.look(point, copied).await {
        Ok(Readiness::Frozen(takes)) => {
            Some((Archived::Frozen, format!("it is archived, and nobody has asked for its thaw, which takes {takes}")))
        }
        Ok(Readiness::Thawing(known)) => {
            let told = known.and_then(|known| known.told(with.clock.now()));
            let told = told.unwrap_or_else(|| "thawing, as somebody else has asked for it".to_owned());
            Some((Archived::Thawing, format!("it is archived: {told}")))
        }
        Ok(Readiness::Now) | Err(_) => None,
    }
}

/// Waits until all of these can be read, until then at most.
pub async fn thawed(plan: &Plan, points: &[&Point], until: DateTime<Utc>, with: &Contact<'_>) {
    let pause = if until - with.clock.now() > chrono::TimeDelta::minutes(10) { LOOK_EVERY } else { OFTENER };
    for (point, copied) in points.iter().flat_map(|point| point.copies.iter().map(move |copied| (*point, copied))) {
        let Some(store) = plan.store.iter().find(|store| store.name == copied.store) else { continue };
        let Ok(media) = Media::open(store, with.secrets).await else { continue };
        let reader = Reader { store, media: &media, clock: with.clock, host: &host::name(), asks: false };
        // A service that does not answer for a moment is asked again.
        while !matches!(reader.look(point, copied).await, Ok(Readiness::Now)) {
            if with.clock.now() >= until || with.stop.is_cancelled() {
                return;
            }
            tokio::select! {
                () = with.stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

impl Verified<'_> {
    /// What an archived copy waits for, in words.
    pub fn waits_for(&self) -> Option<String> {
        self.archived?;
        let why = self.files.iter().find_map(|read| match &read.look {
            Look::NotLooked(why) => Some(why.as_str()),
            Look::Whole(_) | Look::Flawed(_) => None,
        });
        Some(format!("{} in {}: {}", self.point.id, self.store, why.unwrap_or("it is archived")))
    }

    /// The copy alone, as a recovery point of its own.
    pub fn alone(&self) -> Option<Point> {
        let copied = self.point.copies.iter().find(|copied| copied.store == self.store)?;
        Some(Point { copies: vec![copied.clone()], ..self.point.clone() })
    }
}
