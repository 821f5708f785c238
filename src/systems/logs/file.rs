//! A log in a file, here or far away: what is new in it since the last look, and whether it is another file now.

use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::line::Raw;
use super::{LogError, MOST};
use crate::plan::regular::open;
use crate::reach::{Command, Reach};

/// How long a command that looks may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Where in which file the last look ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Position {
    /// What tells this file from another of its name; empty before the first look.
    file: String,
    offset: u64,
    /// A line that was not finished.
    rest: Vec<u8>,
}

/// What a look found.
pub(super) struct Piece {
    /// Whole lines.
    pub lines: Vec<Raw>,
    /// Whether this was the first look at this log.
    pub first: bool,
    /// When the file was last written to.
    pub written: DateTime<Utc>,
}

/// What the system says of a file.
struct Meta {
    file: String,
    size: u64,
    written: DateTime<Utc>,
}

impl Position {
    /// Where to begin, and whether that is in the middle of what is there.
    fn begin(&self, meta: &Meta) -> (u64, bool) {
        let from = if self.file == meta.file && self.offset <= meta.size { self.offset } else { 0 };
        if meta.size - from > MOST { (meta.size - MOST, true) } else { (from, false) }
    }

    /// Takes in what was read from `from` on.
    fn advance(&mut self, meta: Meta, from: u64, skipped: bool, read: &[u8]) -> Piece {
        let goes_on = self.file == meta.file && from == self.offset && !skipped;
        let first = self.file.is_empty();
        let mut bytes = if goes_on { std::mem::take(&mut self.rest) } else { Vec::new() };
        bytes.extend_from_slice(read);
        // What precedes the first line break there belongs to a line whose beginning was not read.
        let start = if skipped { memchr::memchr(b'\n', &bytes).map_or(bytes.len(), |at| at + 1) } else { 0 };
        let end = memchr::memrchr(b'\n', &bytes).map_or(start, |at| at + 1).max(start);
        let lines = bytes[start..end].split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(Raw::read);
        let lines = lines.collect();
        self.file = meta.file;
        self.offset = from + read.len() as u64;
        let rest = &bytes[end..];
        self.rest = rest[..rest.len().min(64 * 1024)].to_vec();
        Piece { lines, first, written: meta.written }
    }

    /// Looks at a file of this machine.
    pub async fn look_here(mut self, path: PathBuf) -> Result<(Position, Piece), LogError> {
        let its_path = path.clone();
        let looking = tokio::task::spawn_blocking(move || {
            let mut file = open(&its_path)?;
            let meta = file.metadata()?;
            let meta = Meta {
                file: format!("{}:{}", meta.dev(), meta.ino()),
                size: meta.len(),
                written: meta.modified()?.into(),
            };
            let (from, skipped) = self.begin(&meta);
            file.seek(SeekFrom::Start(from))?;
            let mut read = Vec::new();
            file.take(meta.size - from).read_to_end(&mut read)?;
            let piece = self.advance(meta, from, skipped, &read);
            Ok((self, piece))
        });
        let looked = looking.await.unwrap_or_else(|stopped| Err(std::io::Error::other(stopped)));
        looked.map_err(|source| LogError::File { path, source })
    }

    /// Looks at a file where `reach` leads.
    pub async fn look_far(
        mut self,
        path: &Path,
        reach: &Reach,
        stop: &CancellationToken,
    ) -> Result<(Position, Piece), LogError> {
        let ask = |program: &str| Command::new(program).deadline(PATIENCE).cancelled_by(stop.clone());
        let said = reach.run(ask("stat").args(["-L", "-c", "%d:%i %s %Y", "--"]).arg(path)).await?.ok()?;
        let said = said.stdout.whole().unwrap_or_default().into_owned();
        let strange = |why: &str| LogError::Strange { name: path.display().to_string(), why: why.to_owned() };
        let meta = meta(&String::from_utf8_lossy(&said)).ok_or_else(|| strange("`stat` answers otherwise there"))?;
        let (from, skipped) = self.begin(&meta);
        if meta.size == from && self.file == meta.file {
            return Ok((self, Piece { lines: Vec::new(), first: false, written: meta.written }));
        }
        // It may grow while it is read; what is more than twice what was there is left for the next time.
        let keep = usize::try_from(4 * MOST).unwrap_or(usize::MAX);
        let command = ask("tail").arg("-c").arg(format!("+{}", from + 1)).arg("--").arg(path).keep(keep);
        let output = reach.run(command).await?.ok()?;
        let read = output.stdout.whole().ok_or_else(|| strange("it grows faster than it can be read"));
        let read = match read {
            Ok(read) => read.into_owned(),
            Err(error) => {
                self.offset = meta.size;
                self.file = meta.file;
                self.rest.clear();
                return Err(error);
            }
        };
        let piece = self.advance(meta, from, skipped, &read);
        Ok((self, piece))
    }
}

fn meta(said: &str) -> Option<Meta> {
    let mut words = said.split_whitespace();
    let (file, size, written) = (words.next()?.to_owned(), words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(Meta { file, size, written: DateTime::from_timestamp(written, 0)? })
}
