//! Removing recovery points from stores: what one restores from first, the manifest last, so that half of one never
//! looks like something to restore from.

use super::{Expired, Gone, deposit, events};
use crate::journal::{Journal, JournalError};
use crate::protect::hold;
use crate::protect::keepers::Keepers;
use crate::systems::Contact;
use crate::text::{Shape, untrusted};
use crate::vault::retention::{Fate, Judged, Series, fate};
use crate::vault::{Catalogue, Copied, Media, MediaError, Note, note_key};

/// A recovery point in a store that is to go.
pub type Going<'a, 'c> = (&'a Series<'c>, &'a Judged<'c>);

/// One that is removed, with the store that it lies in.
struct Opened<'a, 'c> {
    going: Going<'a, 'c>,
    fate: Option<Fate>,
    media: Media,
}

/// What is needed to remove any.
pub struct Removal<'a> {
    /// The stores that it lies in, and whether somebody holds.
    pub watch: &'a hold::Watch,
    /// Everything that lies anywhere.
    pub catalogue: &'a Catalogue,
    /// Who keeps something itself.
    pub keepers: Keepers<'a>,
    /// What is told of it.
    pub journal: &'a Journal,
    /// How it is reached.
    pub with: &'a Contact<'a>,
}

impl Removal<'_> {
    /// Removes a batch, until somebody holds. What cannot be removed is told, and does not keep the others.
    pub async fn batch(&self, batch: &[Going<'_, '_>], expired: &mut Expired) -> Result<(), JournalError> {
        let mut open = Vec::new();
        for going in batch {
            let (series, judged) = going;
            let fate = self.fate(judged, expired);
            match self.opened(&series.store, judged.copied).await {
                Ok(media) => open.push(Opened { going: *going, fate, media }),
                Err(why) => expired.left.push((series.store.clone(), judged.point.id.clone(), why)),
            }
        }
        events::removing(self.journal, open.iter().map(|it| (it.going, it.fate.as_ref()))).await?;
        for Opened { going, fate, media } in open {
            let (series, judged) = going;
            let (store, point) = (series.store.clone(), judged.point.id.clone());
            // Asked anew before each: what is held from now on stays.
            if expired.stopped.is_none() {
                expired.stopped = self.watch.stop().await;
            }
            let removed = match &expired.stopped {
                Some(why) => Err(why.clone()),
                None => self.remove(&media, going, fate.as_ref()).await,
            };
            let trouble = removed.err().map(|why| untrusted(why, Shape::line(500)));
            let told = events::ended(self.journal, (going, fate.as_ref()), trouble.as_deref()).await;
            let deposit = fate.and_then(|fate| match fate {
                Fate::Goes(deposit) => Some(deposit),
                Fate::Stays(..) | Fate::Waits(..) => None,
            });
            match trouble {
                None => expired.gone.push(Gone { store, point, bytes: judged.copied.size(), deposit }),
                Some(why) => expired.left.push((store, point, why)),
            }
            told?;
        }
        Ok(())
    }

    /// What becomes of what its system keeps of it, by what has really gone so far.
    fn fate(&self, judged: &Judged<'_>, expired: &Expired) -> Option<Fate> {
        let is_gone = |store: &str, point: &str| expired.gone.iter().any(|it| it.store == store && it.point == point);
        fate(self.catalogue, judged.point, judged.copied, &is_gone)
    }

    /// The store, if nothing in it forbids to remove this; else why not.
    async fn opened(&self, store: &str, copied: &Copied) -> Result<Media, String> {
        let told = |error: MediaError| untrusted(error.to_string(), Shape::line(300));
        let media = self.watch.media(store)?;
        for key in keys(copied) {
            if let Some(why) = media.locked(key, self.with.clock.now()).await.map_err(told)? {
                return Err(why);
            }
        }
        Ok(media)
    }

    async fn remove(&self, media: &Media, going: Going<'_, '_>, fate: Option<&Fate>) -> Result<(), String> {
        let mark = match fate {
            Some(fate) => deposit::remove(&self.keepers, media, going, fate, self.with).await?,
            None => None,
        };
        let (_, judged) = going;
        files(media, &judged.point.id, judged.copied, mark).await.map_err(|error| error.to_string())
    }
}

/// Removes its files, and then a note about it that was not there before.
async fn files(media: &Media, point: &str, copied: &Copied, mark: Option<String>) -> Result<(), MediaError> {
    // Scripts leave no manifest that would miss the first file once it is gone.
    let is_marked = copied.manifest().is_some() || copied.is_begun();
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
    for key in begun.iter().chain(&mark) {
        media.remove(key).await?;
    }
    Ok(())
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
