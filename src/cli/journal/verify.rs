//! `lifeboat journal verify`: the first broken link of each chain, and what surrounds it.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use serde::Deserialize;

use crate::cli::output::Style;
use crate::cli::{Context, Failure};
use crate::journal::{Break, ChainId, ChainReport, Glimpse, Head, Heads, Report, verify};
use crate::text::{Exit, Explain, Shape, instant, untrusted};

/// `lifeboat journal verify`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the chains ended once: what `journal verify --json` printed
    #[arg(long, value_name = "FILE")]
    heads: Option<PathBuf>,
}

/// Of a report with all its findings.
const LONGEST: u64 = 64 << 20;

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
    /// Prints what holds and what does not; a broken link ends with 3, as does a folder of something else.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let directory = super::directory(context)?;
        let anchors = self.heads.as_ref().map(read_heads).transpose()?.unwrap_or_default();
        let report = verify(&directory, &anchors)?;
        if context.out().is_json() {
            context.out().json(&report)?;
        } else {
            print_all(context, &report)?;
        }
        // A folder full of something else is hardly the one that was meant.
        let is_another = report.chains.is_empty() && !report.strays.is_empty();
        Ok(if report.is_whole() && !is_another { Exit::Done } else { Exit::Attention })
    }
}

fn read_heads(path: &PathBuf) -> Result<Heads, BadHeads> {
    let bad = |why: String| BadHeads { path: path.clone(), why };
    // A pipe will do as well: heads may come from another host.
    let mut content = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut content));
    read.map_err(|error| bad(error.to_string()))?;
    if content.len() as u64 > LONGEST {
        return Err(bad("it is much longer than any list of heads".to_owned()));
    }
    let earlier: Earlier = serde_json::from_slice(&content).map_err(|error| bad(error.to_string()))?;
    Ok(earlier.chains.into_iter().map(|chain| (chain.chain, chain.head)).collect())
}

fn print_all(context: &Context, report: &Report) -> Result<(), Failure> {
    let out = context.out();
    report.chains.iter().try_for_each(|chain| print(context, chain))?;
    if report.chains.is_empty() {
        out.line("no chain, no event: there is nothing to prove")?;
    }
    for stray in &report.strays {
        out.line(format!("note: {} does not belong in the journal's folder; nothing reads it", safe(stray)))?;
    }
    Ok(())
}

fn print(context: &Context, report: &ChainReport) -> Result<(), Failure> {
    let out = context.out();
    let time = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(instant::stamp).unwrap_or_default();
    let files = if report.segments == 1 { "1 file".to_owned() } else { format!("{} files", report.segments) };
    let proven = format!("{} events in {files}, {} to {}", report.events, time(report.from), time(report.to));
    let chain = out.styled(Style::Strong, report.chain.as_str());
    match &report.broken {
        None if report.events == 0 => out.line(format!("{chain}: no event yet"))?,
        None if report.has_lost() => {
            let lost = format!("acknowledged events were lost (see the notes); what is left is linked. {proven}");
            out.line(format!("{chain}: {}", out.styled(Style::Bad, &lost)))?;
        }
        None => out.line(format!("{chain}: {}", out.styled(Style::Good, &format!("whole. {proven}"))))?,
        Some(_) => {
            let broken =
                if report.events == 0 { "broken from its start".to_owned() } else { format!("broken after {proven}") };
            out.line(format!("{chain}: {}", out.styled(Style::Bad, &broken)))?;
        }
    }
    if report.events > 0 {
        print_end(context, report)?;
    }
    if let Some(broken) = &report.broken {
        print_break(context, broken)?;
    }
    report.notes.iter().try_for_each(|note| out.line(format!("  note: {}", safe(&note.to_string()))))
}

/// Where it ends, and who else knows that: what is removed behind the last event that is known elsewhere
/// leaves no trace.
fn print_end(context: &Context, report: &ChainReport) -> Result<(), Failure> {
    let out = context.out();
    let until = if report.broken.is_none() { "ends with" } else { "proven up to" };
    out.line(format!("  {until} event {}, {}", report.head.seq, report.head.hash))?;
    if report.anchored == Some(report.head.seq) {
        return out.line("  anchored outside the journal up to there");
    }
    let known = match (report.anchored, &report.known) {
        (Some(seq), _) => format!("anchored outside the journal up to event {seq}; "),
        (None, Some(known)) => format!("known up to event {} by {}; ", known.seq, safe(&known.by)),
        (None, None) => String::new(),
    };
    out.line(format!(
        "  {known}its end is not anchored outside the journal: keep `journal verify --json` elsewhere and compare with \
         --heads"
    ))
}

fn print_break(context: &Context, broken: &Break) -> Result<(), Failure> {
    let out = context.out();
    let fault = safe(&broken.fault.to_string());
    if !broken.segment.is_empty() {
        out.line(format!("  {}, line {} (byte {}):", broken.segment, broken.line, broken.offset))?;
    }
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
