//! A recovery point from one store into another: its files as they lie, their hashes compared on the way.

use super::layout::Place;
use super::manifest::{File, Manifest, NotWritten};
use super::media::{Media, MediaError, Staged, Tickets};
use super::naming::Note;
use super::open::sum_of;
use super::pass::{Pace, Packing, Route, Seal, Sum, Target, pass};
use super::piece::{KeepError, Source};
use super::point::{Copied, Point};
use super::receipt::note_key;
use crate::plan::types::Store;
use crate::reach::Secrets;

/// Why a recovery point was not copied.
#[derive(Debug, thiserror::Error)]
pub enum NotCopied {
    /// A store refuses.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// It did not get through.
    #[error("{0}")]
    Pass(KeepError),
    /// What came is not what was written.
    #[error("{0} is not what was written: its hash differs")]
    Changed(String),
    /// What lay there already was removed meanwhile.
    #[error("{0} was removed there while it was copied: the next run copies it anew")]
    Gone(String),
    /// Something lies there that nobody can tell is the same.
    #[error(
        "{0} lies there without its manifest, and whether it is the same cannot be seen: remove it there, if it is of no use"
    )]
    InTheWay(String),
    /// Its manifest cannot be written.
    #[error(transparent)]
    Manifest(#[from] NotWritten),
}

/// What a copy is made with.
pub struct Copying<'a> {
    /// From where.
    pub from: &'a Store,
    /// To where.
    pub to: &'a Store,
    /// How fast, and until when.
    pub pace: &'a Pace,
    /// What lets us in.
    pub secrets: &'a Secrets,
    /// Where it is kept what is on its way, so that another run goes on with it.
    pub tickets: &'a Tickets,
}

impl Copying<'_> {
    /// Copies all files of a copy and then its manifest; tells how many bytes the other store has now, or nothing where
    /// it has come there meanwhile. What has broken off there is gone on with: whoever copies must have the right to act
    /// on the component, as what another is writing looks the same.
    pub async fn copy(&self, point: &Point, source: &Copied) -> Result<Option<u64>, NotCopied> {
        let reads = Media::open(self.from, self.secrets).await?;
        let writes = Media::open(self.to, self.secrets).await?.keeping(self.tickets, true);
        let files: Vec<One<'_>> = source.artefacts.iter().map(|(_, file)| One::of(&file.key, source, self)).collect();
        let first = files.first().map(One::key_there).unwrap_or_default();
        let place = source.manifest().and_then(|manifest| Place::of(manifest, &first));
        let note = |note: Note| match &place {
            Some(place) => place.note(self.to.kind, note.ending()),
            None => note_key(&first, &point.id, note),
        };
        let was_begun = writes.has(&note(Note::Begun)).await?;
        // What has lost only its manifest is kept, if it is what would be copied.
        let is_bare = point.copies.iter().any(|copied| copied.store == self.to.name && copied.is_bare);
        let there = match (was_begun, is_bare) {
            (true, _) => There::BrokeOff,
            (false, true) => There::Bare,
            (false, false) => There::Nothing,
        };
        let is_there = match source.manifest() {
            Some(_) => writes.has(&note(Note::Manifest)).await?,
            None => !was_begun && has_all(&writes, &files).await?,
        };
        if is_there {
            return Ok(None);
        }
        let mut staged = Vec::new();
        for one in &files {
            staged.push(one.pass(&reads, &writes, there).await?);
        }
        let written: Vec<File> = staged.iter().filter_map(|(file, _)| file.clone()).collect();
        let bytes = staged.iter().map(|(_, written)| written.bytes).sum();
        let manifest = source.manifest().map(|manifest| Manifest { files: written, ..manifest.clone() });
        let begin = async || writes.put(&note(Note::Begun), point.id.clone().into_bytes()).await;
        begin().await?;
        for (one, (_, written)) in files.iter().zip(staged) {
            match written.staged {
                Some(staged) => drop(staged.publish().await?),
                None if writes.has(&one.key_there()).await? => {}
                // Whoever throws away what was never finished took it, and that note too, perhaps.
                None => {
                    begin().await?;
                    return Err(NotCopied::Gone(one.key_there()));
                }
            }
        }
        if let Some(manifest) = manifest {
            writes.put_new(&note(Note::Manifest), manifest.bytes()?).await?;
        }
        writes.remove(&note(Note::Begun)).await?;
        Ok(Some(bytes))
    }
}

/// A file on its way.
struct One<'a> {
    key: &'a str,
    known: Option<&'a File>,
    manifest: Option<&'a Manifest>,
    /// Its hash, as it was verified.
    verified: Option<&'a str>,
    with: &'a Copying<'a>,
}

/// What lies at the other end already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum There {
    Nothing,
    /// What an earlier copy of ours has left.
    BrokeOff,
    /// Files whose manifest is gone.
    Bare,
}

struct Written {
    bytes: u64,
    /// Nothing where it is there already.
    staged: Option<Staged>,
}

impl<'a> One<'a> {
    fn of(key: &'a str, source: &'a Copied, with: &'a Copying<'a>) -> One<'a> {
        let manifest = source.manifest();
        let known = manifest.and_then(|manifest| manifest.files.iter().find(|file| file.key == key));
        let verified = source.receipt(Note::Verified).and_then(|it| it.files.iter().find(|file| file.key == key));
        One { key, known, manifest, verified: verified.map(|found| found.sha256.as_str()), with }
    }

    /// Where it lies in the other store. What we took has its place in each sort of store; what scripts left lies as it
    /// does.
    fn key_there(&self) -> String {
        let is_sealed = self.is_sealed() || !self.with.to.encrypt_to.is_empty();
        let ours = self.known.zip(self.manifest).and_then(|(file, manifest)| {
            let place = Place::of(manifest, &file.key)?;
            Some(place.key(self.with.to.kind, (file.holds, file.format()), file.packing, is_sealed))
        });
        let more = if is_sealed && !self.is_sealed() { ".age" } else { "" };
        ours.unwrap_or_else(|| format!("{}{more}", self.key))
    }

    fn is_sealed(&self) -> bool {
        self.key.rsplit('.').next() == Some("age")
    }

    async fn pass(&self, reads: &Media, writes: &Media, there: There) -> Result<(Option<File>, Written), NotCopied> {
        let (to, is_sealed) = (self.with.to, self.is_sealed());
        // What is sealed already stays sealed to those who can read it.
        let recipients = if is_sealed { &[][..] } else { &to.encrypt_to[..] };
        let key = self.key_there();
        if there != There::Nothing && writes.has(&key).await? {
            match self.known.filter(|_| recipients.is_empty()) {
                Some(known) if sum(writes, &key).await.is_some_and(|there| there == known.stored) => {
                    let written = Written { bytes: known.stored.bytes, staged: None };
                    return Ok((Some(File { key, ..known.clone() }), written));
                }
                _ if there == There::Bare => return Err(NotCopied::InTheWay(key)),
                // It is what an earlier copy of ours has left that broke off.
                _ => writes.remove(&key).await?,
            }
        }
        let nowhere = |error: super::pass::SealError| NotCopied::Pass(KeepError::Nowhere(error.to_string()));
        let seal = Seal::to(recipients).map_err(nowhere)?;
        let source: Source = Box::pin(reads.stream(self.key).await?);
        let target = Target { store: 0, media: writes.clone(), key: key.clone() };
        let routes = vec![Route { seal, to: vec![target] }];
        let passed = pass(source, Packing::None, routes, self.with.pace).await.map_err(NotCopied::Pass)?;
        let Some(routed) = passed.routes.into_iter().next() else {
            return Err(NotCopied::Pass(KeepError::Nowhere("no store".to_owned())));
        };
        let as_it_lay = routed.inside.as_ref().unwrap_or(&routed.stored);
        let was_seen = |sha256: &str| sha256.is_empty() || sha256 == as_it_lay.sha256;
        if self.known.is_some_and(|known| known.stored != *as_it_lay) || !self.verified.is_none_or(was_seen) {
            return Err(NotCopied::Changed(self.key.to_owned()));
        }
        let known = self.known.map(|known| File {
            key: key.clone(),
            stored: routed.stored.clone(),
            restore: known.restore_there(&key, is_sealed || !to.encrypt_to.is_empty()),
            inside: routed.inside.clone().or_else(|| known.inside.clone()),
            encrypted_to: if is_sealed { known.encrypted_to.clone() } else { to.encrypt_to.clone() },
            ..known.clone()
        });
        let staged = routed.to.into_iter().next().map(|(_, staged)| staged);
        let staged = staged.ok_or_else(|| NotCopied::Pass(KeepError::Nowhere("no store".to_owned())))??;
        Ok((known, Written { bytes: routed.stored.bytes, staged: Some(staged) }))
    }
}

async fn has_all(media: &Media, files: &[One<'_>]) -> Result<bool, MediaError> {
    for file in files {
        if !media.has(&file.key_there()).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The hash of a file as it lies in a store; nothing where it cannot be read.
async fn sum(media: &Media, key: &str) -> Option<Sum> {
    let reader = media.read(key).await.ok()?;
    tokio::task::spawn_blocking(move || sum_of(reader)).await.ok()?.ok()
}
