//! A folder of this machine: what is listed is read by another thread while the list goes on.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, OnceLock, PoisonError};

use rustix::fs::{Mode, OFlags, openat};
use rustix::io::retry_on_intr;

use super::{Known, LARGEST_TOLD, Listing, Sought, TOO_LARGE, Texts, sought, text_of};
use crate::plan::types::Store;
use crate::vault::cache::{Cache, KeptNotes, KeptTexts};
use crate::vault::directory::{Holding, each, list};
use crate::vault::log::{TAIL, told_beside};
use crate::vault::manifest::LARGEST;
use crate::vault::media::Folder;

/// So many notes are handed over at once: fewer are not worth a thread.
const BATCH: usize = 250;

/// A note larger than this is read again each time.
const LARGEST_KEPT: usize = 64 << 10;
/// Together they are no larger than this, whatever lies there.
const ALL_KEPT: usize = 64 << 20;

/// A file, and what it says where it is a note.
type Filed = (Holding, Option<Known>);

/// A file that was read: what it says, and the text, where that is worth keeping.
type Noted = (Holding, Known, Option<Vec<u8>>);

pub(super) async fn look(store: &Store, folder: Folder, cache: Option<&Cache>) -> Result<Listing, String> {
    let path = folder.path("");
    let kept = cache.map(|cache| cache.notes_of(&store.name, path.clone()));
    let looked = move || {
        folder.is_there().map_err(|error| error.to_string())?;
        both(&path, kept.as_ref()).map_err(|error| format!("{}: {error}", path.display()))
    };
    let looked = tokio::task::spawn_blocking(looked).await.map_err(|error| error.to_string())?;
    Ok(Listing { store: store.name.clone(), files: looked?, listed: None })
}

/// What the notes in a folder say, and what is told of the segments of logs, as text.
pub(in crate::vault) fn notes_of(store: &Path) -> io::Result<Texts> {
    let mut opened = Opened::below(store);
    let text = |holding: Holding| {
        let text = opened.text_of(&holding, sought(&holding.key)?);
        Some((holding.key, text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())))
    };
    Ok(list(store)?.into_iter().filter_map(text).collect())
}

/// Every file of a folder, and what its notes say.
fn both(store: &Path, kept: Option<&KeptNotes>) -> io::Result<Vec<Filed>> {
    let (hand_over, batches) = channel();
    let (batches, bytes, texts) = (Mutex::new(batches), OnceLock::new(), OnceLock::new());
    let room = AtomicUsize::new(ALL_KEPT);
    let readers = Readers { store, kept, room: &room, bytes: &bytes, texts: &texts, batches: &batches };
    std::thread::scope(|scope| {
        let hand_over = hand_over;
        let (mut files, mut batch, mut others) = (Vec::new(), Vec::new(), None);
        each(store, |holding| match sought(&holding.key) {
            Some(sought) => {
                batch.push((holding, sought));
                if batch.len() == BATCH {
                    // The receiver lives as long as this does.
                    let _ = hand_over.send(std::mem::take(&mut batch));
                    others.get_or_insert_with(|| scope.spawn(move || readers.read_all()));
                }
            }
            None => files.push((holding, None)),
        })?;
        let _ = hand_over.send(batch);
        drop(hand_over);
        let mut notes = readers.read_all();
        notes.extend(others.and_then(|others| others.join().ok()).unwrap_or_default());
        readers.keep(&notes);
        files.extend(notes.into_iter().map(|(holding, known, _)| (holding, Some(known))));
        Ok(files)
    })
}

/// What reads the notes of a folder, on several threads.
#[derive(Clone, Copy)]
struct Readers<'r> {
    store: &'r Path,
    kept: Option<&'r KeptNotes>,
    /// For so many bytes more there is room among what is kept.
    room: &'r AtomicUsize,
    /// What was kept of them, once somebody has looked.
    bytes: &'r OnceLock<Vec<u8>>,
    texts: &'r OnceLock<KeptTexts<'r>>,
    batches: &'r Mutex<Receiver<Vec<(Holding, Sought)>>>,
}

impl<'r> Readers<'r> {
    /// Reads batch after batch, until there are no more.
    fn read_all(self) -> Vec<Noted> {
        let (mut noted, mut opened) = (Vec::new(), Opened::below(self.store));
        loop {
            let batch = self.batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(batch) = batch else { return noted };
            noted.extend(batch.into_iter().map(|(holding, sought)| self.read(&mut opened, holding, sought)));
        }
    }

    fn read(&self, opened: &mut Opened<'_>, holding: Holding, sought: Sought) -> Noted {
        if let Some(text) = self.texts().and_then(|texts| texts.of(&holding)) {
            let known = Known::sought(sought, &holding.key, Ok(text));
            return (holding, known, None);
        }
        let bytes = opened.text_of(&holding, sought);
        let known = Known::sought(sought, &holding.key, bytes.as_deref().map_err(String::as_str));
        (holding, known, bytes.ok().filter(|bytes| self.kept.is_some() && self.has_room(bytes.len())))
    }

    fn has_room(&self, bytes: usize) -> bool {
        let less = |room: usize| room.checked_sub(bytes);
        bytes <= LARGEST_KEPT && self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }

    fn texts(&self) -> Option<&'r KeptTexts<'r>> {
        let kept = self.kept?;
        Some(self.texts.get_or_init(|| kept.texts(self.bytes.get_or_init(|| kept.bytes()))))
    }

    /// Keeps what was read for the next time.
    fn keep(&self, notes: &[Noted]) {
        let (Some(kept), Some(texts)) = (self.kept, self.texts()) else { return };
        let fresh = notes.iter().filter(|(.., fresh)| fresh.is_some()).count();
        if fresh == 0 {
            return;
        }
        let mut read = Vec::with_capacity(notes.len());
        for (holding, _, fresh) in notes {
            read.extend(fresh.as_deref().or_else(|| texts.of(holding)).map(|text| (holding, text)));
        }
        kept.keep(notes.len() - fresh, &read);
    }
}

/// The folder of a store that was read from last: the next file is most often in it too.
struct Opened<'s> {
    store: &'s Path,
    folder: Option<(String, OwnedFd)>,
}

impl Opened<'_> {
    fn below(store: &Path) -> Opened<'_> {
        Opened { store, folder: None }
    }

    /// What a file says that is read for this.
    fn text_of(&mut self, holding: &Holding, sought: Sought) -> Result<Vec<u8>, String> {
        let Holding { key, size, .. } = holding;
        match sought {
            Sought::Note(_) if *size > LARGEST => Err(TOO_LARGE.to_owned()),
            Sought::Note(_) => self.open(key).and_then(|file| read_once(file, *size)).map_err(|error| told(&error)),
            Sought::Segment => {
                let bytes = match told_beside(key) {
                    Some(note) => self.open(&note).and_then(|file| read_once(file, LARGEST_TOLD)),
                    None => self.open(key).and_then(|file| end_of(&file, *size)),
                };
                text_of(key, &bytes.map_err(|error| told(&error))?).map(String::into_bytes)
            }
        }
    }

    fn open(&mut self, key: &str) -> io::Result<File> {
        let (folder, name) = key.rsplit_once('/').unwrap_or(("", key));
        let folder = match self.folder.take().filter(|(known, _)| known == folder) {
            Some(known) => known,
            None => (folder.to_owned(), File::open(self.store.join(folder))?.into()),
        };
        let (_, at) = self.folder.insert(folder);
        let file = retry_on_intr(|| openat(&*at, name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()))?;
        Ok(file.into())
    }
}

fn told(error: &io::Error) -> String {
    error.to_string()
}

/// The last bytes of a file that had this size a moment ago.
fn end_of(file: &File, size: u64) -> io::Result<Vec<u8>> {
    let length = size.min(TAIL);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    file.read_exact_at(&mut bytes, size - length)?;
    Ok(bytes)
}

/// All of a file that had this size a moment ago, without asking for more than that: there are many.
fn read_once(mut file: File, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(size).unwrap_or_default() + 1];
    let length = file.read(&mut bytes)?;
    bytes.truncate(length);
    // What is shorter than there is room for has come to its end, or was changed meanwhile.
    if length as u64 != size {
        file.take(LARGEST).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
