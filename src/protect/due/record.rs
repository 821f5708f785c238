//! What is kept of a job's slots: how each ended, or who is at it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It did what it is for, and that was seen.
    Done,
    /// There was nothing to do.
    NothingToDo,
    /// It did not.
    Failed,
    /// Its time had passed, and the job says to leave it out then.
    Skipped,
    /// It was called off before its end. Its slot is free again.
    Interrupted,
    /// By a word that this version does not know: it ended all the same, and is not run again.
    #[serde(other)]
    Unknown,
}

impl Ending {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Ending::Done => "done",
            Ending::NothingToDo => "nothing to do",
            Ending::Failed => "failed",
            Ending::Skipped => "skipped",
            Ending::Interrupted => "interrupted",
            Ending::Unknown => "unknown",
        }
    }

    /// Whether all is as it should be.
    pub fn is_well(self) -> bool {
        matches!(self, Ending::Done | Ending::NothingToDo)
    }
}

/// What another attempt would have to do of what failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rest {
    /// All of it.
    #[default]
    Everything,
    /// To copy what was taken to the stores that lack it.
    Copies,
    /// Nothing that would come out better.
    #[serde(other)]
    Nothing,
}

/// What came of the work itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// What was seen, or why not: a sentence or two.
    pub told: String,
    /// What is left to do, where it failed.
    pub rest: Rest,
}

impl Outcome {
    /// It ended like this.
    pub fn of(ending: Ending, told: impl Into<String>) -> Outcome {
        Outcome { ending, told: told.into(), rest: Rest::default() }
    }

    /// It was done, and this was seen.
    pub fn done(told: impl Into<String>) -> Outcome {
        Outcome::of(Ending::Done, told)
    }

    /// There was nothing to do, for this reason.
    pub fn nothing(told: impl Into<String>) -> Outcome {
        Outcome::of(Ending::NothingToDo, told)
    }

    /// It failed, for this reason.
    pub fn failed(told: impl Into<String>) -> Outcome {
        Outcome::of(Ending::Failed, told)
    }

    /// It was called off.
    pub fn interrupted(told: impl Into<String>) -> Outcome {
        Outcome::of(Ending::Interrupted, told)
    }

    /// The same, where less than everything is left to do.
    #[must_use]
    pub fn leaving(self, rest: Rest) -> Outcome {
        Outcome { rest, ..self }
    }
}

/// One run of a job, as every host sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The time of the schedule that it was for.
    pub slot: DateTime<Utc>,
    /// When it began.
    pub began: DateTime<Utc>,
    /// When it ended.
    pub ended: DateTime<Utc>,
    /// How.
    pub ending: Ending,
    /// What was seen, or why not.
    pub told: String,
    /// Which host did it.
    pub host: String,
    /// How many slots before it nobody began.
    #[serde(default)]
    pub missed: u32,
    /// What is left to do, where it failed.
    #[serde(default)]
    pub rest: Rest,
}

/// A slot that somebody has begun, at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The time of the schedule.
    pub slot: DateTime<Utc>,
    /// How it stands.
    pub state: SlotState,
    /// How often it was begun.
    pub attempts: u64,
}

/// How a slot stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlotState {
    /// Somebody is at it.
    Running {
        /// Who, for people.
        holder: String,
        /// Since when, by that host's clock.
        since: DateTime<Utc>,
        /// Whether that is known: of another host it is, once its heartbeat was seen.
        is_certain: bool,
    },
    /// It was begun so often, and whoever did is gone without a word.
    Broken {
        /// How often.
        attempts: u64,
    },
    /// It came to its end.
    Ended(Run),
}

impl Record {
    /// Whether it came to its end, and did not do what it is for.
    pub fn has_failed(&self) -> bool {
        self.run().is_some_and(|run| run.ending == Ending::Failed)
    }

    /// Its run, once that has ended.
    pub fn run(&self) -> Option<&Run> {
        match &self.state {
            SlotState::Ended(run) => Some(run),
            SlotState::Running { .. } | SlotState::Broken { .. } => None,
        }
    }
}
