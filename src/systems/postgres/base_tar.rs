//! A base backup as an archive, read to its end and compared with the manifest that lies in it.

use std::collections::BTreeMap;
use std::io::{self, Read};

use crc_fast::{CrcAlgorithm, Digest};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::base_log::{self, Log};
use super::wal::Lsn;
use crate::systems::tarball::{self, Member};
use crate::text::hex;
use crate::text::instant::stamp;
use crate::vault::log::SegmentName;

/// The manifest of a server with a hundred thousand tables fits.
const LARGEST_MANIFEST: u64 = 256 << 20;

/// What a base backup holds.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// How many files the manifest names.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Where it begins and ends in the log, and on which timeline.
    pub about: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "Files")]
    files: Vec<File>,
    #[serde(rename = "WAL-Ranges", default)]
    ranges: Vec<Range>,
}

#[derive(Deserialize)]
struct Range {
    #[serde(rename = "Timeline")]
    timeline: u32,
    #[serde(rename = "Start-LSN")]
    start: String,
    #[serde(rename = "End-LSN")]
    end: String,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "Path")]
    path: Option<String>,
    #[serde(rename = "Encoded-Path")]
    encoded_path: Option<String>,
    #[serde(rename = "Size")]
    size: u64,
    #[serde(rename = "Checksum-Algorithm")]
    algorithm: Option<String>,
    #[serde(rename = "Checksum")]
    checksum: Option<String>,
}

/// A file that was seen in the archive.
struct Seen {
    size: u64,
    /// As the manifest writes it.
    crc32c: String,
}

/// Reads an archive to its end. Every file that the manifest names must be there, as it names it, and every piece of
/// the log that the server needs.
pub fn read(archive: impl Read) -> Result<Base, String> {
    let (mut seen, mut manifest, mut log, mut system) = (BTreeMap::new(), None, Log::default(), None);
    tarball::read(archive, |member, contents| {
        let name = String::from_utf8_lossy(&member.path).trim_start_matches("./").to_owned();
        match name.as_str() {
            "backup_manifest" => manifest = Some(all(&member, contents)?),
            "global/pg_control" => {
                let control = all(&member, contents)?;
                system = control.first_chunk().map(|number| u64::from_le_bytes(*number));
                seen.insert(name, sum(&mut control.as_slice())?);
            }
            _ if member.kind == b'0' => match name.strip_prefix("pg_wal/").and_then(SegmentName::of) {
                Some(segment) => log.take(segment, contents).map_err(|error| error.to_string())?,
                None => drop(seen.insert(name, sum(contents)?)),
            },
            _ => {}
        }
        Ok(())
    })?;
    let manifest = manifest.ok_or("there is no manifest in it: it is not whole, or was taken by an old version")?;
    if !is_as_written(&manifest) {
        return Err("its manifest does not have the checksum that it tells".to_owned());
    }
    let manifest: Manifest =
        serde_json::from_slice(&manifest).map_err(|error| format!("its manifest cannot be read: {error}"))?;
    let Some(system) = system.filter(|_| !manifest.files.is_empty()) else {
        return Err("the files of a server are not in it".to_owned());
    };
    let mut base = Base { files: manifest.files.len() as u64, ..Base::default() };
    for file in &manifest.files {
        let path = file.path()?;
        let found = seen.get(path.as_str()).ok_or_else(|| format!("{path} is missing in it"))?;
        file.compare(&path, found)?;
        base.bytes += file.size;
    }
    log.covers(&manifest.ranges.iter().map(Range::needed).collect::<Result<Vec<_>, String>>()?, system)?;
    if let (Some(first), Some(last)) = (manifest.ranges.first(), manifest.ranges.last()) {
        base.about.insert("timeline".to_owned(), last.timeline.to_string());
        base.about.insert("start_lsn".to_owned(), first.start.clone());
        base.about.insert("end_lsn".to_owned(), last.end.clone());
    }
    if let Some(last) = log.last_commit() {
        base.about.insert("last_commit".to_owned(), stamp(last));
    }
    Ok(base)
}

fn all(member: &Member, contents: &mut dyn Read) -> Result<Vec<u8>, String> {
    if member.size > LARGEST_MANIFEST {
        return Err(format!("{} is too large for what it is", String::from_utf8_lossy(&member.path)));
    }
    let mut bytes = Vec::new();
    contents.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The length and the checksum of a file.
fn sum(contents: &mut dyn Read) -> Result<Seen, String> {
    let (mut digest, mut size, mut piece) = (Digest::new(CrcAlgorithm::Crc32Iscsi), 0, vec![0; 128 * 1024]);
    loop {
        match contents.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => {
                digest.update(&piece[..count]);
                size += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    let [.., fourth, third, second, first] = digest.finalize().to_be_bytes();
    Ok(Seen { size, crc32c: format!("{first:02x}{second:02x}{third:02x}{fourth:02x}") })
}

/// Its last line has the SHA-256 of all lines before.
fn is_as_written(manifest: &[u8]) -> bool {
    let Some(at) = memchr::memmem::rfind(manifest, b"\"Manifest-Checksum\"") else { return false };
    let hash = hex(&Sha256::digest(&manifest[..at]));
    memchr::memmem::find(&manifest[at..], hash.as_bytes()).is_some()
}

impl Range {
    fn needed(&self) -> Result<base_log::Range, String> {
        let place = |text: &str| Lsn::of(text).ok_or_else(|| format!("{text:?} in its manifest is no place in a log"));
        Ok(base_log::Range { timeline: self.timeline, start: place(&self.start)?, end: place(&self.end)? })
    }
}

impl File {
    fn path(&self) -> Result<String, String> {
        match (&self.path, &self.encoded_path) {
            (Some(path), _) => Ok(path.clone()),
            (None, Some(hex)) => {
                let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
                let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(byte).collect();
                bytes
                    .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                    .ok_or("a name in its manifest is damaged".to_owned())
            }
            (None, None) => Err("a file in its manifest has no name".to_owned()),
        }
    }

    fn compare(&self, path: &str, found: &Seen) -> Result<(), String> {
        if found.size != self.size {
            return Err(format!("{path} has {} bytes in it, and {} by its manifest", found.size, self.size));
        }
        match (self.algorithm.as_deref(), &self.checksum) {
            (Some("CRC32C"), Some(sum)) if !sum.eq_ignore_ascii_case(&found.crc32c) => {
                Err(format!("{path} does not have the checksum that its manifest tells"))
            }
            _ => Ok(()),
        }
    }
}
