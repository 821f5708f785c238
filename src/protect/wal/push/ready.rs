//! A file of a log as it was handed over: looked at, and packed.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use tokio::task::spawn_blocking;

use super::NotPushed;
use crate::systems::wal;
use crate::text::with_causes;
use crate::vault::log::{Committed, Keeping, LARGEST, LogFile, LogKey, Told, pack};

/// Less than this is packed as quickly by one thread as by two.
const WORTH_TWO: usize = 1 << 20;

/// One that can be kept.
pub(in crate::protect::wal) struct Ready {
    pub key: LogKey,
    pub plain: Vec<u8>,
    pub packed: Vec<u8>,
    pub told: Told,
}

/// Reads a file that is handed over, into this memory, and makes it ready.
pub(super) async fn ready(folder: &str, name: &str, path: &Path, into: Vec<u8>) -> Result<Ready, NotPushed> {
    let no_name = || NotPushed::Name(name.to_owned());
    let file = LogFile::of(name).ok_or_else(no_name)?;
    let key = LogKey::of(folder, name).ok_or_else(no_name)?;
    let unfit = |why: String| NotPushed::Unfit { name: name.to_owned(), why };
    let unreadable = |why: String| NotPushed::Unreadable { path: path.to_owned(), why };
    let at = path.to_owned();
    let read = spawn_blocking(move || read_and_pack(&at, into).map_err(|error| with_causes(&error))).await;
    let (plain, packed) = read.map_err(|error| unfit(with_causes(&error)))?.map_err(unreadable)?;
    spawn_blocking(move || Ready::packed(key, file, plain, packed))
        .await
        .map_err(|error| unfit(with_causes(&error)))?
        .map_err(unfit)
}

impl Ready {
    /// One whose contents are at hand.
    pub async fn of(key: LogKey, file: LogFile, plain: Vec<u8>) -> Result<Ready, String> {
        let ready = move || {
            let packed = pack(&plain).map_err(|error| with_causes(&error))?;
            Ready::packed(key, file, plain, packed)
        };
        spawn_blocking(ready).await.map_err(|error| with_causes(&error))?
    }

    fn packed(key: LogKey, file: LogFile, plain: Vec<u8>, packed: Vec<u8>) -> Result<Ready, String> {
        let told = Told::of(&plain, committed(file, &plain)?);
        let packed = told.behind(packed).map_err(|error| with_causes(&error))?;
        Ok(Ready { key, plain, packed, told })
    }

    /// The same as something that a store keeps.
    pub fn keeping(&self) -> Keeping<'_> {
        Keeping { key: &self.key, plain: &self.plain, packed: &self.packed, told: &self.told }
    }
}

/// Reads a file and packs it, one half of it beside the other: its server waits for that.
fn read_and_pack(path: &Path, into: Vec<u8>) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > LARGEST {
        return Err(io::Error::other("it is larger than any segment"));
    }
    let length = usize::try_from(length).map_err(io::Error::other)?;
    // Memory that is there already costs no time.
    let mut plain = if into.capacity() < length { vec![0; length] } else { into };
    plain.resize(length, 0);
    let middle = if length < WORTH_TWO { length } else { length / 2 };
    let (first, second) = plain.split_at_mut(middle);
    let half = |half: &mut [u8], from: usize| {
        file.read_exact_at(half, from as u64)?;
        pack(half)
    };
    let packed = std::thread::scope(|scope| {
        let second = (!second.is_empty()).then(|| scope.spawn(|| half(second, middle)));
        let mut packed = half(first, 0)?;
        if let Some(second) = second {
            let second =
                second.join().map_err(|_| io::Error::other("whoever packed it came to an unexpected end"))??;
            packed.extend(second);
        }
        Ok::<_, io::Error>(packed)
    })?;
    Ok((plain, packed))
}

/// What is in a segment; why it is none of this name. Damage that its server made is kept with what is before it: nobody
/// else has that.
fn committed(file: LogFile, plain: &[u8]) -> Result<Option<Committed>, String> {
    let name = match file {
        LogFile::Segment(name) => name,
        LogFile::Partial(_) | LogFile::History(_) | LogFile::Label(_) => return Ok(None),
    };
    let (segment, flaw) = match wal::read(plain) {
        Ok(segment) => (segment, None),
        Err(wal::Damage::At { so_far, at, why }) => (*so_far, Some(format!("it is damaged at {at}: {why}"))),
        Err(damage) => return Err(damage.to_string()),
    };
    if name.begins(segment.size) != Some(segment.start.0) {
        return Err(format!("it is the segment that begins at {}", segment.start));
    }
    if segment.timeline > name.timeline {
        return Err(format!("it is of the timeline {}", segment.timeline));
    }
    let wal::Segment { system, timeline, start, commits, first, last, .. } = segment;
    Ok(Some(Committed { system, timeline, start: start.0, commits, first, last, flaw }))
}
