//! Appending to this host's chain: many events in one write and one sync, at this process's turn.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::batch::{Author, Batch};
use super::draft::{Draft, Entry};
use super::event::Kind;
use super::medium::{Medium, Sheet};
use super::moment::Moment;
use super::segment::{self, Opening};
use super::tail::Tail;
use super::trouble::DiskError;
use super::{ChainId, Digest, Head, Heads, JournalError, aside, others};

/// How old the knowledge of other chains may be.
const SEEN_FOR: Duration = Duration::from_secs(1);
/// How old the head beside the chain may be while there is work.
const HEAD_FOR: Duration = Duration::from_secs(1);

/// The one that appends to a chain in this process.
pub(super) struct Appender {
    author: Author,
    medium: Arc<dyn Medium>,
    journal: PathBuf,
    directory: PathBuf,
    segment_limit: u64,
    tail: Option<Tail>,
    /// What has to be said with the next events.
    notes: Vec<Draft>,
    seen: Heads,
    seen_at: Option<Duration>,
    /// The head that is kept beside the chain, and since when.
    kept: Option<(Head, Instant)>,
}

impl Appender {
    pub(super) fn new(author: Author, medium: Arc<dyn Medium>, journal: &Path, segment_limit: u64) -> Appender {
        let directory = journal.join(author.chain.as_str());
        let journal = journal.to_owned();
        Appender {
            author,
            medium,
            journal,
            directory,
            segment_limit,
            tail: None,
            notes: Vec::new(),
            seen: Heads::new(),
            seen_at: None,
            kept: None,
        }
    }

    /// Appends the events and returns once they last. On an error none of them was appended.
    pub(super) fn commit(&mut self, entries: &[Entry]) -> Result<Vec<Head>, JournalError> {
        let medium = Arc::clone(&self.medium);
        let _turn = medium.turn(&self.directory)?;
        let heads = match self.attempt(entries) {
            Err(error) if error.is_full() && medium.free_ballast(&self.directory).unwrap_or(false) => {
                self.notes.push(Draft::new(Kind::DISK_FULL, "journal").with(json!({
                    "what": "the disk is full; the journal goes on in the space it kept for that"
                })));
                self.attempt(entries)
            }
            tried => tried,
        }?;
        let begun = heads.first().is_some_and(|first| first.seq > 2);
        if medium.keep_ballast(&self.directory).unwrap_or(false) && begun {
            self.notes.push(Draft::new(Kind::BALLAST_KEPT, "journal").with(json!({
                "what": "there is room again; the space for a full disk is kept again"
            })));
        }
        Ok(heads)
    }

    /// Keeps how far the chain has come beside it; while there is work not more often than now and then.
    /// Nothing acknowledged depends on it.
    pub(super) fn keep_head(&mut self, at_end: bool) {
        let Some(head) = self.tail.as_ref().map(|tail| tail.head).filter(|head| head.seq > 0) else { return };
        let fits = |(kept, since): &(Head, Instant)| *kept == head || (!at_end && since.elapsed() < HEAD_FOR);
        if !self.kept.as_ref().is_some_and(fits) {
            // It cannot be kept on a full disk, for one; the next time will do.
            let _ = self.medium.keep_head(&self.journal, &self.author.chain, head);
            self.kept = Some((head, Instant::now()));
        }
    }

    fn attempt(&mut self, entries: &[Entry]) -> Result<Vec<Head>, DiskError> {
        let mut tail = self.caught_up()?;
        let now = Moment::now(&*self.author.clock, &self.author.boot_id);
        let heads = self.append(&mut tail, entries, &now)?;
        self.notes.clear();
        self.tail = Some(tail);
        Ok(heads)
    }

    fn chain(&self) -> &ChainId {
        &self.author.chain
    }

    fn caught_up(&mut self) -> Result<Tail, DiskError> {
        let known = self.tail.as_ref().map(|tail| tail.head);
        let known = known.or_else(|| self.medium.kept_head(&self.journal, self.chain()));
        let kept = self.tail.take().filter(Tail::is_still_there);
        let found_anew = kept.is_none();
        let mut tail = match kept {
            Some(tail) => tail,
            None => Tail::find(&*self.medium, &self.directory)?,
        };
        tail.follow(&*self.medium, &self.directory)?;
        if let Some(sheet) = tail.sheet.as_ref().filter(|_| found_anew && tail.offset > 0) {
            // It may be that of a process that died before it was certain to last.
            let path = self.directory.join(segment::name(tail.segment));
            sheet.sync().map_err(DiskError::new("sync", &path))?;
        }
        if !tail.torn.is_empty() {
            aside::keep(&*self.medium, &self.directory, &tail)?;
        }
        if found_anew || !tail.torn.is_empty() {
            let unsaid = aside::unsaid(&*self.medium, &self.directory, &tail)?;
            self.notes.retain(|note| !unsaid.contains(note));
            self.notes.extend(unsaid);
        }
        if let Some(known) = known.filter(|known| known.seq > tail.head.seq) {
            let note = Draft::new(Kind::CUT_SHORT, "journal").with(json!({
                "what": "events that were acknowledged are no longer in the file",
                "known": known, "found": tail.head
            }));
            self.notes.retain(|said| *said != note);
            self.notes.push(note);
        }
        Ok(tail)
    }

    fn append(&mut self, tail: &mut Tail, entries: &[Entry], now: &Moment) -> Result<Vec<Head>, DiskError> {
        let mut seen = self.news_of_others(now);
        let mut batch = Batch::new(&self.author, tail.head, now, seen.clone());
        if tail.closed || tail.sheet.is_none() {
            self.open_segment(tail)?;
        }
        let path = self.directory.join(segment::name(tail.segment));
        let failed = || DiskError::new("write", &path);
        let Some(sheet) = &tail.sheet else { return Err(failed()(std::io::ErrorKind::NotFound.into())) };
        if tail.offset == 0 {
            // Whoever created the file may have died before its name was certain to last.
            self.medium.sync_names(&self.directory).map_err(DiskError::new("sync", &self.directory))?;
            batch.push(&Draft::new(Kind::OPENED, "journal").with(self.opening(tail)?).entry());
        }
        let jump = tail.last.as_ref().and_then(|last| last.jump_note(now));
        for note in self.notes.iter().chain(&jump) {
            batch.push(&note.clone().entry());
        }
        let written = entries.iter().map(|entry| {
            batch.push(entry);
            batch.head
        });
        let written = written.collect();
        let closes = tail.offset + batch.bytes.len() as u64 >= self.segment_limit;
        if closes {
            let closing = batch.closing(&**sheet, tail).map_err(failed())?;
            batch.push(&Draft::new(Kind::CLOSED, "journal").with(closing).entry());
        }
        let end = tail.offset + batch.bytes.len() as u64;
        if let Err(error) = put(&**sheet, tail, &batch.bytes) {
            // Not acknowledged, so it should not come back either. Followers may have read it: they step back.
            let _ = sheet.truncate(tail.offset).and_then(|()| sheet.sync());
            return Err(failed()(error));
        }
        if closes {
            // Only its owner may; to a member of the group the digest is what protects it.
            let _ = sheet.seal();
        }
        if let Some(running) = &mut tail.running {
            running.add(&batch.bytes);
        }
        (tail.offset, tail.head, tail.closed, tail.torn) = (end, batch.head, closes, Vec::new());
        tail.last = Some(now.clone());
        self.seen.append(&mut seen);
        Ok(written)
    }

    fn open_segment(&self, tail: &mut Tail) -> Result<(), DiskError> {
        if let Some(closed) = &tail.sheet {
            // Its closing event may be that of a process that died before it was certain to last.
            closed.sync().map_err(DiskError::new("sync", &self.directory.join(segment::name(tail.segment))))?;
        }
        let first = tail.head.seq + 1;
        let path = self.directory.join(segment::name(first));
        let sheet = self.medium.create(&path).map_err(DiskError::new("create", &path))?;
        tail.begin(sheet, first);
        Ok(())
    }

    fn opening(&self, tail: &Tail) -> Result<Value, DiskError> {
        let first = tail.segment;
        let names = self.medium.names(&self.directory).map_err(DiskError::new("read", &self.directory))?;
        let before = segment::among(names.iter().map(String::as_str)).into_iter().rfind(|segment| *segment < first);
        let Some(before) = before else { return Ok(Value::Null) };
        let after = segment::name(before);
        if let Some(known) = tail.before.as_ref().filter(|known| known.after == after) {
            return Ok(json!(known));
        }
        let path = self.directory.join(&after);
        let sha256 = Digest::of(&self.medium.read(&path).map_err(DiskError::new("read", &path))?);
        Ok(json!(Opening { after, sha256 }))
    }

    /// How far the other chains have come, where that is new.
    fn news_of_others(&mut self, now: &Moment) -> Heads {
        let boot = Duration::from_millis(now.boot);
        if self.seen_at.is_some_and(|at| boot.saturating_sub(at) < SEEN_FOR) {
            return Heads::new();
        }
        self.seen_at = Some(boot);
        let mut heads = others::heads(&*self.medium, &self.journal, &self.author.chain);
        heads.retain(|chain, head| self.seen.get(chain) != Some(head));
        heads
    }
}

fn put(sheet: &dyn Sheet, tail: &Tail, bytes: &[u8]) -> std::io::Result<()> {
    if !tail.torn.is_empty() {
        // Gone for good first: after another crash its remains must not look like part of what follows.
        sheet.truncate(tail.offset)?;
        sheet.sync()?;
    }
    sheet.write_at(tail.offset, bytes)?;
    sheet.sync()
}
