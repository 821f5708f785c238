//! What is told of a file of a log without reading it: at its end, where whoever unpacks it passes over it; beside it,
//! where it is sealed.

use std::io;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

/// Packed quickly enough for a server that hands over one segment after the other.
const LEVEL: i32 = 1;
/// Whoever unpacks a frame that begins so passes over it.
const PASSED_OVER: u32 = 0x184D_2A5B;
const FORM: u32 = 1;
/// What the last bytes say: how long what is told is.
const LENGTH: usize = 4;
/// What is told fits in so many bytes at the end of a file.
pub const TAIL: u64 = 2048;

/// What is told of a file of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The form of this.
    pub lifeboat: u32,
    /// What `xxh128sum` says of its contents: it is there to notice damage, and quick enough for thousands of segments.
    pub xxh128: String,
    /// How many bytes they have.
    pub bytes: u64,
    /// What is in it, where it is a segment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub segment: Option<Committed>,
}

/// What is in a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// The server that wrote it.
    pub system: u64,
    /// The timeline that it ends on.
    pub timeline: u32,
    /// Where it begins in the log.
    pub start: u64,
    /// How many transactions were committed in it.
    pub commits: u64,
    /// When the first of them was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first: Option<DateTime<Utc>>,
    /// When the last of them was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last: Option<DateTime<Utc>>,
    /// What was wrong with it already when it was handed over.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub flaw: Option<String>,
}

impl Told {
    /// Of these contents.
    pub fn of(plain: &[u8], segment: Option<Committed>) -> Told {
        Told { lifeboat: FORM, xxh128: hash(plain), bytes: plain.len() as u64, segment }
    }

    /// Whether these are the contents.
    pub fn is_of(&self, plain: &[u8]) -> bool {
        self.bytes == plain.len() as u64 && self.xxh128 == hash(plain)
    }

    /// Whether both tell of the same contents.
    pub fn is_like(&self, other: &Told) -> bool {
        (self.bytes, &self.xxh128) == (other.bytes, &other.xxh128)
    }

    /// What stands at the end of a packed file; nothing where somebody else has packed it.
    pub fn at_end(packed: &[u8]) -> Option<Told> {
        Told::read(Told::text_at_end(packed)?)
    }

    /// The same as text, out of the last bytes of a file.
    pub fn text_at_end(bytes: &[u8]) -> Option<&[u8]> {
        let (before, length) = bytes.split_last_chunk::<LENGTH>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        before.get(before.len().checked_sub(length)?..).filter(|text| text.starts_with(b"{\"lifeboat\""))
    }

    /// What is told in this text.
    pub fn read(text: &[u8]) -> Option<Told> {
        serde_json::from_slice(text).ok().filter(|told: &Told| told.lifeboat == FORM)
    }

    /// A packed file with this at its end.
    pub fn behind(&self, mut packed: Vec<u8>) -> io::Result<Vec<u8>> {
        let told = serde_json::to_vec(self)?;
        let length = u32::try_from(told.len()).map_err(io::Error::other)?;
        let frame = u32::try_from(told.len() + LENGTH).map_err(io::Error::other)?;
        packed.extend(PASSED_OVER.to_le_bytes());
        packed.extend(frame.to_le_bytes());
        packed.extend(told);
        packed.extend(length.to_le_bytes());
        Ok(packed)
    }
}

fn hash(plain: &[u8]) -> String {
    format!("{:032x}", XxHash3_128::oneshot(plain))
}

/// Packs the contents of a file of a log.
pub fn pack(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    // Whoever unpacks it by hand notices damage too.
    compressor.include_checksum(true)?;
    compressor.compress(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_unpacks_a_file_passes_over_what_is_told_at_its_end() {
        let plain: Vec<u8> = (0..50_000_u32).flat_map(u32::to_le_bytes).collect();
        let last = DateTime::from_timestamp(1_700_000_000, 5_000);
        let segment = Committed { system: 7, timeline: 1, start: 1 << 24, commits: 3, first: None, last, flaw: None };
        let told = Told::of(&plain, Some(segment));
        let kept = told.behind(pack(&plain).unwrap()).unwrap();
        assert_eq!(zstd::decode_all(kept.as_slice()).unwrap(), plain);
        assert_eq!(Told::at_end(&kept), Some(told.clone()));
        assert!(told.is_of(&plain) && !told.is_of(&plain[1..]));
        assert_eq!(Told::at_end(&pack(&plain).unwrap()), None);
        assert_eq!(Told::at_end(b""), None);
        assert_eq!(Told::at_end(&[0xFF; 20]), None);
    }
}
