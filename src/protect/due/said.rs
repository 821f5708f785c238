//! What is said of a round: of each job, what came of it.

use chrono::{DateTime, Utc};

use super::decide::DueSlot;
use super::record::Run;
use crate::plan::types::Job;

/// What came of a job in a round.
#[derive(Clone, Debug)]
pub struct Said {
    /// The job.
    pub job: String,
    /// What came of it.
    pub came: Came,
    /// What else is to be known: a report that nobody took, a store that cannot hold its slots.
    pub troubles: Vec<String>,
}

/// What came of a job.
#[derive(Clone, Debug)]
pub enum Came {
    /// It was run here, or left out as too late, and the others know.
    Ended(Run),
    /// Its time has not come.
    NotYet {
        /// When it comes.
        next: Option<DateTime<Utc>>,
    },
    /// Somebody else is at it.
    Elsewhere {
        /// Who.
        holder: String,
    },
    /// It takes from a job that is under way, and has its turn in a later round.
    Waits {
        /// For which job.
        on: String,
    },
    /// It is put off for a while, for this reason; its slot stays open.
    PutOff(String),
    /// It does not run by slots.
    NoSlots,
    /// Nobody here knows how to do it.
    NotOffered,
    /// It could not be begun.
    Trouble(String),
}

/// What is told while a round goes on.
#[derive(Debug)]
pub enum News<'a> {
    /// A slot of a job begins.
    Begins {
        /// The job.
        job: &'a Job,
        /// Its slot.
        slot: &'a DueSlot,
    },
    /// That is what came of a job.
    Came(&'a Said),
}
