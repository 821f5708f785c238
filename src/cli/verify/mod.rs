//! `lifeboat verify`: reads recovery points to their end, as what they claim to be.

mod json;
mod sum;
mod told;

use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

use super::points::Choice;
use super::progress::Beat;
use super::status::unknown;
use super::{Changes, Context, Failure, Group, Info, Output};
use crate::journal::{State, host};
use crate::plan::Plan;
use crate::plan::types::Task;
use crate::protect::due::{Outcome, Run};
use crate::protect::operation::{About, Doing, Operations, Telling};
use crate::protect::tell_all;
use crate::protect::verify::{Archived, How, Strange, Verified, strange, thawed, to_read, verify};
use crate::systems::Contact;
use crate::text::{Clock, Exit, Span, SystemClock, counted};
use crate::vault::{Cache, Point, Unseen};
use crate::watch::Means;
use sum::Sum;
use told::{summary, tell};

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "verify",
    group: Group::Platform,
    // A thaw costs money, and somebody may be woken.
    changes: Changes::With(&["thaw", "tell"]),
    examples: &[
        ("lifeboat verify", "Read every recovery point that is new; exit code 3 if one is not whole"),
        ("lifeboat verify --in archive --thaw --wait 12h", "Ask for the thaw of what is archived, and wait for it"),
        (
            "lifeboat verify --deep --newer-than 1d --tell chat",
            "All that was taken since yesterday, also what was read before; a channel of the plan is told",
        ),
    ],
}];

/// `lifeboat verify`
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// Read also what was read before and has not changed since; of snapshots in a repository, every shard
    #[arg(long)]
    deep: bool,
    /// Ask for the thaw of what is archived, where nobody has; what thaws is read by a later run
    #[arg(long)]
    thaw: bool,
    /// Wait so long at most for what thaws: 12h
    #[arg(long, value_name = "TIME", requires = "thaw")]
    wait: Option<Span>,
    /// Tell this channel of the plan what came of it; may be repeated
    #[arg(long, value_name = "CHANNEL")]
    tell: Vec<String>,
}

impl Args {
    /// Reads them, and tells of each; ends with 3 where one is not whole, or could not be looked at.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = context.readable()?;
        self.knows_channels(plan)?;
        let cache = context.state().ok().map(|state| Cache::in_state(&state.path).fresh());
        let (catalogue, unseen) = context.block_on(async |stop| {
            let means = Means::new(context.redactor(), stop);
            self.choice.look_into(plan, means.contact().secrets, cache.as_ref()).await
        })?;
        let points = self.choice.of(&catalogue)?;
        let is_seen = |name: &str| {
            let is_looked_into = plan.store.iter().any(|store| store.name == name && self.choice.is_in(store));
            is_looked_into && !unseen.iter().any(|unseen| unseen.store == name)
        };
        let beside = Beside { strange: strange(plan, &catalogue, is_seen, SystemClock.now()), unseen };
        let how = How { is_deep: self.deep, only_looks: context.globals().read_only, thaws: self.thaw };
        let telling = operations(context, plan).begin(self.about(&points));
        telling.expects(to_read(&points, how));
        let sum = context.block_on_to_its_word(async |stop| {
            let means = Means::new(context.redactor(), stop.clone());
            let contact = means.contact();
            let begun = SystemClock.now();
            let mut reading = Reading { context, plan, how, telling, contact: &contact, sum: Sum::default() };
            let is_over = self.read(&mut reading, &points, &beside, &stop).await?;
            let Reading { telling, sum, .. } = reading;
            if !is_over {
                telling.ends(&Outcome::interrupted("it was called off; what was read until then is kept"), None);
                return Ok(None);
            }
            let outcome = sum.outcome(&beside);
            telling.ends(&outcome, None);
            self.tell_others(plan, (begun, outcome), &contact, context).await;
            Ok(Some(sum))
        })?;
        let Some(sum) = sum else { return Ok(Exit::Interrupted) };
        if !context.out().is_json() {
            summary(context, &sum, &beside, (plan, &catalogue))?;
        }
        // Where the plan takes backups and there is none to be read, nobody should believe that all are whole.
        let is_empty = sum.is_empty() && plan.job.iter().any(|job| job.task == Task::Backup);
        let is_well = sum.is_well() && beside.is_nothing() && !is_empty;
        Ok(if is_well { Exit::Done } else { Exit::Attention })
    }

    fn knows_channels(&self, plan: &Plan) -> Result<(), Failure> {
        let channels = || plan.channel.iter().map(|channel| channel.name.as_str());
        match self.tell.iter().find(|name| !channels().any(|known| known == *name)) {
            Some(name) => Err(unknown("channel", name, channels())),
            None => Ok(()),
        }
    }

    /// Reads all, and what thaws once it has; whether it came to its end.
    async fn read(
        &self,
        reading: &mut Reading<'_>,
        points: &[&Point],
        beside: &Beside,
        stop: &CancellationToken,
    ) -> Result<bool, Failure> {
        let Some((told, thawing)) = reading.of(points, self.wait.is_some(), stop).await? else { return Ok(false) };
        let alone: Vec<&Point> = thawing.iter().collect();
        let mut late = Vec::new();
        if !alone.is_empty() {
            let now = SystemClock.now();
            let until = self.wait.and_then(|wait| wait.after(now)).unwrap_or(now);
            reading.context.out().note(format!("lifeboat: waiting for {} that thaw", alone.len()));
            thawed(reading.plan, &alone, until, reading.contact).await;
            let Some((read, _)) = reading.of(&alone, false, stop).await? else { return Ok(false) };
            late = read;
        }
        if reading.context.out().is_json() {
            json::print(reading.context, told.iter().chain(&late), beside)?;
        }
        Ok(true)
    }

    async fn tell_others(
        &self,
        plan: &Plan,
        (began, outcome): (DateTime<Utc>, Outcome),
        with: &Contact<'_>,
        context: &Context,
    ) {
        let Outcome { ending, told, rest } = outcome;
        let run =
            Run { slot: began, began, ended: with.clock.now(), ending, told, host: host::name(), missed: 0, rest };
        for trouble in tell_all(plan, ("verify", &self.tell), &run, with).await {
            context.out().note(format!("lifeboat: {}", Output::safe(trouble)));
        }
    }

    fn about(&self, points: &[&Point]) -> About {
        let of = match (self.choice.is_everything(), points) {
            (true, _) => String::new(),
            (false, [only]) => only.id.clone(),
            (false, several) => counted(several.len(), "recovery point"),
        };
        let mut stores: Vec<String> =
            points.iter().flat_map(|point| point.copies.iter().map(|copied| copied.store.clone())).collect();
        stores.sort();
        stores.dedup();
        About { doing: Doing::Verify, of, method: None, job: None, stores }
    }
}

/// What is told beside what was read.
struct Beside {
    strange: Vec<Strange>,
    unseen: Vec<Unseen>,
}

impl Beside {
    fn is_nothing(&self) -> bool {
        self.strange.is_empty() && self.unseen.is_empty()
    }
}

/// Reading copies one after the other, and telling of each.
struct Reading<'a> {
    context: &'a Context,
    plan: &'a Plan,
    how: How,
    telling: Telling,
    contact: &'a Contact<'a>,
    sum: Sum,
}

impl<'a> Reading<'a> {
    /// Reads these: what was read, and what thaws, which is told of later where somebody waits for it. Nothing if it
    /// was called off.
    async fn of<'v>(
        &mut self,
        points: &'v [&Point],
        waits: bool,
        stop: &CancellationToken,
    ) -> Result<Option<(Vec<Verified<'v>>, Vec<Point>)>, Failure>
    where
        'a: 'v,
    {
        let (mut told, mut thawing) = (Vec::new(), Vec::new());
        let mut copies =
            std::pin::pin!(verify(self.plan, points, self.how, self.telling.progress().clone(), self.contact));
        let mut beat = Beat::begin(self.context).await;
        loop {
            let next = tokio::select! {
                () = stop.cancelled() => return Ok(None),
                next = copies.next() => next,
                () = beat.tick() => {
                    beat.tell(&self.telling);
                    continue;
                }
            };
            beat.clear();
            let Some(verified) = next else { return Ok(Some((told, thawing))) };
            if waits && verified.archived == Some(Archived::Thawing) {
                thawing.extend(verified.alone());
                continue;
            }
            self.sum.count(&verified);
            self.telling.is_at(format!("{} in {}", verified.point.id, verified.store));
            if !self.context.out().is_json() {
                tell(self.context, &verified)?;
            }
            told.push(verified);
        }
    }
}

/// Where it is told: in the state folder, where there is one and something may be written.
fn operations(context: &Context, plan: &Plan) -> Operations {
    let path = context.state().ok().map(|state| state.path);
    let path = path.filter(|path| !context.globals().read_only && path.is_dir());
    let state = path.and_then(|path| State::open(&path, plan.platform.group.as_deref()).ok());
    state
        .map_or_else(|| Operations::untold(context.redactor()), |state| Operations::told_in(&state, context.redactor()))
}
