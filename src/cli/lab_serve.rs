//! `lifeboat lab serve`: what the lab starts of this program for itself; not for people.

use std::path::PathBuf;

use super::{Changes, Context, Failure, Group, Info};
use crate::lab::faults::holder;
use crate::text::Exit;

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
            tokio::select! {
                ended = self.serve() => ended,
                () = stop.cancelled() => Ok(Exit::Done),
            }
        })
    }

    async fn serve(&self) -> Result<Exit, Failure> {
        match self.what {
            What::S3 | What::App => std::future::pending().await,
            What::Holder => Ok(holder::serve(&self.options).await.map(|()| Exit::Done)?),
        }
    }
}
