//! What lies in the stores, in brief, and how the jobs stand that put it there. A manifest is never kept: there may be
//! ten thousand.

mod brief;
mod jobs;
mod looking;
mod notices;
mod once;

use chrono::{DateTime, Utc};

pub use brief::Brief;
pub use jobs::JobSeen;
pub use looking::{follow, read_point};
pub use notices::Notice;
pub use once::once;

use crate::plan::Plan;
use crate::protect::hold::Seen;
use crate::protect::standing::{Protection, not_looked_at, protection};
use crate::protect::window::{Window, windows};
use crate::vault::{Catalogue, Hold, Listing, Unseen};

/// What lies in the stores.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf {
    /// When they were looked at; nothing before that was done.
    pub at: Option<DateTime<Utc>>,
    /// How each category of data is protected, in the order of the plan.
    pub protection: Vec<Protection>,
    /// To which moments one could return with each category, now and after each loss.
    pub windows: Vec<Window>,
    /// Every recovery point, the newest first.
    pub points: Vec<Brief>,
    /// The stores that could not be looked at.
    pub unseen: Vec<Unseen>,
    /// Stores that were listed a while ago, and when.
    pub remembered: Vec<(String, DateTime<Utc>)>,
    /// How the jobs stand, in the order of the plan; empty before that is known.
    pub jobs: Vec<JobSeen>,
    /// The stores that hold everything, or may.
    pub holds: Vec<(String, Seen)>,
    /// What somebody should know beside the ages, the worst first.
    pub notices: Vec<Notice>,
}

impl Shelf {
    /// Before anything was looked at.
    pub fn not_looked_at(plan: &Plan) -> Shelf {
        Shelf { protection: not_looked_at(plan), ..Shelf::default() }
    }

    /// What was found in the stores.
    pub fn of(plan: &Plan, listings: Vec<Listing>, unseen: Vec<Unseen>, at: DateTime<Utc>) -> Shelf {
        let catalogue = Catalogue::of(plan, listings);
        Shelf {
            at: Some(at),
            protection: protection(plan, &catalogue, &unseen),
            windows: windows(plan, &catalogue, &unseen),
            points: brief::all(&catalogue),
            unseen,
            remembered: catalogue.remembered,
            ..Shelf::default()
        }
    }

    /// The same with how the jobs stand, and what was seen of holds in the stores.
    #[must_use]
    pub fn with(self, plan: &Plan, jobs: Vec<JobSeen>, mut holds: Vec<(String, Seen)>) -> Shelf {
        holds.retain(|(_, seen)| *seen != Seen::Free);
        let shelf = Shelf { jobs, holds, ..self };
        let notices = notices::of(&shelf, plan);
        Shelf { notices, ..shelf }
    }

    /// The hold that is in force, and the stores that it was found in.
    pub fn hold(&self) -> Option<(String, &Hold)> {
        let mut held = self.holds.iter().filter_map(|(store, seen)| match seen {
            Seen::Held(hold) => Some((store.as_str(), hold)),
            Seen::Free | Seen::Unseen(_) => None,
        });
        let (store, hold) = held.next()?;
        let others = held.filter(|(_, other)| *other == hold).map(|(store, _)| store);
        Some((std::iter::once(store).chain(others).collect::<Vec<_>>().join(", "), hold))
    }

    /// How many jobs are late; nothing before that is known.
    pub fn late(&self) -> Option<usize> {
        (!self.jobs.is_empty()).then(|| self.jobs.iter().filter(|job| job.late_since.is_some()).count())
    }

    /// The categories of data, the worst first: what is lost before what is not known, what has least left first.
    pub fn worst_first(&self, now: DateTime<Utc>) -> Vec<&Protection> {
        let mut all: Vec<&Protection> = self.protection.iter().collect();
        let urgency = |one: &&Protection| (one.verdict(now), one.share(now).unwrap_or(0.0));
        all.sort_by(|one, other| {
            let ((verdict, share), (than, other)) = (urgency(one), urgency(other));
            than.cmp(&verdict).then(other.total_cmp(&share))
        });
        all
    }
}
