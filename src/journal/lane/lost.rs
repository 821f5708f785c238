//! When the ground is pulled away under a reader: files that are gone, replaced, or no files of events.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

use super::{Lane, Spot};
use crate::journal::trail::Trail;
use crate::journal::{Damage, plain, segment};

impl Lane {
    /// Whether the name of the file at hand now leads to another, or nowhere.
    pub(super) fn is_replaced(&self) -> bool {
        let Some(held) = self.file.as_ref().and_then(|file| file.metadata().ok()) else { return false };
        match fs::symlink_metadata(self.directory.join(segment::name(self.segment))) {
            Ok(named) => (named.dev(), named.ino()) != (held.dev(), held.ino()),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        }
    }

    /// The file is gone: back to the end of the one before, if the chain still ends there, else to its start.
    pub(super) fn go_back(&mut self) {
        let (gone, seq) = (self.segment, self.seq);
        self.tell("this file is no longer there".to_owned());
        let names = plain::names(&self.directory).unwrap_or_default();
        let before = segment::among(names.iter().map(String::as_str)).into_iter().rfind(|first| *first < gone);
        let spot = before.zip(self.trail.base()).and_then(|(segment, head)| {
            let offset = fs::metadata(self.directory.join(segment::name(segment))).ok()?.len();
            let spot = Spot { segment, offset, head };
            Lane::fits_in(&self.directory, &spot).then_some(spot)
        });
        let spot = spot.unwrap_or(Spot::START);
        (self.segment, self.offset, self.seq, self.hash) =
            (spot.segment, spot.offset, spot.head.seq, spot.head.hash.hex());
        self.withdrawn += seq.saturating_sub(self.seq);
        self.trail = Trail::default();
        self.file = None;
        self.begin_buffer();
        if self.offset > 0 {
            self.trail.push(self.offset, self.seq, &self.hash);
        }
    }

    /// Bytes at the very end may be a write in progress; what does not even begin like one is said.
    pub(super) fn look_at_rest(&mut self) {
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        if let Some(first) = rest.first()
            && !matches!(first, b'{' | 0)
        {
            self.tell(format!("{} bytes at the end are no event", rest.len()));
        }
    }

    /// Tells of something that stays in the way, once.
    pub(super) fn tell(&mut self, what: String) {
        let here = |(segment, offset, _): &&(u64, u64, String)| (*segment, *offset) == (self.segment, self.offset);
        if self.trouble.as_ref().filter(here).is_none_or(|(.., told)| *told != what) {
            self.damage.push(Damage::at(&self.chain, self.segment, self.offset, what.clone()));
            self.trouble = Some((self.segment, self.offset, what));
        }
    }
}
