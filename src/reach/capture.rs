//! Keeps what a command said within bounds: its beginning and its end in memory, the whole in a file.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroize;

use crate::text::redact::Redacting;
use crate::text::{Redactor, Shape, untrusted};

/// What is longer is written to the file without waiting for its end.
const LONGEST_LINE: usize = 64 * 1024;

/// What a command said on one of its outputs: all of it if it fits, else its beginning and its end.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Captured {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: u64,
    keep: usize,
}

impl Captured {
    pub(super) fn new(keep: usize) -> Captured {
        Captured { head: Vec::new(), tail: VecDeque::new(), total: 0, keep }
    }

    pub(super) fn push(&mut self, mut piece: &[u8]) {
        self.total += piece.len() as u64;
        let (head_room, tail_room) = (self.keep.div_ceil(2), self.keep / 2);
        let fits = piece.len().min(head_room.saturating_sub(self.head.len()));
        self.head.extend_from_slice(&piece[..fits]);
        piece = &piece[fits..];
        piece = &piece[piece.len().saturating_sub(tail_room)..];
        let surplus = (self.tail.len() + piece.len()).saturating_sub(tail_room);
        self.tail.drain(..surplus);
        self.tail.extend(piece);
    }

    /// How many bytes there were altogether.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many bytes from the middle are not kept.
    pub fn left_out(&self) -> u64 {
        self.total - (self.head.len() + self.tail.len()) as u64
    }

    /// Everything that was said; `None` where the middle is missing, so that nobody parses half of it.
    pub fn whole(&self) -> Option<Cow<'_, [u8]>> {
        if self.left_out() > 0 {
            return None;
        }
        Some(if self.tail.is_empty() { Cow::Borrowed(&self.head) } else { Cow::Owned(self.kept()) })
    }

    /// The end of what was said: all of it where it fits, else what follows the gap.
    pub fn end(&self) -> Vec<u8> {
        if self.left_out() == 0 { self.kept() } else { self.tail.iter().copied().collect() }
    }

    /// What is kept, for people: secrets stripped, harmless, and the gap said in words.
    pub fn shown(&self, redactor: &Redactor, columns: usize) -> String {
        let text = match self.left_out() {
            0 => self.kept(),
            gap => {
                let mut text = self.head.clone();
                text.extend_from_slice(format!("\n[{gap} bytes left out]\n").as_bytes());
                text.extend(&self.tail);
                text
            }
        };
        untrusted(redactor.redact_bytes(&text), Shape::block(columns)).trim_end().to_owned()
    }

    /// The last words, where a program says why it failed, on one line.
    pub(super) fn last_words(&self, redactor: &Redactor) -> String {
        let text = redactor.redact_bytes(&self.kept()).into_owned();
        let start = text.len().saturating_sub(400);
        let lines: Vec<&[u8]> = text[start..].split(|b| *b == b'\n').map(<[u8]>::trim_ascii).collect();
        let lines: Vec<&[u8]> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        let from = lines.len().saturating_sub(4);
        untrusted(lines[from..].join(&b"; "[..]), Shape::line(400))
    }

    /// What is kept, to be searched for known words.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.kept()).into_owned()
    }

    fn kept(&self) -> Vec<u8> {
        let mut all = self.head.clone();
        all.extend(&self.tail);
        all
    }
}

impl Drop for Captured {
    /// A program that fetches a secret says it on its standard output.
    fn drop(&mut self) {
        self.head.zeroize();
        self.tail.make_contiguous().zeroize();
    }
}

impl std::fmt::Debug for Captured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Captured({} bytes)", self.total)
    }
}

/// The file that takes everything a command says, from both of its outputs.
#[derive(Clone)]
pub(super) struct WholeFile {
    file: Arc<Mutex<(File, Option<std::io::Error>)>>,
}

impl WholeFile {
    /// Opens the file for appending, readable for nobody else if it is new.
    pub(super) fn open(path: &Path) -> std::io::Result<WholeFile> {
        let file = File::options().create(true).append(true).mode(0o600).open(path)?;
        Ok(WholeFile { file: Arc::new(Mutex::new((file, None))) })
    }

    /// Why the file is not whole, if it is not.
    pub(super) fn trouble(&self) -> Option<String> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).1.as_ref().map(ToString::to_string)
    }

    fn append(&self, clean: &[u8]) {
        let mut guard = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, trouble) = &mut *guard;
        // A full disk must not stop the command; the reader is told that the file is not whole.
        if trouble.is_none() {
            *trouble = file.write_all(clean).err();
        }
    }
}

/// Takes in one output of a command.
pub(super) struct Recorder {
    captured: Captured,
    whole: Option<(WholeFile, Redacting)>,
    /// The line that is not finished yet: the file's lines are not mixed with those of the other output.
    line: Vec<u8>,
}

impl Recorder {
    pub(super) fn new(keep: usize, whole: Option<&WholeFile>, redactor: &Redactor) -> Recorder {
        let whole = whole.map(|file| (file.clone(), redactor.stream()));
        Recorder { captured: Captured::new(keep), whole, line: Vec::new() }
    }

    pub(super) fn push(&mut self, piece: &[u8]) {
        self.captured.push(piece);
        if let Some((file, filter)) = &mut self.whole {
            filter.push(piece, &mut self.line);
            let finished = self.line.iter().rposition(|b| *b == b'\n').map_or(0, |last| last + 1);
            let ready = if self.line.len() - finished > LONGEST_LINE { self.line.len() } else { finished };
            file.append(&self.line[..ready]);
            self.line.drain(..ready);
        }
    }

    pub(super) fn finish(mut self) -> Captured {
        if let Some((file, filter)) = &mut self.whole {
            filter.finish(&mut self.line);
            file.append(&self.line);
        }
        self.captured
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_gap_is_said_in_words_and_secrets_are_gone() {
        let mut captured = Captured::new(8);
        captured.push(b"abcdefghijkl");
        assert_eq!((captured.total(), captured.left_out(), captured.whole()), (12, 4, None));
        assert_eq!(captured.shown(&Redactor::new(), 80), "abcd\n[4 bytes left out]\nijkl");
        let redactor = Redactor::new();
        redactor.register(b"hunter2");
        let mut captured = Captured::new(80);
        captured.push(b"a hunter2\x1b[2J\n");
        assert_eq!(captured.shown(&redactor, 80), "a [***]\\x1b[2J");
        assert_eq!(captured.last_words(&redactor), "a [***]\\x1b[2J");
    }

    proptest! {
        #[test]
        fn beginning_and_end_are_kept_and_never_more(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..50), 0..20), keep in 0_usize..80,
        ) {
            let all = pieces.concat();
            let mut captured = Captured::new(keep);
            for piece in &pieces {
                captured.push(piece);
            }
            prop_assert_eq!(captured.total(), all.len() as u64);
            let kept = captured.kept();
            prop_assert_eq!(kept.len(), all.len().min(keep));
            if all.len() <= keep {
                prop_assert_eq!(captured.whole().unwrap().into_owned(), all);
            } else {
                prop_assert!(all.starts_with(&kept[..keep.div_ceil(2)]) && all.ends_with(&kept[keep.div_ceil(2)..]));
            }
        }
    }
}
