//! `lifeboat lab serve`: what the lab starts of this program for itself; not for people.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Changes, Context, Failure, Group, Info};
use crate::lab::faults::holder;
use crate::lab::{self, app, s3};
use crate::text::{Exit, SystemClock};

/// The registry's entries.
pub const VERBS: &[Info] = &[Info {
    path: "lab serve",
    group: Group::Lab,
    changes: Changes::Always,
    examples: &[
        ("lifeboat lab serve s3 /run/s3.json", "Started by the lab: its S3 endpoint"),
        ("lifeboat lab serve app /run/app.json", "Started by the lab: its application"),
    ],
}];

/// `lifeboat lab serve`
#[derive(Debug, clap::Args)]
pub struct Args {
    what: What,
    /// The file with its options
    options: PathBuf,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum What {
    S3,
    App,
    Holder,
}

impl Args {
    /// Serves until it is ended.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        context.block_on(async |stop| {
            match self.what {
                What::S3 => {
                    let options: s3::Options = lab::read_options(&self.options)?;
                    s3::serve(&options, Arc::new(SystemClock), stop.cancelled()).await?;
                }
                What::App => {
                    let options: app::Options = lab::read_options(&self.options)?;
                    app::serve(&options, Arc::new(SystemClock), stop.cancelled()).await?;
                }
                What::Holder => tokio::select! {
                    ended = holder::serve(&self.options) => ended?,
                    () = stop.cancelled() => {}
                },
            }
            Ok(Exit::Done)
        })
    }
}
