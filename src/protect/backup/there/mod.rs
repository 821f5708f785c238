//! A backup that is taken at another place: our own program is brought there and run, its bytes go from there to the
//! stores. The claim, the journal and the channels stay here.
//!
//! On standard input it is given an errand, a line of JSON with all that it needs, the values of secrets among it; then
//! a word each line: that it may go on, that somebody is still there, that it shall stop. It answers in lines of JSON.
//! When its input ends or falls silent it stops by itself, and leaves nothing half-made.

mod far_clock;
mod send;
mod serve;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub(super) use send::{Became, Sending};
pub use serve::{NotServed, serve};

use crate::systems::Luggage;
use crate::text::{Exit, Explain, Size};
use crate::vault::{Delivered, MediaError, Origin, Place};

/// That it may begin.
const GO: &str = "go";
/// That somebody is still there.
const BEAT: &str = "beat";
/// That it shall stop.
const STOP: &str = "stop";
/// How often either end says something.
const OFTEN: Duration = Duration::from_secs(5);
/// Who hears nothing for so long takes the other for gone.
const SILENCE: Duration = Duration::from_mins(1);
/// How long stopping in good order may take.
const STOPPING: Duration = Duration::from_secs(7);

/// What is to be done. The plan is written as a part of one and read as one.
#[derive(Serialize, Deserialize)]
struct Errand<P> {
    /// The version that writes it.
    version: String,
    /// What time it is for who sends it.
    now: DateTime<Utc>,
    /// The component first, then others of its kind; one job; and its stores.
    plan: P,
    place: Place,
    origin: Origin,
    rate: Option<Size>,
    nice: i32,
    luggage: Luggage,
}

/// What whoever was sent tells.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Said {
    /// Nothing is done yet.
    Begun { point: String, doubts: Vec<(String, MediaError)> },
    /// So many bytes were taken so far.
    Bytes(u64),
    /// It is over.
    Ended(Box<Result<Delivered, Told>>),
}

/// Why it did not come to a good end, as whoever was sent found it.
#[derive(Clone, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{why}")]
pub struct Told {
    why: String,
    next: String,
    exit: Exit,
}

impl Told {
    fn of(error: &dyn Explain) -> Told {
        Told { why: error.to_string(), next: error.next_step(), exit: error.exit() }
    }
}

impl Explain for Told {
    fn next_step(&self) -> String {
        self.next.clone()
    }

    fn exit(&self) -> Exit {
        self.exit
    }
}
