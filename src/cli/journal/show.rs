//! `lifeboat journal show`: events, one a line, and live.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use super::Choice;
use crate::cli::output::Style;
use crate::cli::{Context, Failure};
use crate::desk::told;
use crate::journal::{Event, Filter, Folded, Follower, Reader, Summary};
use crate::text::{Exit, Shape, Zone, instant, untrusted};

/// `lifeboat journal show`
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// Only the last so many
    #[arg(long, short = 'n', value_name = "COUNT")]
    last: Option<usize>,
    /// Go on as events happen, until interrupted
    #[arg(long, short)]
    follow: bool,
}

impl Args {
    /// Prints them, oldest first; if some were damaged it ends with 3.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let directory = super::directory(context)?;
        let out = context.out();
        if out.is_terminal() && !out.is_json() {
            opening(context, &Folded::<Summary>::open(&directory)?.value);
        }
        let altered = Cell::new(false);
        let view = View { context, filter: self.choice.filter(), zone: zone(context), altered };
        let mut reader = Reader::start(&directory)?;
        view.past(&mut reader, self.last)?;
        let damage: Vec<String> =
            reader.damage().cloned().chain(reader.shortfalls()).map(|damage| damage.to_string()).collect();
        super::tell(context, &damage);
        if self.follow {
            return view.follow(reader);
        }
        Ok(if damage.is_empty() && !view.altered.get() { Exit::Done } else { Exit::Attention })
    }
}

/// Which events are shown, and how.
struct View<'a> {
    context: &'a Context,
    filter: Filter,
    zone: Zone,
    /// Whether an event was among them that does not have its hash any more.
    altered: Cell<bool>,
}

impl View<'_> {
    fn past(&self, reader: &mut Reader, last: Option<usize>) -> Result<(), Failure> {
        let out = self.context.out();
        let mut lines = VecDeque::new();
        let mut printed = Ok(());
        reader.each(|event| {
            if printed.is_err() || !self.filter.matches(event) {
                return;
            }
            match last {
                Some(count) => {
                    lines.push_back(self.shown(event));
                    if lines.len() > count {
                        lines.pop_front();
                    }
                }
                None => printed = out.line(self.shown(event)),
            }
        })?;
        printed?;
        lines.iter().try_for_each(|line| out.line(line))
    }

    /// Until interrupted, or until nobody reads any more.
    fn follow(&self, reader: Reader) -> Result<Exit, Failure> {
        let outlet = io::stdout().as_fd().try_clone_to_owned()?;
        let mut follower = Follower::new(reader).into_outlet(outlet);
        loop {
            let (told, withdrawn) = (follower.reader().damage().count(), follower.reader().withdrawn());
            let mut printed = Ok(());
            follower.next(Duration::from_mins(1), |event| {
                if printed.is_ok() && self.filter.matches(event) {
                    printed = self.context.out().line(self.shown(event));
                }
            })?;
            printed?;
            if follower.outlet_is_gone() {
                return Err(io::Error::from(io::ErrorKind::BrokenPipe).into());
            }
            let damage: Vec<String> = follower.reader().damage().skip(told).map(ToString::to_string).collect();
            super::tell(self.context, &damage);
            let withdrawn = follower.reader().withdrawn() - withdrawn;
            if withdrawn > 0 {
                self.context.out().note(format!(
                    "{withdrawn} events before this are no longer in the journal: writing them failed and was never \
                     acknowledged, or somebody removed them (`lifeboat journal verify` tells). What is in their place \
                     is shown too."
                ));
            }
        }
    }

    fn shown(&self, event: &Event<'_>) -> String {
        let altered = !event.is_as_written();
        self.altered.set(self.altered.get() || altered);
        shown(self.context, event, altered, self.zone)
    }
}

fn opening(context: &Context, summary: &Summary) {
    let (Some(from), Some(to)) = (&summary.from, &summary.to) else { return };
    let kinds = summary.kinds.len();
    context.out().note(format!("{} events of {kinds} kinds, {from} to {to}", summary.events));
}

/// The plan's zone for people; without a plan that can be read, UTC.
fn zone(context: &Context) -> Zone {
    let named = context.platform().ok().and_then(|platform| platform.time_zone.as_deref()?.parse().ok());
    named.unwrap_or(Zone::UTC)
}

fn shown(context: &Context, event: &Event<'_>, altered: bool, zone: Zone) -> String {
    let out = context.out();
    if out.is_json() {
        return event.line().to_owned();
    }
    let words = told(event.kind, event.body::<serde_json::Value>().as_ref());
    let safe = |text: &str| untrusted(text, Shape::line(2_000));
    let when = out.styled(Style::Faint, &instant::both(event.at(), zone));
    let kind = out.styled(Style::Strong, &safe(event.kind));
    let line = format!("{when}  {}  {kind}  {}  {}", safe(&event.actor.shown()), safe(&event.subject), safe(&words));
    let line = line.trim_end();
    if !altered {
        return line.to_owned();
    }
    format!("{line}  {}", out.styled(Style::Bad, "(altered: it does not have its hash any more)"))
}
