//! The near end: brings our program to the place, gives it its errand, and hears how it goes.

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep_until, timeout};

use super::{BEAT, Errand, GO, OFTEN, SILENCE, STOP, STOPPING, Said};
use crate::journal::Journal;
use crate::plan::Place;
use crate::plan::types::{Component, Job, Kind, Plan, Platform, Store};
use crate::protect::backup::{BackupError, Wanted, events, origin, place, way};
use crate::reach::{Command, Ending, Input, Reach, ReachError, Running, Stdout, Tag};
use crate::systems::take::TakeError;
use crate::systems::{Contact, ContactError, Luggage};
use crate::text::Explain;
use crate::vault::{Delivered, Pace};

/// No word of the far end is longer: manifests of ten thousand tables fit.
const LONGEST: u64 = 64 << 20;

/// What became of work that was to be done elsewhere.
pub enum Became {
    /// It came to an end there.
    Ended {
        /// What it is called.
        point: String,
        /// What it came to.
        done: Box<Result<Delivered, BackupError>>,
    },
    /// It cannot be done there, for this reason; nothing was begun.
    NotThere(String),
}

/// What was heard of it.
enum Heard {
    Became(Became),
    /// No last word; the name of what had been begun by then.
    Nothing(Option<String>),
}

/// What of a plan is needed there.
#[derive(Serialize)]
struct PartOfPlan<'p> {
    platform: &'p Platform,
    component: Vec<Component>,
    job: [Job; 1],
    store: Vec<Store>,
}

/// A backup that is to be taken at a place.
pub struct Sending<'a> {
    pub plan: &'a Plan,
    pub wanted: &'a Wanted<'a>,
    pub at: &'a Place,
    pub pace: &'a Pace,
    pub journal: &'a Journal,
    pub with: &'a Contact<'a>,
}

impl Sending<'_> {
    /// Has it taken there.
    pub async fn work(&self) -> Result<Became, BackupError> {
        let luggage = match self.luggage().await? {
            Ok(luggage) => luggage,
            Err(why) => return Ok(Became::NotThere(why)),
        };
        let reach = Reach::open(self.at, self.with.reach).await?;
        let brought = tokio::select! {
            brought = reach.bring() => brought,
            () = self.pace.stop.cancelled() => return Err(self.called_off()),
        };
        let program = match brought {
            Ok(program) => program,
            Err(error @ ReachError::NotBrought { .. }) => {
                return Ok(Became::NotThere(format!("{error}. {}", error.next_step())));
            }
            Err(error) => return Err(error.into()),
        };
        let tag = Tag::fresh();
        let command = Command::new(program).args(["there", "take"]).stdin_pipe().tag(tag.clone());
        let mut running = reach.stream(command).await?;
        let unheard = || TakeError::ours("the program at the other place cannot be heard");
        let (input, output) = (running.take_stdin().ok_or_else(unheard)?, running.take_stdout().ok_or_else(unheard)?);
        let mut talk = Talk { input, said: listen(output) };
        talk.say(&self.errand(luggage)?).await;
        let became = self.hear(&mut talk, &tag).await;
        // Whatever is still at work there stops when its input ends.
        let _ = timeout(STOPPING, talk.input.shutdown()).await;
        match became? {
            Heard::Became(became) => {
                let _ = timeout(STOPPING, running.wait()).await;
                Ok(became)
            }
            Heard::Nothing(begun) => {
                let error = self.lost(&reach, running, tag).await;
                match begun {
                    Some(point) => Ok(Became::Ended { point, done: Box::new(Err(error)) }),
                    None => Err(error),
                }
            }
        }
    }

    /// What it needs to be let in everywhere, or why it is not sent. A component that cannot be asked is told at once.
    async fn luggage(&self) -> Result<Result<Luggage, String>, BackupError> {
        let (mut luggage, secrets) = (Luggage::default(), self.with.secrets);
        let component = self.wanted.component.as_backup();
        for used in component.asked_with() {
            let added = luggage.add(used, secrets).await;
            added.map_err(|error| TakeError::Contact(ContactError::from(error)))?;
        }
        luggage.add_authorities(&component).await;
        for other in self.others() {
            for used in other.asked_with() {
                // One that cannot be asked is told there.
                let _ = luggage.add(used, secrets).await;
            }
            luggage.add_authorities(other).await;
        }
        for store in &self.wanted.stores {
            for used in store.written_with() {
                if let Err(error) = luggage.add(used, secrets).await {
                    return Ok(Err(format!("{}: {error}", store.name)));
                }
            }
        }
        Ok(Ok(luggage))
    }

    /// Who may be asked in place of the component: its replicas are found among those of its kind.
    fn others(&self) -> impl Iterator<Item = &Component> {
        let own = self.wanted.component;
        let is_other = move |it: &&Component| it.kind == Kind::Redis && it.kind == own.kind && it.name != own.name;
        self.plan.component.iter().filter(is_other)
    }

    fn errand(&self, luggage: Luggage) -> Result<String, BackupError> {
        let (plan, wanted) = (self.plan, self.wanted);
        // What lies at the place is here for whoever is there.
        let is_there = |reach: &Option<Place>| reach.as_ref() == Some(self.at);
        let mut component: Vec<Component> =
            std::iter::once(wanted.component.as_backup()).chain(self.others().cloned()).collect();
        component.iter_mut().filter(|it| is_there(&it.reach)).for_each(|it| it.reach = None);
        let mut store: Vec<Store> = wanted.stores.iter().map(|store| (*store).clone()).collect();
        store.iter_mut().filter(|it| is_there(&it.reach)).for_each(|it| it.reach = None);
        let job = [Job { at: None, ..wanted.job.clone() }];
        let errand = Errand {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            now: self.with.clock.now(),
            plan: PartOfPlan { platform: &plan.platform, component, job, store },
            place: place(plan, wanted, self.with),
            origin: origin(plan, wanted),
            rate: self.pace.rate(),
            nice: rustix::process::getpriority_process(None).unwrap_or(0),
            luggage,
        };
        Ok(serde_json::to_string(&errand).map_err(TakeError::ours)?)
    }

    /// Hears it to its end; nothing where it ended without a last word.
    async fn hear(&self, talk: &mut Talk, tag: &Tag) -> Result<Heard, BackupError> {
        let mut point = None;
        let stop = &self.pace.stop;
        let mut beat = interval(OFTEN);
        let mut until = Instant::now() + SILENCE;
        let mut is_stopping = false;
        loop {
            tokio::select! {
                said = talk.said.recv() => {
                    if !is_stopping {
                        until = Instant::now() + SILENCE;
                    }
                    match said {
                        Some(Said::Begun { point: begun, doubts }) => {
                            if let Some((store, error)) = doubts.first() {
                                let why = format!("{store} cannot be used from there: {error}");
                                return Ok(Heard::Became(Became::NotThere(why)));
                            }
                            let worked = way::there(self.at, &self.wanted.stores);
                            events::started(self.journal, self.wanted, &begun, (Some(&worked), Some(tag))).await?;
                            point = Some(begun);
                            talk.say(GO).await;
                        }
                        Some(Said::Bytes(bytes)) => self.pace.progress.reached(bytes),
                        Some(Said::Ended(ended)) => {
                            let done = ended.map_err(BackupError::There);
                            return match point.take() {
                                Some(point) => Ok(Heard::Became(Became::Ended { point, done: Box::new(done) })),
                                None => done.map(|_| Heard::Nothing(None)),
                            };
                        }
                        None => return Ok(Heard::Nothing(point)),
                    }
                }
                () = sleep_until(until) => return Ok(Heard::Nothing(point)),
                () = stop.cancelled(), if !is_stopping => {
                    is_stopping = true;
                    until = Instant::now() + STOPPING;
                    talk.say(STOP).await;
                }
                _ = beat.tick() => talk.say(BEAT).await,
            }
        }
    }

    /// It went away, or is silent: what may still be there is ended over a way of its own.
    async fn lost(&self, reach: &Reach, running: Running, tag: Tag) -> BackupError {
        running.cancel();
        let output = running.wait().await;
        if self.pace.stop.is_cancelled() {
            return self.called_off();
        }
        let is_its_own_end = output.ending.is_known() && output.ending != Ending::Exited(0);
        if is_its_own_end && let Err(error) = output.ok() {
            return error.into();
        }
        let left = reach.end(&tag, STOPPING).await.err().map(|error| error.to_string());
        BackupError::Broken { place: reach.place().to_owned(), tag, left }
    }

    fn called_off(&self) -> BackupError {
        TakeError::CalledOff { component: self.wanted.component.name.clone() }.into()
    }
}

/// Both ways to whoever works there.
struct Talk {
    input: Input,
    said: mpsc::Receiver<Said>,
}

impl Talk {
    /// Says a line. That nobody hears it is learnt by what comes back.
    async fn say(&mut self, line: &str) {
        let _ = timeout(SILENCE, async {
            self.input.write_all(format!("{line}\n").as_bytes()).await?;
            self.input.flush().await
        })
        .await;
    }
}

/// Reads what is said, until something comes that is no word of ours.
fn listen(output: Stdout) -> mpsc::Receiver<Said> {
    let (say, said) = mpsc::channel(16);
    tokio::spawn(async move {
        let mut lines = BufReader::new(output);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut lines).take(LONGEST).read_until(b'\n', &mut line).await;
            let Ok(1..) = read else { return };
            let Ok(word) = serde_json::from_slice(&line) else { return };
            if say.send(word).await.is_err() {
                return;
            }
        }
    });
    said
}
