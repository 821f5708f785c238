//! The far end: takes what the errand says, and tells how it goes.

use std::io;
use std::path::Path;

use tempfile::TempDir;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;

use super::far_clock::FarClock;
use super::{BEAT, Errand, GO, OFTEN, SILENCE, STOPPING, Said, Told};
use crate::plan::Plan;
use crate::protect::backup::deliver::deliver;
use crate::protect::copy::sweep;
use crate::reach::{self, Reach, Secrets};
use crate::systems::{Contact, Subject};
use crate::text::{Exit, Explain, Redactor};
use crate::vault::{Delivered, Pace, Taking, Tickets};

/// No errand is longer.
const LONGEST: u64 = 64 << 20;

/// Why nothing was begun.
#[derive(Debug, thiserror::Error)]
pub enum NotServed {
    /// What came on standard input is no errand.
    #[error("standard input holds no errand of another bastion: {0}")]
    NoErrand(serde_json::Error),
    /// Somebody else wrote it.
    #[error("the errand was written by version {0}, and this is {own}", own = env!("CARGO_PKG_VERSION"))]
    Version(String),
    /// It cannot be read, or nothing can be made of it here.
    #[error("the errand cannot be used here: {0}")]
    Unusable(#[from] io::Error),
}

impl Explain for NotServed {
    fn next_step(&self) -> String {
        "This verb is started by another bastion, of the same version; `lifeboat backup` is for people.".to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// Reads an errand, does it, and tells how it goes, until it is done, stopped, or nobody is there any more.
pub async fn serve<I, O>(mut input: I, output: O, redactor: &Redactor, stop: CancellationToken) -> Result<(), NotServed>
where
    I: AsyncBufRead + Send + Unpin + 'static,
    O: AsyncWrite + Send + Unpin + 'static,
{
    let mut errand = read(&mut input).await?;
    // Gone with this value; nobody else may look into it.
    let folder = || tempfile::Builder::new().prefix("lifeboat-there-").tempdir();
    let folder = errand.luggage.has_files().then(folder).transpose()?;
    let secrets = Secrets::new(redactor).cancelled_by(stop.clone());
    errand.luggage.unpack(&mut errand.plan, &secrets, folder.as_ref().map_or(Path::new(""), TempDir::path))?;
    if errand.nice > 0 {
        let _ = rustix::process::nice(errand.nice);
    }
    let (say, said) = mpsc::channel(16);
    let telling = tokio::spawn(tell(said, output, stop.clone()));
    let (go, may_go) = oneshot::channel();
    tokio::spawn(hear(input, go, stop.clone()));
    let clock = FarClock::showing(errand.now);
    let settings = reach::Settings { redactor: redactor.clone(), ..reach::Settings::default() };
    let with = Contact { secrets: &secrets, reach: &settings, clock: &clock, stop: stop.clone(), only_looks: false };
    let given_up = async {
        stop.cancelled().await;
        tokio::time::sleep(STOPPING).await;
    };
    let ended = tokio::select! {
        ended = work(&errand, may_go, &say, &with) => ended,
        () = given_up => Err(called_off()),
    };
    let _ = say.send(Said::Ended(Box::new(ended))).await;
    drop(say);
    let _ = timeout(STOPPING, telling).await;
    Ok(())
}

async fn read(input: &mut (impl AsyncBufRead + Unpin)) -> Result<Errand<Plan>, NotServed> {
    let mut line = Vec::new();
    let reading = input.take(LONGEST).read_until(b'\n', &mut line).await;
    reading?;
    let version: Version = serde_json::from_slice(&line).map_err(NotServed::NoErrand)?;
    if version.version != env!("CARGO_PKG_VERSION") {
        return Err(NotServed::Version(version.version));
    }
    serde_json::from_slice(&line).map_err(NotServed::NoErrand)
}

#[derive(serde::Deserialize)]
struct Version {
    version: String,
}

/// Hears whether it may go on; a silence, an end and every other word mean that it shall stop.
async fn hear(input: impl AsyncBufRead + Unpin, go: oneshot::Sender<()>, stop: CancellationToken) {
    let (mut lines, mut go) = (input.lines(), Some(go));
    while let Ok(Ok(Some(line))) = timeout(SILENCE, lines.next_line()).await {
        match line.as_str() {
            GO => drop(go.take().map(|go| go.send(()))),
            BEAT => {}
            _ => break,
        }
    }
    stop.cancel();
}

/// Writes what is said, a line each. Where nobody reads it, the work is of no use to anybody.
async fn tell(mut said: mpsc::Receiver<Said>, mut output: impl AsyncWrite + Unpin, stop: CancellationToken) {
    while let Some(said) = said.recv().await {
        let Ok(mut line) = serde_json::to_vec(&said) else { continue };
        line.push(b'\n');
        if output.write_all(&line).await.is_err() || output.flush().await.is_err() {
            stop.cancel();
            return;
        }
    }
}

/// What is on its way to buckets from this place is kept beside the copies of the program.
fn tickets() -> Tickets {
    let program = std::env::current_exe().unwrap_or_default();
    Tickets::in_state(program.parent().unwrap_or(&program))
}

async fn work(
    errand: &Errand<Plan>,
    may_go: oneshot::Receiver<()>,
    say: &mpsc::Sender<Said>,
    with: &Contact<'_>,
) -> Result<Delivered, Told> {
    let plan = &errand.plan;
    let (Some(component), Some(job)) = (plan.component.first(), plan.job.first()) else { return Err(called_off()) };
    let pace = Pace::until(with.stop.clone()).at_most(errand.rate);
    let stores: Vec<_> = plan.store.iter().collect();
    let tickets = tickets();
    sweep(plan.store.iter(), &tickets, with).await;
    let means = (with.secrets, &tickets);
    let taking = Taking::begin(errand.place.clone(), &stores, pace.clone(), means, with.clock).await;
    let begun = Said::Begun { point: taking.point(), doubts: taking.doubts().to_vec() };
    let _ = say.send(begun).await;
    tokio::select! {
        go = may_go => go.map_err(|_| called_off())?,
        () = with.stop.cancelled() => return Err(called_off()),
    }
    let here = Reach::here(with.secrets.redactor());
    let taken = deliver(Subject { component, plan }, (job, &here), errand.origin.clone(), taking, with);
    let beats = async {
        let mut beat = interval(OFTEN / 5);
        loop {
            beat.tick().await;
            let _ = say.try_send(Said::Bytes(pace.progress.bytes()));
        }
    };
    tokio::select! {
        taken = taken => taken.map_err(|error| Told::of(&error)),
        () = beats => Err(called_off()),
    }
}

fn called_off() -> Told {
    Told {
        why: "it was called off".to_owned(),
        next: "Nothing was kept of it; take it again when you want it.".to_owned(),
        exit: Exit::Interrupted,
    }
}
