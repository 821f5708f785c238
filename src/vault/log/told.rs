//! What is told of a file of a log without reading it: at its end, where whoever unpacks it passes over it; beside it,
//! where it is sealed.

use std::io::{self, Write};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::text::hex;

/// Packed quickly enough for a server that hands over one segment after the other.
const LEVEL: i32 = 1;
/// Whoever unpacks a frame that begins so passes over it.
const PASSED_OVER: u32 = 0x184D_2A5B;
const FORM: u32 = 1;
/// What the last bytes say: how long what is told is.
const LENGTH: usize = 4;

/// What is told of a file of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The form of this.
    pub lifeboat: u32,
    /// The hash of its contents.
    pub sha256: String,
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
        Told { lifeboat: FORM, sha256: hex(&Sha256::digest(plain)), bytes: plain.len() as u64, segment }
    }

    /// Whether these are the contents.
    pub fn is_of(&self, plain: &[u8]) -> bool {
        self.bytes == plain.len() as u64 && self.sha256 == hex(&Sha256::digest(plain))
    }

    /// Whether both tell of the same contents.
    pub fn is_like(&self, other: &Told) -> bool {
        (self.bytes, &self.sha256) == (other.bytes, &other.sha256)
    }

    /// What stands at the end of a packed file; nothing where somebody else has packed it.
    pub fn at_end(packed: &[u8]) -> Option<Told> {
        let (before, length) = packed.split_last_chunk::<LENGTH>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let told = before.get(before.len().checked_sub(length)?..)?;
        serde_json::from_slice(told).ok()
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

/// Packs the contents of a file of a log.
pub fn pack(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = zstd::Encoder::new(Vec::with_capacity(plain.len() / 2), LEVEL)?;
    // Whoever unpacks it by hand notices damage too.
    encoder.include_checksum(true)?;
    encoder.write_all(plain)?;
    encoder.finish()
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
