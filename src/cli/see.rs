//! `lifeboat see`: what another bastion starts here to see with our eyes; not for people.

use std::io::{Read, Write};
use std::sync::Arc;

use super::{Changes, Context, Failure, Group, Info};
use crate::text::{Exit, Explain};
use crate::watch::{Errand, Means, Pace, Sight, Update, start};

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "see",
    group: Group::Platform,
    changes: Changes::Never,
    examples: &[
        ("lifeboat see", "Started by another bastion, with its plan and secrets on standard input"),
        ("lifeboat --read-only see", "The same; it never changes anything"),
    ],
}];

/// `lifeboat see`
#[derive(Debug, clap::Args)]
pub struct Args {}

impl Args {
    /// Tells what it sees until nobody listens any more.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut text = Vec::new();
        std::io::stdin().lock().read_to_end(&mut text)?;
        let mut errand: Errand = serde_json::from_slice(&text).map_err(NoErrand)?;
        // Gone with this value; nobody else may look into it.
        let folder = tempfile::Builder::new().prefix("lifeboat-see-").tempdir()?;
        context.block_on(async |stop| {
            let means = Arc::new(Means::new(context.redactor(), stop).only_looking(true));
            errand.unpack(&means, folder.path())?;
            let plan = Arc::new(errand.plan);
            let pace = if errand.is_once { Pace::Glance } else { Pace::Glances };
            let mut updates = start(&plan, &means, pace, |index| errand.components.contains(&index));
            while let Some(update) = updates.recv().await {
                let Update::Answered { component, reading, .. } = update else { continue };
                let sight = Sight { component, reading: Arc::unwrap_or_clone(reading) };
                let mut line = serde_json::to_vec(&sight).map_err(std::io::Error::from)?;
                line.push(b'\n');
                let mut out = std::io::stdout().lock();
                out.write_all(&line)?;
                out.flush()?;
            }
            Ok(Exit::Done)
        })
    }
}

/// What came on standard input is no errand.
#[derive(Debug, thiserror::Error)]
#[error("standard input holds no plan of another bastion: {0}")]
struct NoErrand(serde_json::Error);

impl Explain for NoErrand {
    fn next_step(&self) -> String {
        "This verb is started by another bastion, of the same version; `lifeboat status` is for people.".to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}
