//! Reads what one would restore from, to its end, as what it claims to be; what was found is kept beside it, so that
//! tomorrow only what is new is read.

mod archived;
mod deposit;
mod expected;
mod file;
mod job;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::OnceCell;

use crate::journal::host;
use crate::plan::Plan;
use crate::plan::types::Store;
use crate::protect::unlock::keys;
use crate::systems::Contact;
use crate::systems::artefact::Look;
use crate::vault::{
    Copied, Found, Holding, Keys, Media, MediaError, Note, Point, Progress, Reader, Receipt, Sort, State, Trouble,
    note_key,
};

use archived::archived;
use deposit::{Asked, is_good_enough};
use file::From;

pub use archived::{Archived, thawed};
pub use expected::{Strange, strange};
pub use job::of_job;

/// So many copies are read at once.
const AT_ONCE: usize = 2;

/// A copy of a recovery point, and what became of reading it.
#[derive(Clone, Debug)]
pub struct Verified<'a> {
    /// The recovery point.
    pub point: &'a Point,
    /// The store that it lies in.
    pub store: &'a str,
    /// Its files.
    pub files: Vec<Read<'a>>,
    /// Why it cannot be restored from, before anything of it is read.
    pub broken: Option<String>,
    /// Why it cannot be read yet, where that is only because it is archived.
    pub archived: Option<Archived>,
    /// Whether it was read before, and has not changed since.
    pub is_remembered: bool,
    /// Why what was found could not be kept beside it.
    pub not_kept: Option<String>,
}

/// One file, and what became of reading it.
#[derive(Clone, Debug)]
pub struct Read<'a> {
    /// The file.
    pub file: &'a Holding,
    /// What it claims to be.
    pub sort: Sort,
    /// What became of it.
    pub look: Look,
    /// What `sha256sum` says of it, where it was read.
    pub sha256: String,
    /// How long that took.
    pub took: Duration,
}

impl Verified<'_> {
    /// Whether all of it is whole.
    pub fn is_whole(&self) -> bool {
        self.broken.is_none() && self.files.iter().all(|read| matches!(read.look, Look::Whole(_)))
    }

    /// Why it is not known whether it is whole, where that is so.
    pub fn not_looked(&self) -> Option<&str> {
        let is_flawed = |read: &Read<'_>| matches!(read.look, Look::Flawed(_));
        let mut whys = self.files.iter().filter_map(|read| match &read.look {
            Look::NotLooked(why) => Some(why.as_str()),
            Look::Whole(_) | Look::Flawed(_) => None,
        });
        whys.next().filter(|_| self.broken.is_none() && !self.files.iter().any(is_flawed))
    }
}

/// How it is verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Whether also what was read before is read again.
    pub is_deep: bool,
    /// Whether nothing is written beside it.
    pub only_looks: bool,
    /// Whether the thaw of what is archived is asked for.
    pub thaws: bool,
}

/// Reads every copy of these recovery points, and tells of each in their order.
pub fn verify<'a>(
    plan: &'a Plan,
    points: &'a [&'a Point],
    how: How,
    progress: Progress,
    with: &'a Contact<'a>,
) -> impl Stream<Item = Verified<'a>> {
    let copies = points.iter().flat_map(|point| point.copies.iter().map(move |copied| (*point, copied)));
    let sources = Arc::new(Sources::of(plan, points, progress));
    stream::iter(copies)
        .map(move |(point, copied)| {
            let sources = Arc::clone(&sources);
            async move { one(&sources, point, copied, how, with).await }
        })
        .buffered(AT_ONCE)
}

/// How many bytes that will read.
pub fn to_read(points: &[&Point], how: How) -> u64 {
    let is_read = |copied: &&Copied| {
        let is_broken = matches!(copied.state(), State::Partial(_));
        !is_broken && (how.is_deep || copied.receipt(Note::Verified).is_none())
    };
    points.iter().flat_map(|point| &point.copies).filter(is_read).map(Copied::size).sum()
}

/// The stores of a plan, each opened once, when the first of its copies is read.
struct Sources<'a> {
    stores: Vec<(&'a Store, OnceCell<OpenStore>)>,
    /// What systems say of what they keep themselves.
    asked: Asked<'a>,
    /// Where what is read of them is counted.
    progress: Progress,
}

struct OpenStore {
    media: Result<Media, MediaError>,
    /// What opens its encrypted files, where the plan names it.
    keys: Result<Option<Keys>, String>,
}

impl<'a> Sources<'a> {
    fn of(plan: &'a Plan, points: &[&Point], progress: Progress) -> Sources<'a> {
        let stores = plan.store.iter().map(|store| (store, OnceCell::new())).collect();
        Sources { stores, asked: Asked::of(plan, points), progress }
    }

    async fn get(&self, name: &str, with: &Contact<'_>) -> Option<(&'a Store, &OpenStore)> {
        let (store, open) = self.stores.iter().find(|(store, _)| store.name == name)?;
        let opened =
            async || OpenStore { media: Media::open(store, with.secrets).await, keys: keys(store, with).await };
        Some((store, open.get_or_init(opened).await))
    }
}

async fn one<'a>(
    sources: &Sources<'_>,
    point: &'a Point,
    copied: &'a Copied,
    how: How,
    with: &'a Contact<'a>,
) -> Verified<'a> {
    let mut verified = Verified {
        point,
        store: &copied.store,
        files: Vec::new(),
        broken: None,
        archived: None,
        is_remembered: false,
        not_kept: None,
    };
    if let State::Partial(why) = copied.state() {
        verified.broken = Some(why);
        return verified;
    }
    let before = copied.receipt(Note::Verified).filter(|before| !how.is_deep && is_good_enough(before, copied));
    if let Some(receipt) = before {
        verified.is_remembered = true;
        verified.files = copied.artefacts.iter().map(|(sort, file)| remembered(*sort, file, receipt)).collect();
    } else {
        read(sources, &mut verified, copied, how, with).await;
    }
    let is_news = sources.asked.judge(&mut verified, copied, how.is_deep, with).await;
    let is_told = (before.is_none() || is_news) && verified.archived.is_none();
    if is_told
        && !how.only_looks
        && let Some((_, OpenStore { media: Ok(media), .. })) = sources.get(&copied.store, with).await
    {
        verified.not_kept = keep(media, &verified, with).await.err();
    }
    verified
}

/// Reads the files of a copy to their end.
async fn read<'a>(
    sources: &Sources<'_>,
    verified: &mut Verified<'a>,
    copied: &'a Copied,
    how: How,
    with: &Contact<'_>,
) {
    let Some((store, OpenStore { media, keys })) = sources.get(&copied.store, with).await else { return };
    let none = |error: &MediaError| copied.artefacts.iter().map(|(sort, file)| unread(*sort, file, error)).collect();
    match media {
        Ok(media) => {
            let asks = how.thaws && !how.only_looks;
            let reader = Reader { store, media, clock: with.clock, host: &host::name(), asks };
            if let Some((archived, why)) = archived(&reader, verified.point, copied, with).await {
                verified.files = none(&MediaError::new("", Trouble::Archived, why));
                verified.archived = Some(archived);
                return;
            }
            let from = From { media, keys, manifest: copied.manifest(), progress: &sources.progress };
            for (sort, file) in &copied.artefacts {
                verified.files.push(file::read(&from, (*sort, file), with).await);
            }
        }
        Err(error) => verified.files = none(error),
    }
}

fn unread<'a>(sort: Sort, file: &'a Holding, error: &MediaError) -> Read<'a> {
    Read { file, sort, look: Look::NotLooked(error.to_string()), sha256: String::new(), took: Duration::ZERO }
}

/// What was found before. A flaw stays one until the file is another.
fn remembered<'a>(sort: Sort, file: &'a Holding, receipt: &Receipt) -> Read<'a> {
    let found = receipt.files.iter().find(|found| found.key == file.key);
    let (told, sha256) = found.map_or_else(Default::default, |found| (found.told.clone(), found.sha256.clone()));
    let is_whole = found.map_or(receipt.whole, |found| receipt.is_whole(found));
    let look = if is_whole { Look::Whole(told) } else { Look::Flawed(told) };
    Read { file, sort, look, sha256, took: Duration::ZERO }
}

/// Keeps what was found beside it. What could not be looked at is found by nobody, and looked at again.
async fn keep(media: &Media, verified: &Verified<'_>, with: &Contact<'_>) -> Result<(), String> {
    let is_known = |read: &Read<'_>| !matches!(read.look, Look::NotLooked(_));
    let Some(first) = verified.files.first().filter(|_| verified.files.iter().all(is_known)) else { return Ok(()) };
    let found = |read: &Read<'_>| Found {
        key: read.file.key.clone(),
        bytes: read.file.size,
        written: read.file.written,
        sha256: read.sha256.clone(),
        told: match &read.look {
            Look::Whole(told) | Look::Flawed(told) | Look::NotLooked(told) => told.clone(),
        },
        whole: Some(matches!(read.look, Look::Whole(_))),
    };
    let files = verified.files.iter().map(found).collect();
    let id = &verified.point.id;
    let receipt = Receipt::new(id, with.clock.now(), host::name(), verified.is_whole(), files);
    let bytes = receipt.bytes().map_err(|error| error.to_string())?;
    media.put(&note_key(&first.file.key, id, Note::Verified), bytes).await.map_err(|error| error.to_string())
}
