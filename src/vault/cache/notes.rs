//! What the notes in a folder said when they were last read, in one file: opening twenty thousand takes longer than all
//! the rest of a list. Nothing of it is believed of a note that has another size or time by now.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::vault::directory::Holding;

/// What such a file begins with.
const FORM: &[u8] = b"lifeboat notes 1\n";
/// Fewer are read one by one as fast.
const LEAST: usize = 500;
/// Written anew when one of so many had to be read.
const RENEWED_AT: usize = 20;

/// The file of a store.
#[derive(Clone, Debug)]
pub(in crate::vault) struct KeptNotes {
    pub(super) path: PathBuf,
    /// The folder whose notes they are.
    pub(super) of: PathBuf,
}

/// What was kept, by key.
#[derive(Debug, Default)]
pub(in crate::vault) struct KeptTexts<'b>(HashMap<&'b str, Note<'b>>);

#[derive(Debug, PartialEq)]
struct Note<'b> {
    size: u64,
    written: DateTime<Utc>,
    text: &'b [u8],
}

/// A note, and what it says.
pub(in crate::vault) type Read<'n> = (&'n Holding, &'n [u8]);

impl KeptNotes {
    /// All that is kept, whole or not at all.
    pub(in crate::vault) fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.path).unwrap_or_default()
    }

    /// What these bytes say; nothing of what is damaged, or of another folder.
    pub(in crate::vault) fn texts<'b>(&self, bytes: &'b [u8]) -> KeptTexts<'b> {
        KeptTexts(self.parsed(bytes).unwrap_or_default())
    }

    fn parsed<'b>(&self, bytes: &'b [u8]) -> Option<HashMap<&'b str, Note<'b>>> {
        let (body, sum) = bytes.split_last_chunk::<8>().map(|(body, sum)| (body, u64::from_le_bytes(*sum)))?;
        let mut rest = body.strip_prefix(FORM).filter(|_| checksum(body) == sum)?;
        if field(&mut rest)? != self.of.as_os_str().as_encoded_bytes() {
            return None;
        }
        let count = number(&mut rest).and_then(|count| usize::try_from(count).ok())?;
        let mut known = HashMap::with_capacity(count.min(bytes.len()));
        while !rest.is_empty() {
            let key = std::str::from_utf8(field(&mut rest)?).ok()?;
            let (size, seconds, nanos) = (number(&mut rest)?, number(&mut rest)?, number(&mut rest)?);
            let written = DateTime::from_timestamp(seconds.cast_signed(), u32::try_from(nanos).ok()?)?;
            known.insert(key, Note { size, written, text: field(&mut rest)? });
        }
        Some(known)
    }

    /// Keeps what was read, where it is worth it: `known` of these notes had not to be. That it cannot be kept is no
    /// loss.
    pub(in crate::vault) fn keep(&self, known: usize, notes: &[Read<'_>]) {
        if notes.len() < LEAST || (notes.len() - known) * RENEWED_AT < notes.len() {
            return;
        }
        if let Err(error) = self.write(notes) {
            tracing::debug!(%error, "what notes say is not kept");
        }
    }

    fn write(&self, notes: &[Read<'_>]) -> io::Result<()> {
        let mut bytes = FORM.to_vec();
        put(&mut bytes, self.of.as_os_str().as_encoded_bytes());
        bytes.extend((notes.len() as u64).to_le_bytes());
        for (holding, text) in notes {
            put(&mut bytes, holding.key.as_bytes());
            let (seconds, nanos) = (holding.written.timestamp(), holding.written.timestamp_subsec_nanos());
            for number in [holding.size, seconds.cast_unsigned(), u64::from(nanos)] {
                bytes.extend(number.to_le_bytes());
            }
            put(&mut bytes, text);
        }
        let sum = checksum(&bytes);
        bytes.extend(sum.to_le_bytes());
        let folder = self.path.parent().ok_or(io::ErrorKind::NotFound)?;
        std::fs::create_dir_all(folder)?;
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        new.write_all(&bytes)?;
        new.persist(&self.path)?;
        Ok(())
    }
}

impl<'b> KeptTexts<'b> {
    /// What a note says, if it is as it was.
    pub(in crate::vault) fn of(&self, holding: &Holding) -> Option<&'b [u8]> {
        let note = self.0.get(holding.key.as_str())?;
        (note.size == holding.size && note.written == holding.written).then_some(note.text)
    }
}

fn checksum(bytes: &[u8]) -> u64 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc64Nvme, bytes)
}

fn put(bytes: &mut Vec<u8>, field: &[u8]) {
    bytes.extend((field.len() as u64).to_le_bytes());
    bytes.extend(field);
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let (number, after) = rest.split_first_chunk::<8>()?;
    *rest = after;
    Some(u64::from_le_bytes(*number))
}

fn field<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = usize::try_from(number(rest)?).ok()?;
    let (field, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many() -> Vec<Holding> {
        let at = |number: i64| DateTime::from_timestamp(1_731_895_200 + number, 7).unwrap();
        let holding = |number| Holding { key: format!("a/metadata/{number}.json"), size: 3, written: at(number) };
        (0..1_000).map(holding).collect()
    }

    #[test]
    fn only_what_is_as_it_was_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let kept = KeptNotes { path: folder.path().join("cache/s.notes"), of: "/store".into() };
        assert!(kept.texts(&kept.bytes()).0.is_empty());
        let holdings = many();
        let notes: Vec<Read<'_>> = holdings.iter().map(|holding| (holding, &b"{ }"[..])).collect();
        kept.keep(0, &notes[..LEAST - 1]);
        assert!(!kept.path.exists(), "it is not worth it");
        kept.keep(0, &notes);
        let bytes = kept.bytes();
        let texts = kept.texts(&bytes);
        assert!(holdings.iter().all(|holding| texts.of(holding) == Some(b"{ }")));
        let mut changed = holdings[5].clone();
        changed.written += chrono::Duration::nanoseconds(1);
        assert_eq!(texts.of(&changed), None);
        assert_eq!(texts.of(&Holding { size: 4, ..holdings[5].clone() }), None);
        assert!(KeptNotes { of: "/other".into(), ..kept.clone() }.texts(&bytes).0.is_empty());
        let before = std::fs::metadata(&kept.path).unwrap().modified().unwrap();
        kept.keep(990, &notes);
        assert_eq!(std::fs::metadata(&kept.path).unwrap().modified().unwrap(), before, "little is new");
    }

    #[test]
    fn what_is_damaged_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let kept = KeptNotes { path: folder.path().join("s.notes"), of: "/store".into() };
        let holdings = many();
        kept.keep(0, &holdings.iter().map(|holding| (holding, &b"{ }"[..])).collect::<Vec<_>>());
        let bytes = kept.bytes();
        assert_eq!(kept.texts(&bytes).0.len(), holdings.len());
        for at in (0..bytes.len()).step_by(97) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            assert!(kept.texts(&flipped).0.is_empty(), "flipped at {at}");
            assert!(kept.texts(&bytes[..at]).0.is_empty(), "cut at {at}");
        }
    }
}
