//! `lifeboat hold`: keeps everything in every store, from every host, until it is released.

use clap::builder::NonEmptyStringValueParser;
use serde::Serialize;

use super::output::Style;
use super::{Called, Changes, Context, Failure, Group, Info, Output};
use crate::journal::{Actor, host};
use crate::plan::Plan;
use crate::protect::hold::{Act, Acted, Seen, Watch, act};
use crate::protect::operation::Operations;
use crate::text::wrap::wrap;
use crate::text::{Clock, Exit, SystemClock};
use crate::vault::Hold;
use crate::watch::Means;

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
        let what = if self.release { Act::Release } else { Act::Hold };
        let telling = Operations::told_in(&state, context.redactor()).begin(what.about(plan));
        context.block_on(async |stop| {
            let means = Means::new(context.redactor(), stop);
            let acted = act(what, plan, &hold, (&journal, telling), means.contact().secrets).await?;
            Ok(acted.into_iter().map(One::from).collect())
        })
    }
}

impl From<Acted> for One {
    fn from(acted: Acted) -> One {
        One { held: acted.is_held(), told: acted.told(), is_well: acted.is_well(), store: acted.store }
    }
}

fn look(context: &Context, plan: &Plan) -> Result<Vec<One>, Failure> {
    let seen = context.block_on(async |stop| {
        let means = Means::new(context.redactor(), stop);
        Ok(Watch::open(plan, means.contact().secrets).await.seen().await)
    })?;
    let one = |(store, seen): (String, Seen)| {
        let (held, told) = match &seen {
            Seen::Free => (Some(false), "not held".to_owned()),
            Seen::Held(hold) => (Some(true), hold.described()),
            Seen::Unseen(why) => (None, format!("not known, and taken for held: {}", Output::safe(why))),
        };
        One { store, held, told, is_well: seen == Seen::Free }
    };
    Ok(seen.into_iter().map(one).collect())
}
