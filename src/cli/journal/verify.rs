//! `lifeboat journal verify`: the first broken link of each chain, and what surrounds it.

use std::path::PathBuf;

use serde::Deserialize;

use crate::cli::output::Style;
use crate::cli::{Context, Failure};
use crate::journal::{Break, ChainId, ChainReport, Glimpse, Head, Heads, verify};
use crate::text::{Exit, Explain, Shape, instant, untrusted};

/// `lifeboat journal verify`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the chains ended once: what `journal verify --json` printed
    #[arg(long, value_name = "FILE")]
    heads: Option<PathBuf>,
}

/// As much of an earlier report as is needed.
#[derive(Deserialize)]
struct Earlier {
    chains: Vec<EarlierChain>,
}

#[derive(Deserialize)]
struct EarlierChain {
    chain: ChainId,
    head: Head,
}

/// The file with the heads is of no use.
#[derive(Debug, thiserror::Error)]
#[error("the heads in {} cannot be read: {why}", path.display())]
struct BadHeads {
    path: PathBuf,
    why: String,
}

impl Explain for BadHeads {
    fn next_step(&self) -> String {
        "Give a file that `lifeboat journal verify --json` wrote.".to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl Args {
    /// Prints what holds and what does not; a broken link ends with 3.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let directory = super::directory(context)?;
        let anchors = self.heads.as_ref().map(read_heads).transpose()?.unwrap_or_default();
        let report = verify(&directory, &anchors)?;
        if context.out().is_json() {
            context.out().json(&report)?;
        } else {
            report.chains.iter().try_for_each(|chain| print(context, chain))?;
        }
        Ok(if report.is_whole() { Exit::Done } else { Exit::Attention })
    }
}

fn read_heads(path: &PathBuf) -> Result<Heads, BadHeads> {
    let bad = |why: String| BadHeads { path: path.clone(), why };
    let content = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    let earlier: Earlier = serde_json::from_slice(&content).map_err(|error| bad(error.to_string()))?;
    Ok(earlier.chains.into_iter().map(|chain| (chain.chain, chain.head)).collect())
}

fn print(context: &Context, report: &ChainReport) -> Result<(), Failure> {
    let out = context.out();
    let time = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(instant::stamp).unwrap_or_default();
    let files = if report.segments == 1 { "1 file".to_owned() } else { format!("{} files", report.segments) };
    let proven = format!("{} events in {files}, {} to {}", report.events, time(report.from), time(report.to));
    let chain = out.styled(Style::Strong, report.chain.as_str());
    match &report.broken {
        None => out.line(format!("{chain}: {}", out.styled(Style::Good, &format!("whole. {proven}"))))?,
        Some(_) => {
            out.line(format!("{chain}: {}", out.styled(Style::Bad, &format!("broken after {proven}"))))?;
        }
    }
    let until = if report.broken.is_none() { "ends with" } else { "proven up to" };
    out.line(format!("  {until} event {}, {}", report.head.seq, report.head.hash))?;
    if let Some(broken) = &report.broken {
        print_break(context, broken)?;
    }
    report.notes.iter().try_for_each(|note| out.line(format!("  note: {}", safe(&note.to_string()))))
}

fn print_break(context: &Context, broken: &Break) -> Result<(), Failure> {
    let out = context.out();
    let fault = safe(&broken.fault.to_string());
    out.line(format!("  {}, line {} (byte {}):", broken.segment, broken.line, broken.offset))?;
    out.line(format!("  {}", out.styled(Style::Bad, &fault)))?;
    let glimpse = |mark: &str, glimpse: &Glimpse| {
        let what = glimpse.event.as_deref().unwrap_or(&glimpse.text);
        out.line(format!("  {mark} {:>6}  {}", glimpse.line, untrusted(what, Shape::line(out.width().max(40) - 12))))
    };
    broken.before.iter().try_for_each(|line| glimpse(" ", line))?;
    broken.at.iter().try_for_each(|line| glimpse(">", line))?;
    broken.after.iter().try_for_each(|line| glimpse(" ", line))
}

fn safe(text: &str) -> String {
    untrusted(text, Shape::line(400))
}
