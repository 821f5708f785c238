//! Removing recovery points from stores: what one restores from first, the manifest last, so that half of one never
//! looks like something to restore from.

use super::{ExpireError, Expired, Gone, events};
use crate::journal::Journal;
use crate::plan::Plan;
use crate::systems::Contact;
use crate::text::{Shape, untrusted};
use crate::vault::retention::{Judged, Series};
use crate::vault::{Copied, Media, MediaError, Note, note_key};

type Going<'a, 'c> = (&'a Series<'c>, &'a Judged<'c>);

/// Removes a batch. What cannot be removed is told, and does not keep the others.
pub async fn batch(
    plan: &Plan,
    batch: &[Going<'_, '_>],
    journal: &Journal,
    with: &Contact<'_>,
    expired: &mut Expired,
) -> Result<(), ExpireError> {
    let mut open = Vec::new();
    for going in batch {
        let (series, judged) = going;
        match opened(plan, &series.store, judged.copied, with).await {
            Ok(media) => open.push((going, media)),
            Err(why) => expired.left.push((series.store.clone(), judged.point.id.clone(), why)),
        }
    }
    events::removing(journal, &open.iter().map(|(going, _)| *going).collect::<Vec<_>>()).await?;
    for (going, media) in open {
        let (series, judged) = *going;
        let (store, point) = (series.store.clone(), judged.point.id.clone());
        let removed = remove(&media, &point, judged.copied).await;
        let trouble = removed.err().map(|error| untrusted(error.to_string(), Shape::line(300)));
        events::ended(journal, *going, trouble.as_deref()).await?;
        match trouble {
            None => expired.gone.push(Gone { store, point, bytes: judged.copied.size() }),
            Some(why) => expired.left.push((store, point, why)),
        }
    }
    Ok(())
}

/// The store, if nothing in it forbids to remove this; else why not.
async fn opened(plan: &Plan, store: &str, copied: &Copied, with: &Contact<'_>) -> Result<Media, String> {
    let store = plan.store.iter().find(|known| known.name == store).ok_or("the plan has no such store")?;
    let told = |error: MediaError| untrusted(error.to_string(), Shape::line(300));
    let media = Media::open(store, with.secrets).await.map_err(told)?;
    for key in keys(copied) {
        if let Some(why) = media.locked(key, with.clock.now()).await.map_err(told)? {
            return Err(why);
        }
    }
    Ok(media)
}

async fn remove(media: &Media, point: &str, copied: &Copied) -> Result<(), MediaError> {
    // Scripts leave no manifest that would miss the first file once it is gone.
    let is_marked = copied.manifest().is_some() || copied.notes.iter().any(|(note, ..)| *note == Note::Begun);
    let begun = match copied.artefacts.as_slice() {
        [(_, first), _, ..] if !is_marked => Some(note_key(&first.key, point, Note::Begun)),
        _ => None,
    };
    if let Some(begun) = &begun {
        media.put(begun, point.as_bytes().to_vec()).await?;
    }
    for key in keys(copied) {
        media.remove(key).await?;
    }
    match begun {
        Some(begun) => media.remove(&begun).await,
        None => Ok(()),
    }
}

/// Its files in the order in which they go.
fn keys(copied: &Copied) -> impl Iterator<Item = &str> {
    let mut artefacts: Vec<_> = copied.artefacts.iter().collect();
    // What it is known by goes last, so that what is left is judged among its like.
    artefacts.sort_by_key(|(sort, _)| std::cmp::Reverse(*sort));
    let artefacts = artefacts.into_iter().map(|(_, file)| file.key.as_str());
    let mut notes: Vec<_> = copied.notes.iter().collect();
    // What says that it is not whole, and not to be trusted, stays the longest.
    notes.sort_by_key(|(note, ..)| match note {
        Note::Verified | Note::Proven | Note::Thawing => 0,
        Note::Tainted => 1,
        Note::Begun => 2,
        Note::Manifest => 3,
    });
    artefacts.chain(notes.into_iter().map(|(_, file, _)| file.key.as_str()))
}
