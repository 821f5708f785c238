//! `lifeboat hold`: keeps everything in every store, from every host, until it is released.

use clap::builder::NonEmptyStringValueParser;
use serde::Serialize;
use serde_json::json;

use super::output::Style;
use super::{Called, Changes, Context, Failure, Group, Info, Output};
use crate::journal::{Actor, Draft, Kind, host};
use crate::plan::Plan;
use crate::protect::due::Outcome;
use crate::protect::hold::{Seen, Watch, can, put, release};
use crate::protect::operation::{About, Doing, Operations};
use crate::text::instant::stamp;
use crate::text::wrap::wrap;
use crate::text::{Clock, Exit, SystemClock};
use crate::vault::Hold;
use crate::watch::Means;

/// A hold is about to be put into every store, and in which that was done.
const HOLD: (Kind, Kind) = (Kind::new("hold.asked"), Kind::new("hold.set"));
/// It is about to be taken out of them, and where that was done.
const RELEASE: (Kind, Kind) = (Kind::new("release.asked"), Kind::new("hold.released"));

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "hold",
    group: Group::Platform,
    changes: Changes::With(&["why", "release"]),
    examples: &[
        ("lifeboat hold --why breach", "Let nobody throw anything away, in any store"),
        ("lifeboat hold --show", "Who holds, in which stores"),
        ("lifeboat hold --release --why settled", "Let what is old go again"),
    ],
}];

/// `lifeboat hold`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Why, for whoever meets it
    #[arg(
        long,
        value_name = "TEXT",
        value_parser = NonEmptyStringValueParser::new(),
        required_unless_present = "show"
    )]
    why: Option<String>,
    /// Take the hold out of every store
    #[arg(long)]
    release: bool,
    /// Only look
    #[arg(long, conflicts_with_all = ["why", "release"])]
    show: bool,
}

#[derive(Serialize)]
struct Report {
    stores: Vec<One>,
}

#[derive(Serialize)]
struct One {
    store: String,
    held: Option<bool>,
    told: String,
    #[serde(skip)]
    is_well: bool,
    /// Whether somebody held or let go of it now: where nothing was held, nothing is released.
    #[serde(skip)]
    is_changed: bool,
}

impl Args {
    /// Does it in every store that can be reached; ends with 3 where one could not.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        if !self.show {
            Called { path: VERBS[0].path.to_owned(), changes: true }.permit(context.globals().read_only)?;
        }
        let plan = context.readable()?;
        let stores = if self.show { look(context, plan)? } else { self.change(context, plan)? };
        let out = context.out();
        let is_well = stores.iter().all(|one| one.is_well);
        if out.is_json() {
            out.json(&Report { stores })?;
        } else {
            for one in &stores {
                let line = wrap(&format!("{}: {}", Output::safe(&one.store), one.told), out.width(), "", "  ");
                out.line(if one.is_well { line } else { out.styled(Style::Warning, &line) })?;
            }
        }
        Ok(if is_well { Exit::Done } else { Exit::Attention })
    }

    fn change(&self, context: &Context, plan: &Plan) -> Result<Vec<One>, Failure> {
        let (state, journal) = context.recorded(plan)?;
        let by = format!("{} on {}", Actor::here().name, host::name());
        let hold = Hold::new(by, SystemClock.now(), self.why.clone().unwrap_or_default());
        let is_release = self.release;
        let stores = plan.store.iter().filter(|store| can(store)).map(|store| store.name.clone()).collect();
        let doing = if is_release { Doing::Release } else { Doing::Hold };
        let about = About { doing, of: String::new(), method: None, job: None, stores };
        let telling = Operations::told_in(&state, context.redactor()).begin(about);
        context.block_on(async |stop| {
            let draft = |kind, body| Draft::new(kind, &plan.platform.name).with(body);
            let (asked, set) = if is_release { RELEASE } else { HOLD };
            journal.record(draft(asked, json!({ "why": hold.why })))?.await?;
            let means = Means::new(context.redactor(), stop);
            let secrets = means.contact().secrets;
            let done: Vec<One> = if is_release {
                release(plan, secrets).await.into_iter().map(released).collect()
            } else {
                put(plan, &hold, secrets).await.into_iter().map(held).collect()
            };
            let told: Vec<_> = done.iter().map(|one| json!({ "store": one.store, "told": one.told })).collect();
            if done.iter().any(|one| one.is_changed) {
                let body = json!({ "why": hold.why, "stores": told });
                journal.record(draft(set, body))?.await?;
            }
            telling.ends(&outcome(&done), None);
            Ok(done)
        })
    }
}

/// What came of it, for those who look on.
fn outcome(stores: &[One]) -> Outcome {
    let told: Vec<String> = stores.iter().map(|one| format!("{}: {}", one.store, one.told)).collect();
    let told = told.join("; ");
    if stores.iter().all(|one| one.is_well) { Outcome::done(told) } else { Outcome::failed(told) }
}

fn held((store, done): (String, Result<Option<Hold>, String>)) -> One {
    let told = match &done {
        Ok(None) => "held".to_owned(),
        Ok(Some(first)) => {
            format!("was held already, and that hold stays; yours is only in the journal: {}", described(first))
        }
        Err(why) => format!("not held: {}", Output::safe(why)),
    };
    One { store, held: done.is_ok().then_some(true), told, is_well: done.is_ok(), is_changed: done.is_ok() }
}

fn released((store, done): (String, Result<Option<Hold>, String>)) -> One {
    let told = match &done {
        Ok(Some(hold)) => format!("released; it was {}", described(hold)),
        Ok(None) => "was not held".to_owned(),
        Err(why) => format!("not released: {}", Output::safe(why)),
    };
    One {
        store,
        held: done.is_ok().then_some(false),
        told,
        is_well: done.is_ok(),
        is_changed: matches!(done, Ok(Some(_))),
    }
}

/// By whom, since when and why.
fn described(hold: &Hold) -> String {
    let why = hold.because();
    format!("held since {} by {}{why}", stamp(hold.since), hold.by)
}

fn look(context: &Context, plan: &Plan) -> Result<Vec<One>, Failure> {
    let seen = context.block_on(async |stop| {
        let means = Means::new(context.redactor(), stop);
        Ok(Watch::open(plan, means.contact().secrets).await.seen().await)
    })?;
    let one = |(store, seen): (String, Seen)| {
        let (held, told) = match &seen {
            Seen::Free => (Some(false), "not held".to_owned()),
            Seen::Held(hold) => (Some(true), described(hold)),
            Seen::Unseen(why) => (None, format!("not known, and taken for held: {}", Output::safe(why))),
        };
        One { store, held, told, is_well: seen == Seen::Free, is_changed: false }
    };
    Ok(seen.into_iter().map(one).collect())
}
