//! One store that a recovery point goes to.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use crate::plan::types::{Store, StoreKind};
use crate::reach::Secrets;
use crate::text::{Shape, untrusted};
use crate::vault::layout::Place;
use crate::vault::manifest::{File, Manifest, NotWritten};
use crate::vault::media::{Media, MediaError, Staged, Tickets, Trouble};
use crate::vault::naming::Note;
use crate::vault::pass::{Seal, SealError};

/// How long a store may take to say whether something is there.
const LOOKS: Duration = Duration::from_secs(20);
/// How long it may take to give what it holds its name.
const ENDS: Duration = Duration::from_mins(10);

/// A store, and what of the recovery point it has so far.
pub(super) struct Aim {
    pub store: String,
    pub kind: StoreKind,
    /// The way there, or why it gets no more.
    pub way: Result<Media, MediaError>,
    pub recipients: Vec<String>,
    pub staged: Vec<(File, Staged)>,
    /// What is kept from it, as it would lie open there, a sentence each.
    pub withheld: Vec<String>,
}

impl Aim {
    pub async fn at(store: &Store, secrets: &Secrets, tickets: &Tickets) -> Aim {
        // Nobody takes the same once more: what breaks off is given up, now or by whoever finds its ticket.
        let way = Media::open(store, secrets).await.map(|media| media.keeping(tickets, false));
        let recipients = store.encrypt_to.clone();
        let unsealed = |error: SealError| MediaError {
            next: Some("Write recipients into `encrypt_to`, as `age-keygen -y KEY` prints them: age1…".to_owned()),
            ..MediaError::new(&store.name, Trouble::Refused, format!("`encrypt_to`: {error}"))
        };
        let way = Seal::to(&recipients).map_err(unsealed).and(way);
        Aim { store: store.name.clone(), kind: store.kind, way, recipients, staged: Vec::new(), withheld: Vec::new() }
    }

    /// Whether something of this name is there.
    pub async fn has(&self, place: &Place) -> Result<bool, MediaError> {
        in_time(&self.store, LOOKS, self.look(place)).await
    }

    async fn look(&self, place: &Place) -> Result<bool, MediaError> {
        let media = self.way.as_ref().map_err(Clone::clone)?;
        let notes = [Note::Manifest, Note::Begun];
        let notes: Vec<String> =
            notes.iter().flat_map(|note| place.notes_of_any_rhythm(self.kind, note.ending())).collect();
        let looks = join_all(notes.iter().map(|key| media.has(key))).await;
        let looks = looks.into_iter().collect::<Result<Vec<bool>, MediaError>>()?;
        Ok(looks.contains(&true))
    }

    pub async fn finish(
        self,
        place: &Place,
        manifest: &impl Fn(Vec<File>, Vec<String>) -> Manifest,
    ) -> (String, Result<Manifest, MediaError>) {
        let name = self.store.clone();
        let done = match self.way.clone() {
            Ok(media) => in_time(&name, ENDS, self.publish(&media, place, manifest)).await,
            Err(trouble) => Err(trouble),
        };
        (name, done.map_err(|error| MediaError { why: untrusted(&error.why, Shape::line(300)), ..error }))
    }

    async fn publish(
        self,
        media: &Media,
        place: &Place,
        manifest: &impl Fn(Vec<File>, Vec<String>) -> Manifest,
    ) -> Result<Manifest, MediaError> {
        let note = |note: Note| place.note(self.kind, note.ending());
        let unwritable = |error: NotWritten| MediaError::new(&self.store, Trouble::Other, error.to_string());
        if self.staged.is_empty() {
            let why = "all that was taken is secret, and it has no `encrypt_to`: nothing of it may lie there";
            return Err(MediaError::new(&self.store, Trouble::Refused, why));
        }
        let begun = note(Note::Begun);
        let (files, staged): (Vec<File>, Vec<Staged>) = self.staged.into_iter().unzip();
        let manifest = manifest(files, self.withheld);
        let bytes = manifest.bytes().map_err(unwritable)?;
        // Whoever finds files of ours without a manifest must be able to tell that they are not whole together.
        media.put_new(&begun, place.id().into_bytes()).await?;
        let mut published = Vec::new();
        for (file, staged) in manifest.files.iter().zip(staged) {
            if let Err(error) = staged.publish().await {
                let is_unsure = may_be_there(media, &file.key, &error).await;
                take_back(media, &published, (!is_unsure).then_some(&begun)).await;
                return Err(error);
            }
            published.push(file.key.as_str());
        }
        if let Err(error) = media.put_new(&note(Note::Manifest), bytes).await {
            take_back(media, &published, Some(&begun)).await;
            return Err(error);
        }
        // It is whole; what is left of its beginning is only untidy.
        let _ = media.remove(&begun).await;
        Ok(manifest)
    }
}

/// Whether a file may have got its name although that failed. It may be another's, and is not ours to remove then.
async fn may_be_there(media: &Media, key: &str, error: &MediaError) -> bool {
    match error.trouble {
        Trouble::Exists => false,
        // The answer was lost, and it may be done later still.
        Trouble::Stalled => true,
        _ => !matches!(media.has(key).await, Ok(false)),
    }
}

/// Removes what was just published: it belongs to no recovery point. What may be there all the same stays marked as
/// begun and not ended: then `begun` is nothing.
async fn take_back(media: &Media, published: &[&str], begun: Option<&String>) {
    for key in published {
        if media.remove(key).await.is_err() {
            // It stays marked as begun and not ended.
            return;
        }
    }
    if let Some(begun) = begun {
        let _ = media.remove(begun).await;
    }
}

/// What a store says, if it says anything within this: a drive that hangs does so for ever.
async fn in_time<T>(
    store: &str,
    patience: Duration,
    asked: impl Future<Output = Result<T, MediaError>>,
) -> Result<T, MediaError> {
    let silent = || MediaError::new(store, Trouble::Stalled, format!("no answer for {} s", patience.as_secs()));
    timeout(patience, asked).await.unwrap_or_else(|_| Err(silent()))
}
