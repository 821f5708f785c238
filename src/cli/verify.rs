//! `lifeboat verify`: reads recovery points to their end, as what they claim to be.

use futures_util::StreamExt;
use serde::Serialize;

use super::output::Style;
use super::points::{Choice, NotLooked, not_looked};
use super::{Changes, Context, Failure, Group, Info, Output};
use crate::protect::verify::{How, Read, Strange, Verified, strange, verify};
use crate::systems::artefact::Look;
use crate::text::wrap::wrap;
use crate::text::{Clock, Exit, Shape, Size, Span, SystemClock, untrusted};
use crate::vault::{Cache, Unseen};
use crate::watch::Means;

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "verify",
    group: Group::Platform,
    changes: Changes::Never,
    examples: &[
        ("lifeboat verify", "Read every recovery point that is new; exit code 3 if one is not whole"),
        ("lifeboat verify --deep", "Read also what was read before and has not changed since"),
        ("lifeboat verify --newer-than 1d --json", "What was taken since yesterday, for scripts"),
    ],
}];

/// `lifeboat verify`
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// Read also what was read before and has not changed since
    #[arg(long)]
    deep: bool,
}

/// What became of all of them.
#[derive(Default)]
struct Sum {
    whole: usize,
    remembered: usize,
    flawed: usize,
    not_looked: usize,
    /// Recovery points of which files are missing.
    partial: usize,
}

#[derive(Serialize)]
struct Copied<'a> {
    point: &'a str,
    component: Option<&'a str>,
    store: &'a str,
    whole: bool,
    partial: Option<&'a str>,
    remembered: bool,
    receipt_not_kept: Option<&'a str>,
    files: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    key: &'a str,
    holds: &'static str,
    outcome: &'static str,
    told: &'a str,
    sha256: &'a str,
    bytes: u64,
    millis: u128,
}

#[derive(Serialize)]
struct Report<'a> {
    copies: Vec<Copied<'a>>,
    strange: Vec<Odd<'a>>,
    not_looked_into: Vec<NotLooked<'a>>,
}

#[derive(Serialize)]
struct Odd<'a> {
    component: &'a str,
    about: &'a str,
    why: &'a str,
}

impl Args {
    /// Reads them, and tells of each; ends with 3 where one is not whole, or could not be looked at.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = context.readable()?;
        let cache = context.state().ok().map(|state| Cache::in_state(&state.path).fresh());
        let (catalogue, unseen) = context.block_on(async |stop| {
            let means = Means::new(context.redactor(), stop);
            self.choice.look_into(plan, means.contact().secrets, cache.as_ref()).await
        })?;
        let points = self.choice.of(&catalogue)?;
        let strange = strange(plan, &catalogue, SystemClock.now());
        let how = How { is_deep: self.deep, only_looks: context.globals().read_only };
        let (sum, stopped) = context.block_on(async |stop| {
            let means = Means::new(context.redactor(), stop.clone());
            let contact = means.contact();
            let mut sum = Sum::default();
            let mut told = Vec::new();
            let mut copies = std::pin::pin!(verify(plan, &points, how, &contact));
            loop {
                let next = tokio::select! {
                    () = stop.cancelled() => return Ok((sum, true)),
                    next = copies.next() => next,
                };
                let Some(verified) = next else { break };
                sum.count(&verified);
                if !context.out().is_json() {
                    tell(context, &verified)?;
                }
                told.push(verified);
            }
            if context.out().is_json() {
                let copies = told.iter().map(copied).collect();
                let strange = strange.iter().map(odd).collect();
                context.out().json(&Report { copies, strange, not_looked_into: not_looked(&unseen) })?;
            }
            Ok((sum, false))
        })?;
        if stopped {
            return Ok(Exit::Interrupted);
        }
        if !context.out().is_json() {
            summary(context, &sum, &strange, &unseen)?;
        }
        let well = sum.flawed + sum.not_looked + sum.partial == 0 && strange.is_empty() && unseen.is_empty();
        Ok(if well { Exit::Done } else { Exit::Attention })
    }
}

impl Sum {
    fn count(&mut self, verified: &Verified<'_>) {
        self.partial += usize::from(verified.broken.is_some());
        for read in &verified.files {
            match &read.look {
                Look::Whole(_) if verified.is_remembered => self.remembered += 1,
                Look::Whole(_) => self.whole += 1,
                Look::Flawed(_) => self.flawed += 1,
                Look::NotLooked(_) => self.not_looked += 1,
            }
        }
    }
}

/// The word for what became of it, and what is told.
fn outcome(look: &Look) -> (&'static str, &str, Style) {
    match look {
        Look::Whole(holds) => ("whole", holds, Style::Good),
        Look::Flawed(why) => ("flawed", why, Style::Bad),
        Look::NotLooked(why) => ("not looked at", why, Style::Warning),
    }
}

const INDENT: &str = "               ";

fn tell(context: &Context, verified: &Verified<'_>) -> Result<(), Failure> {
    let out = context.out();
    if let Some(why) = &verified.broken {
        let name = untrusted(format!("{}/{}", verified.store, verified.point.id), Shape::line(160));
        out.line(format!("{}  {name}", out.styled(Style::Bad, "partial      ")))?;
        out.line(wrap(&untrusted(why, Shape::line(300)), out.width(), INDENT, INDENT))?;
    }
    // What was read before is only counted, unless something is wrong with it.
    let is_news = |read: &&Read<'_>| !verified.is_remembered || !matches!(read.look, Look::Whole(_));
    for read in verified.files.iter().filter(is_news) {
        let (word, told, style) = outcome(&read.look);
        let name = untrusted(format!("{}/{}", verified.store, read.file.key), Shape::line(160));
        out.line(format!("{}  {name}", out.styled(style, &format!("{word:<13}"))))?;
        let how = if verified.is_remembered {
            "as found before".to_owned()
        } else {
            format!("{} read in {}", Size(read.file.size).approx(), Span::from(read.took).brief())
        };
        out.line(wrap(&format!("{}; {how}", untrusted(told, Shape::line(400))), out.width(), INDENT, INDENT))?;
    }
    if let Some(why) = &verified.not_kept {
        let told = format!("What was found is not kept beside it: {}", untrusted(why, Shape::line(300)));
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), INDENT, INDENT)))?;
    }
    Ok(())
}

fn copied<'a>(verified: &'a Verified<'a>) -> Copied<'a> {
    Copied {
        point: &verified.point.id,
        component: verified.point.component.as_deref(),
        store: verified.store,
        whole: verified.is_whole(),
        partial: verified.broken.as_deref(),
        remembered: verified.is_remembered,
        receipt_not_kept: verified.not_kept.as_deref(),
        files: verified.files.iter().map(line).collect(),
    }
}

fn line<'a>(read: &'a Read<'a>) -> Line<'a> {
    let (outcome, told, _) = outcome(&read.look);
    Line {
        key: &read.file.key,
        holds: read.sort.word(),
        outcome,
        told,
        sha256: &read.sha256,
        bytes: read.file.size,
        millis: read.took.as_millis(),
    }
}

fn odd(strange: &Strange) -> Odd<'_> {
    Odd { component: &strange.component, about: &strange.about, why: &strange.why }
}

fn summary(context: &Context, sum: &Sum, strange: &[Strange], unseen: &[Unseen]) -> Result<(), Failure> {
    let out = context.out();
    for Strange { component, about, why } in strange {
        let told = untrusted(format!("{component}: {about}: {why}"), Shape::line(400));
        out.line(format!("{}  {}", out.styled(Style::Warning, "strange      "), wrap(&told, out.width(), "", INDENT)))?;
    }
    out.line(out.styled(if sum.is_well() { Style::Good } else { Style::Warning }, &sum.sentence()))?;
    for unseen in unseen {
        let told = format!("Not looked into {}: {}.", Output::safe(&unseen.store), Output::safe(&unseen.why));
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "", "")))?;
    }
    Ok(())
}

impl Sum {
    fn is_well(&self) -> bool {
        self.flawed + self.not_looked + self.partial == 0
    }

    fn sentence(&self) -> String {
        let Sum { whole, remembered, flawed, not_looked, partial } = self;
        let files = whole + remembered + flawed + not_looked;
        let before = match (remembered, whole) {
            (0, _) => String::new(),
            (1, _) => " One was read before and has not changed.".to_owned(),
            (all, 0) => format!(" {all} were read before and have not changed."),
            (some, _) => format!(" {some} of them were read before and have not changed."),
        };
        match (files, self.is_well()) {
            (0, true) => "Nothing was chosen that could be read.".to_owned(),
            (1, true) => format!("The one file is whole.{before}"),
            (_, true) => format!("All {files} files are whole.{before}"),
            (_, false) => {
                let partial = if *partial > 0 { format!("{partial} partial, ") } else { String::new() };
                let whole = whole + remembered;
                format!("{partial}{flawed} flawed, {not_looked} not looked at, {whole} of {files} files whole.{before}")
            }
        }
    }
}
