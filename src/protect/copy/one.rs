//! One recovery point into one store that lacks it, from the best copy there is.

use futures_util::StreamExt;

use crate::journal::host;
use crate::plan::Plan;
use crate::plan::types::Store;
use crate::protect::verify::{How, verify};
use crate::systems::Contact;
use crate::text::Size;
use crate::vault::{
    Copied, Copying, Media, MediaError, Note, Pace, Point, Progress, Reader, Readiness, State, Tickets,
};

/// Where to, and with what.
pub struct Way<'a> {
    pub plan: &'a Plan,
    pub to: &'a Store,
    pub tickets: &'a Tickets,
    pub progress: &'a Progress,
    /// So many bytes a second at most.
    pub rate: Option<Size>,
}

/// Why a recovery point was not copied.
#[derive(Debug)]
pub enum NotYet {
    /// Something has to come first: its thaw, or what another does.
    Waits(String),
    /// It could not be.
    Failed(String),
}

/// Copies it; nothing where it has come there meanwhile.
pub async fn copy_one(way: &Way<'_>, point: &Point, with: &Contact<'_>) -> Result<Option<u64>, NotYet> {
    let Way { plan, to, tickets, progress, rate } = *way;
    if let Some(why) = in_the_way(point, to) {
        return Err(NotYet::Failed(format!(
            "what lies there is not whole, and not of a copy that broke off: {why}; remove its files there, and it is copied anew"
        )));
    }
    let store_of = |copied: &Copied| plan.store.iter().find(|store| store.name == copied.store);
    let mut sources: Vec<&Copied> = point.copies.iter().filter(|copied| copied.state().is_restorable()).collect();
    // What was kept from a copy is missing in all that are made of it.
    sources.sort_by_key(|copied| std::cmp::Reverse((copied.is_full(), copied.state())));
    let mut why = "no copy of it can be read".to_owned();
    let mut frozen = Vec::new();
    for source in sources {
        let Some(from) = store_of(source) else { continue };
        if !is_readable(from, point, source, with).await {
            frozen.push((from, source));
            continue;
        }
        // A bad copy is worse than none: it looks like one.
        if source.state() == State::Present && !is_whole(plan, point, source, with).await {
            why = format!("the copy in {} is not whole", source.store);
            continue;
        }
        let pace = Pace::until(with.stop.clone()).at_most(rate).counted_in(progress);
        let copying = Copying { from, to, pace: &pace, secrets: with.secrets, tickets };
        match copying.copy(point, source).await {
            Ok(bytes) => return Ok(bytes),
            Err(error) => why = error.to_string(),
        }
    }
    // Only what lies nowhere else is worth its thaw.
    match frozen.first() {
        Some((from, source)) => Err(thaw(from, point, source, with).await),
        None => Err(NotYet::Failed(why)),
    }
}

/// Why it is not copied there: nothing existing is overwritten, however little it is worth.
fn in_the_way(point: &Point, to: &Store) -> Option<String> {
    let there = point.copies.iter().find(|copied| copied.store == to.name)?;
    let has = |wanted: Note| there.notes.iter().any(|(note, ..)| *note == wanted);
    let is_ours_to_go_on_with = there.is_bare || has(Note::Begun) && !has(Note::Manifest);
    let is_there = !there.artefacts.is_empty() || has(Note::Manifest);
    (is_there && !is_ours_to_go_on_with).then(|| there.state().why().unwrap_or_default().to_owned())
}

/// Whether a copy can be read at once. One that cannot be asked tells when it is read.
async fn is_readable(from: &Store, point: &Point, source: &Copied, with: &Contact<'_>) -> bool {
    let Ok(media) = Media::open(from, with.secrets).await else { return true };
    let reader = Reader { store: from, media: &media, clock: with.clock, host: &host::name(), asks: false };
    matches!(reader.look(point, source).await, Ok(Readiness::Now) | Err(_))
}

/// Asks for the thaw of a copy, unless somebody has.
async fn thaw(from: &Store, point: &Point, source: &Copied, with: &Contact<'_>) -> NotYet {
    let failed = |error: MediaError| NotYet::Failed(error.to_string());
    let media = match Media::open(from, with.secrets).await {
        Ok(media) => media,
        Err(error) => return failed(error),
    };
    let reader = Reader { store: from, media: &media, clock: with.clock, host: &host::name(), asks: true };
    match reader.look(point, source).await {
        Ok(Readiness::Thawing(known)) => {
            let told = known.and_then(|known| known.told(with.clock.now())).unwrap_or_else(|| "it thaws".to_owned());
            NotYet::Waits(format!("archived in {}, {told}", from.name))
        }
        Ok(_) => NotYet::Waits(format!("it has just thawed in {}", from.name)),
        Err(error) => failed(error),
    }
}

async fn is_whole(plan: &Plan, point: &Point, source: &Copied, with: &Contact<'_>) -> bool {
    let alone = Point { copies: vec![source.clone()], ..point.clone() };
    let points = [&alone];
    let mut copies = std::pin::pin!(verify(plan, &points, How::default(), Progress::default(), with));
    match copies.next().await {
        Some(verified) => verified.is_whole(),
        None => false,
    }
}
