//! What a system keeps itself of a recovery point that goes. It goes before what speaks of it, so that nothing is
//! forgotten; meanwhile that says itself that one cannot restore from it any more.

use super::removal::Going;
use crate::journal::host;
use crate::protect::keepers::Keepers;
use crate::systems::{Contact, NotRemoved};
use crate::vault::retention::Fate;
use crate::vault::{Found, Media, MediaError, Note, Receipt, note_key};

const TOLD: &str = "it is being thrown away, and what its system keeps of it with it";

/// Deletes what its system keeps, where nothing else needs it. Told is the key of a note that has to go with the
/// others.
pub async fn remove(
    keepers: &Keepers<'_>,
    media: &Media,
    (series, judged): Going<'_, '_>,
    fate: &Fate,
    with: &Contact<'_>,
) -> Result<Option<String>, String> {
    let deposit = match fate {
        Fate::Goes(deposit) => deposit,
        Fate::Stays(..) => return Ok(None),
        Fate::Waits(..) => return Err(fate.to_string()),
    };
    let stays = |why: String| format!("it stays, as the snapshot {deposit} could not be deleted: {why}");
    let system = keepers.get(&series.component, with).await.map_err(stays)?;
    let identity = judged.point.manifest().and_then(|manifest| manifest.source.identity.as_deref());
    if !system.has(deposit, identity).await.map_err(|error| stays(error.to_string()))? {
        return Ok(None);
    }
    let mark = Mark::put(media, (series, judged), with).await.map_err(|error| stays(error.to_string()))?;
    let called_off =
        || NotRemoved { why: "it was called off before it was known to be gone".to_owned(), is_whole: false };
    let removed = tokio::select! {
        removed = system.remove(deposit) => removed,
        () = with.stop.cancelled() => Err(called_off()),
    };
    match (removed, mark) {
        (Ok(()), mark) => Ok(mark.map(|mark| mark.key)),
        (Err(NotRemoved { why, is_whole: true }), Some(mark)) => {
            let undone = mark.undo(media).await.err();
            let undone = undone.map_or_else(String::new, |error| format!("; its receipt says so wrongly: {error}"));
            Err(stays(format!("{why}{undone}")))
        }
        (Err(not), _) => Err(stays(not.why)),
    }
}

/// A receipt beside a recovery point that says that it is being thrown away.
struct Mark {
    key: String,
    /// What lay there.
    before: Option<Vec<u8>>,
}

impl Mark {
    /// Nothing where no file of it is left, which says enough.
    async fn put(media: &Media, (_, judged): Going<'_, '_>, with: &Contact<'_>) -> Result<Option<Mark>, MediaError> {
        let copied = judged.copied;
        let Some((_, first)) = copied.artefacts.first() else { return Ok(None) };
        let receipt = copied.receipt(Note::Verified);
        let found = copied.artefacts.iter().map(|(_, file)| Found {
            key: file.key.clone(),
            bytes: file.size,
            written: file.written,
            sha256: String::new(),
            told: TOLD.to_owned(),
            whole: None,
        });
        let id = &judged.point.id;
        let mark = Receipt::new(id, with.clock.now(), host::name(), false, found.collect());
        let key = note_key(&first.key, id, Note::Verified);
        let bytes = |receipt: &Receipt| receipt.bytes().ok();
        let Some(text) = bytes(&mark) else { return Ok(None) };
        media.put(&key, text).await?;
        Ok(Some(Mark { key, before: receipt.and_then(bytes) }))
    }

    async fn undo(&self, media: &Media) -> Result<(), MediaError> {
        match &self.before {
            Some(before) => media.put(&self.key, before.clone()).await,
            None => media.remove(&self.key).await,
        }
    }
}
