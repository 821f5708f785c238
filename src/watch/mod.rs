//! Watching: every component is asked in a task of its own, what it says is remembered for a while, and
//! the plan's triggers are held against it.
//!
//! May use systems and everything below. Never changes anything, never acts on a trigger; one component that
//! hangs delays no other.

mod active;
mod asking;
mod changes;
mod headline;
mod history;
mod jitter;
mod jumps;
mod means;
mod metrics;
mod network;
mod nudges;
mod picture;
mod record;
mod runtime;
mod seen;
mod sites;
mod steady;
mod subjects;
mod triggers;
mod vantage;
mod watched;
mod words;

pub use active::{ActiveSite, Because};
pub use asking::{Pace, Update, once, start};
pub use changes::Change;
pub use headline::{Headline, Names};
pub use history::{History, Sample};
pub use jumps::Jumps;
pub use means::Means;
pub use metrics::{metric, metric_of, metrics};
pub use network::OwnNetwork;
pub use picture::Picture;
pub use record::{Recorder, Recording, Standing, VERDICT, holder};
pub use runtime::runtime;
pub use seen::{Elsewhere, Seen, deadline, every};
pub use sites::SiteSeen;
pub use steady::{Recalled, Steady};
pub use triggers::{Evidence, Trigger, Truth};
pub use vantage::{Errand, Sight};
pub use watched::{RESUMED, Recorded, Verdicts};
