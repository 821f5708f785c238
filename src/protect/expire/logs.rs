//! Removing what of a log no base needs any more: the oldest first, so that what is left never has a hole.

use super::removal::Removal;
use super::{Expired, LogGone, events};
use crate::journal::JournalError;
use crate::text::{Shape, untrusted};
use crate::vault::Media;
use crate::vault::retention::Needless;

/// So many are told together before the first of them goes; it is asked anew whether somebody holds before each so many.
const BATCH: usize = 100;

/// Removes it, until somebody holds. What cannot be removed ends it: what lies behind is of use as long as that is there.
pub(super) async fn remove(log: &Needless, by: &Removal<'_>, expired: &mut Expired) -> Result<(), JournalError> {
    let media = match by.watch.media(&log.store) {
        Ok(media) => media,
        Err(why) => {
            expired.left.push((log.store.clone(), log.name(), why));
            return Ok(());
        }
    };
    let mut gone = LogGone { store: log.store.clone(), what: log.name(), files: 0, bytes: 0 };
    for batch in log.files.chunks(BATCH) {
        expired.stopped = by.watch.stop().await;
        if by.with.stop.is_cancelled() {
            (expired.stopped, expired.is_called_off) = (Some("it was called off".to_owned()), true);
        }
        if expired.stopped.is_some() {
            break;
        }
        events::removing_log(by.journal, log, batch).await?;
        let trouble = batch_of(batch, &media, by, &mut gone).await.err();
        events::log_ended(by.journal, log, batch, trouble.as_deref()).await?;
        if let Some(why) = trouble {
            expired.left.push((log.store.clone(), log.name(), why));
            break;
        }
    }
    if gone.files > 0 {
        expired.logs.push(gone);
    }
    Ok(())
}

async fn batch_of(batch: &[(String, u64)], media: &Media, by: &Removal<'_>, gone: &mut LogGone) -> Result<(), String> {
    let told = |why: String| untrusted(why, Shape::line(300));
    for (key, bytes) in batch {
        let locked = media.locked(key, by.with.clock.now()).await;
        if let Some(why) = locked.map_err(|error| told(error.to_string()))? {
            return Err(format!("{key}: {why}"));
        }
        for key in Needless::keys_of(key) {
            media.remove(&key).await.map_err(|error| told(error.to_string()))?;
        }
        gone.files += 1;
        gone.bytes += bytes;
    }
    Ok(())
}
