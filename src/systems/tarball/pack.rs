//! Writing an archive in a stream.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::os::unix::fs::MetadataExt;

use super::header::{BLOCK, Entry, Kind};

/// An archive ends with this much of nothing.
const END: usize = 2 * BLOCK;

/// An archive that is being written.
pub struct Pack<W> {
    into: W,
    buffer: Vec<u8>,
}

/// What became of a file while it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// It stayed as it was.
    Steady,
    /// It was written to: what was read may be of two moments.
    Changed,
    /// It became shorter, and ends with zeros in their place.
    Shrank,
}

impl<W: Write> Pack<W> {
    /// An empty one.
    pub fn new(into: W) -> Pack<W> {
        Pack { into, buffer: vec![0; 128 * 1024] }
    }

    /// Adds what has no contents: a folder, a link.
    pub fn add(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        self.into.write_all(&entry.header())
    }

    /// Adds a file, as long as it is now.
    pub fn file(&mut self, path: &[u8], mut file: File) -> io::Result<Read> {
        let before = file.metadata()?;
        self.add(&Entry {
            path,
            target: b"",
            kind: Kind::File,
            mode: before.mode(),
            owner: (before.uid(), before.gid()),
            changed: before.mtime(),
            size: before.len(),
        })?;
        let mut left = before.len();
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
            match file.read(&mut self.buffer[..most]) {
                Ok(0) => break,
                Ok(count) => {
                    self.into.write_all(&self.buffer[..count])?;
                    left -= count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A disk that fails in the middle of a file must not leave one that looks whole.
                Err(error) => return Err(error),
            }
        }
        // The header has promised so many bytes.
        io::copy(&mut io::repeat(0).take(left), &mut self.into)?;
        self.pad(before.len())?;
        let after = file.metadata()?;
        let moments = |meta: &std::fs::Metadata| (meta.len(), meta.mtime(), meta.mtime_nsec());
        Ok(match left {
            0 if moments(&before) == moments(&after) => Read::Steady,
            0 => Read::Changed,
            _ => Read::Shrank,
        })
    }

    /// Adds a file whose contents are here.
    pub fn bytes(&mut self, path: &[u8], bytes: &[u8], mode: u32, changed: i64) -> io::Result<()> {
        let size = bytes.len() as u64;
        self.add(&Entry { path, target: b"", kind: Kind::File, mode, owner: (0, 0), changed, size })?;
        self.into.write_all(bytes)?;
        self.pad(size)
    }

    fn pad(&mut self, size: u64) -> io::Result<()> {
        let over = size.next_multiple_of(BLOCK as u64) - size;
        io::copy(&mut io::repeat(0).take(over), &mut self.into).map(drop)
    }

    /// Ends it.
    pub fn end(mut self) -> io::Result<W> {
        self.into.write_all(&[0; END])?;
        Ok(self.into)
    }
}
