//! A recovery point from one store into another: its files as they lie, their hashes compared on the way.

use super::layout::Place;
use super::manifest::{File, Manifest};
use super::media::{Media, MediaError, Staged, Trouble};
use super::naming::Note;
use super::pass::{Pace, Packing, Route, Seal, Target, pass};
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
    /// It lies there encrypted, and would lie open here.
    #[error("it is encrypted in {from}, and {to} has no `encrypt_to`")]
    Opened {
        /// Where it lies.
        from: String,
        /// Where it was to go.
        to: String,
    },
    /// Its manifest cannot be written.
    #[error("its manifest cannot be written: {0}")]
    Manifest(serde_json::Error),
}

/// Copies all files of a copy and then its manifest; tells how many bytes the other store has now.
pub async fn copy(
    point: &Point,
    source: &Copied,
    from: &Store,
    to: &Store,
    pace: &Pace,
    secrets: &Secrets,
) -> Result<u64, NotCopied> {
    let (reads, writes) = (Media::open(from, secrets).await?, Media::open(to, secrets).await?);
    let mut staged = Vec::new();
    for (_, holding) in &source.artefacts {
        let known = source.manifest().and_then(|manifest| manifest.files.iter().find(|file| file.key == holding.key));
        let one = One { key: &holding.key, known, manifest: source.manifest(), from, to, pace };
        staged.push(one.pass(&reads, &writes).await?);
    }
    let files: Vec<File> = staged.iter().filter_map(|(file, _)| file.clone()).collect();
    let bytes = staged.iter().map(|(_, written)| written.bytes).sum();
    let manifest = source.manifest().map(|manifest| Manifest { files, ..manifest.clone() });
    let first = staged.first().map(|(_, written)| written.key.clone()).unwrap_or_default();
    let place = source.manifest().and_then(|manifest| Place::of(manifest, &first));
    let note = |note: Note| match &place {
        Some(place) => place.note(to.kind, note.ending()),
        None => note_key(&first, &point.id, note),
    };
    writes.put(&note(Note::Begun), point.id.clone().into_bytes()).await?;
    for (_, written) in staged {
        match written.staged.publish().await {
            // An earlier copy broke off behind this file: it is the same.
            Err(error) if error.trouble == Trouble::Exists => {}
            published => published?,
        }
    }
    if let Some(manifest) = manifest {
        let bytes = manifest.bytes().map_err(NotCopied::Manifest)?;
        writes.put_new(&note(Note::Manifest), bytes).await?;
    }
    writes.remove(&note(Note::Begun)).await?;
    Ok(bytes)
}

/// A file on its way.
struct One<'a> {
    key: &'a str,
    known: Option<&'a File>,
    manifest: Option<&'a Manifest>,
    from: &'a Store,
    to: &'a Store,
    pace: &'a Pace,
}

struct Written {
    key: String,
    bytes: u64,
    staged: Staged,
}

impl One<'_> {
    /// Where it lies in the other store. What we took has its place in each sort of store; what scripts left lies as it
    /// does.
    fn key_there(&self, is_sealed: bool) -> String {
        let ours = self.known.zip(self.manifest).and_then(|(file, manifest)| {
            let place = Place::of(manifest, &file.key)?;
            Some(place.key(self.to.kind, (file.holds, file.format()), file.packing, is_sealed))
        });
        let more = if is_sealed && !self.is_sealed() { ".age" } else { "" };
        ours.unwrap_or_else(|| format!("{}{more}", self.key))
    }

    fn is_sealed(&self) -> bool {
        self.key.rsplit('.').next() == Some("age")
    }

    async fn pass(&self, reads: &Media, writes: &Media) -> Result<(Option<File>, Written), NotCopied> {
        let is_sealed = self.is_sealed();
        if is_sealed && self.to.encrypt_to.is_empty() {
            return Err(NotCopied::Opened { from: self.from.name.clone(), to: self.to.name.clone() });
        }
        // What is sealed already stays sealed to those who can read it.
        let recipients = if is_sealed { &[][..] } else { &self.to.encrypt_to[..] };
        let nowhere = |error: super::pass::SealError| NotCopied::Pass(KeepError::Nowhere(error.to_string()));
        let seal = Seal::to(recipients).map_err(nowhere)?;
        let key = self.key_there(is_sealed || seal.is_some());
        let source: Source = Box::pin(reads.stream(self.key).await?);
        let target = Target { store: 0, media: writes.clone(), key: key.clone() };
        let routes = vec![Route { seal, to: vec![target] }];
        let passed = pass(source, Packing::None, routes, self.pace).await.map_err(NotCopied::Pass)?;
        let Some(routed) = passed.routes.into_iter().next() else {
            return Err(NotCopied::Pass(KeepError::Nowhere("no store".to_owned())));
        };
        let as_it_lay = routed.inside.as_ref().unwrap_or(&routed.stored);
        if self.known.is_some_and(|known| known.stored != *as_it_lay) {
            return Err(NotCopied::Changed(self.key.to_owned()));
        }
        let known = self.known.map(|known| File {
            key: key.clone(),
            stored: routed.stored.clone(),
            inside: routed.inside.clone().or_else(|| known.inside.clone()),
            encrypted_to: if is_sealed { known.encrypted_to.clone() } else { self.to.encrypt_to.clone() },
            ..known.clone()
        });
        let staged = routed.to.into_iter().next().map(|(_, staged)| staged);
        let staged = staged.ok_or_else(|| NotCopied::Pass(KeepError::Nowhere("no store".to_owned())))??;
        Ok((known, Written { key, bytes: routed.stored.bytes, staged }))
    }
}
