//! `lifeboat lab load`: use the lab as its users would, until it is ended.

use std::path::Path;
use std::time::Duration;

use super::{Changes, Context, Failure, Group, Info, Output};
use crate::lab;
use crate::lab::world::Told;
use crate::text::{Exit, Span};

/// The registry's entries.
pub const VERBS: &[Info] = &[Info {
    path: "lab load",
    group: Group::Lab,
    changes: Changes::Always,
    examples: &[
        ("lifeboat lab load", "Two runs of agents a second, until Ctrl-C"),
        ("lifeboat lab load --rate 20 --for 5min", "Twenty a second for five minutes"),
    ],
}];

/// `lifeboat lab load`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Runs a second
    #[arg(long, value_name = "NUMBER", default_value_t = 2.0, value_parser = rate)]
    rate: f64,
    /// For how long; until Ctrl-C without it
    #[arg(long = "for", value_name = "TIME")]
    time: Option<Span>,
    /// The site whose servers are used
    #[arg(long, value_name = "SITE", default_value = "primary", value_parser = ["primary", "dr"])]
    site: String,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.01..=1000.0).contains(&rate) => Ok(rate),
        _ => Err("a number from 0.01 to 1000".to_owned()),
    }
}

impl Args {
    /// Makes load, and says how much of it got through.
    pub fn run(self, context: &Context, folder: &Path) -> Result<Exit, Failure> {
        let options = lab::load_options(folder, &self.site, self.rate)?;
        let time = self.time.and_then(|time| time.after(chrono::DateTime::UNIX_EPOCH.to_utc()));
        let time = time.and_then(|end| u64::try_from(end.timestamp_millis()).ok()).map(Duration::from_millis);
        let out = *context.out();
        let tell = move |told: Told| match told {
            Told::Reason(why) => out.note(format!("a run did not get through: {}", Output::safe(why))),
            Told::Count(load) if out.is_terminal() => {
                out.note(format!("{} runs got through, {} did not", load.done, load.failed));
            }
            Told::Count(_) => {}
        };
        if time.is_none() {
            out.note("running; Ctrl-C ends it");
        }
        let load = context.block_on(async |stop| {
            let end = async {
                match time {
                    Some(time) => tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(time) => {} },
                    None => stop.cancelled().await,
                }
            };
            let load = lab::world::load(options, tell, end).await;
            if out.is_json() {
                out.json(&load)?;
            } else {
                out.line(format!("{} runs got through, {} did not.", load.done, load.failed))?;
            }
            Ok(load)
        })?;
        Ok(if load.failed == 0 { Exit::Done } else { Exit::Attention })
    }
}
