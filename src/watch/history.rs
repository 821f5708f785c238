//! The last answers of a component, kept in memory for sparklines.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::jumps::moved;
use crate::plan::facts::{Value, Verdict};
use crate::systems::Reading;

/// Ten minutes at an answer every five seconds.
const LONGEST: usize = 120;

/// One answer, as far as a sparkline needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When it had answered.
    pub at: DateTime<Utc>,
    /// What it came to.
    pub verdict: Verdict,
    /// How long the answer took, in milliseconds; the time waited where none came.
    pub took: u32,
    /// The fact that tells most about its kind, as a number in the fact's unit.
    pub key: Option<f32>,
}

/// The last answers, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History(VecDeque<Sample>);

impl History {
    #[allow(clippy::cast_possible_truncation, reason = "a graph has fewer dots than an f32 has digits")]
    /// Takes in an answer, and lets go of the oldest where there are enough.
    pub fn push(&mut self, reading: &Reading, key: Option<&Value>) {
        if self.0.len() == LONGEST {
            self.0.pop_front();
        }
        let took = u32::try_from(reading.took.approx_millis()).unwrap_or(u32::MAX);
        let key = key.and_then(Value::as_number).map(|number| number as f32);
        self.0.push_back(Sample { at: reading.answered, verdict: reading.verdict, took, key });
    }

    /// Moves with the wall clock, which has jumped.
    pub(super) fn clock_jumped(&mut self, by: TimeDelta) {
        for sample in &mut self.0 {
            sample.at = moved(sample.at, by);
        }
    }

    /// The answers, oldest first.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = &Sample> + DoubleEndedIterator {
        self.0.iter()
    }
}
