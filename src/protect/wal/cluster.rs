//! Whose log lies in a store: that of two servers would be one that leads nowhere.

use serde::{Deserialize, Serialize};

use crate::systems::wal;
use crate::vault::log::{LogError, LogKey, SegmentName};
use crate::vault::{Keys, Media, MediaError, OURS, Trouble};

const LARGEST: u64 = 64 << 10;
const FORM: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct Cluster {
    lifeboat: u32,
    /// The number that a server was given when it was made.
    system: u64,
}

/// Why a store does not take the log of a server.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotOurs {
    #[error(transparent)]
    Media(#[from] MediaError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("the log of another server lies there: its number is {theirs}, and that of this one {ours}")]
    Other { theirs: u64, ours: u64 },
}

/// The number of the server whose log belongs into a folder of a store. The first one there has it: ours, where none is.
pub(super) async fn claim(media: &Media, folder: &str, ours: u64, keys: Option<&Keys>) -> Result<u64, NotOurs> {
    let note = format!("{OURS}/wal/{folder}.json");
    if let Some(theirs) = read(media, &note).await? {
        return Ok(theirs);
    }
    // What lies there already was archived by something else.
    if let Some(theirs) = of_any(media, folder, keys).await?.filter(|theirs| *theirs != ours) {
        return Ok(theirs);
    }
    let said = serde_json::to_vec(&Cluster { lifeboat: FORM, system: ours });
    let said = said.map_err(|error| MediaError::new(&note, Trouble::Other, error.to_string()))?;
    match media.put_new(&note, said).await {
        Err(error) if error.trouble == Trouble::Exists => match read(media, &note).await? {
            Some(theirs) => Ok(theirs),
            None => Err(error.into()),
        },
        written => Ok(written.map(|()| ours)?),
    }
}

async fn read(media: &Media, note: &str) -> Result<Option<u64>, MediaError> {
    let Some(said) = media.get(note, LARGEST).await? else { return Ok(None) };
    let cluster: Result<Cluster, _> = serde_json::from_slice(&said);
    cluster
        .map(|cluster| Some(cluster.system))
        .map_err(|error| MediaError::new(note, Trouble::Other, error.to_string()))
}

/// Whose the newest segment is that lies in the folder; nothing where there is none that can be read.
async fn of_any(media: &Media, folder: &str, keys: Option<&Keys>) -> Result<Option<u64>, NotOurs> {
    let below = format!("{folder}/wal/");
    let listed = media.list().await?;
    let names = listed.iter().filter_map(|holding| holding.key.strip_prefix(&below)?.get(..24));
    let Some(newest) = names.filter_map(SegmentName::of).max() else { return Ok(None) };
    let Some(key) = LogKey::of(folder, &newest.to_string()) else { return Ok(None) };
    let plain = key.fetch(media, keys).await?;
    Ok(plain.and_then(|plain| wal::read(plain.as_slice()).ok()).map(|segment| segment.system))
}
