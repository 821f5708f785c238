//! `lifeboat there`: what another bastion brings here and starts, to work where the data is; not for people.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};

use tokio::io::BufReader;

use super::{Changes, Context, Failure, Group, Info};
use crate::protect::backup::there;
use crate::text::Exit;
use crate::vault::far;

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "there",
    group: Group::Platform,
    changes: Changes::Always,
    examples: &[
        ("lifeboat there take", "Started by another bastion: takes the recovery point that standard input tells of"),
        ("lifeboat there keep", "The same, for a store that is a folder of this machine"),
    ],
}];

/// `lifeboat there`
#[derive(Debug, clap::Args)]
pub struct Args {
    what: What,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum What {
    /// Takes a recovery point
    Take,
    /// Keeps files in a folder
    Keep,
}

impl Args {
    /// Works until it is done, or nobody is at the other end any more.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        context.block_on(async |stop| {
            let input = BufReader::new(stream(std::io::stdin().as_fd())?);
            let output = stream(std::io::stdout().as_fd())?;
            match self.what {
                What::Take => there::serve(input, output, context.redactor(), stop).await?,
                What::Keep => tokio::select! {
                    kept = far::serve(input, output) => kept?,
                    () = stop.cancelled() => {}
                },
            }
            Ok(Exit::Done)
        })
    }
}

/// One of our own streams, without the buffer that belongs to it.
fn stream(ours: BorrowedFd<'_>) -> std::io::Result<tokio::fs::File> {
    Ok(tokio::fs::File::from_std(File::from(ours.try_clone_to_owned()?)))
}
