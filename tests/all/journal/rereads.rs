//! What a writer reads of its own chain: the end of its last event, and no segment as a whole.

use std::any::Any;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lifeboat::journal::{Access, Disk, Journal, LockError, Medium, Sheet};

use super::ground::{Ground, record, settings};

/// A disk that knows the longest reading.
struct Watched {
    disk: Disk,
    longest: Arc<AtomicUsize>,
}

struct WatchedSheet {
    sheet: Box<dyn Sheet>,
    longest: Arc<AtomicUsize>,
}

impl Watched {
    fn sheet(&self, sheet: Box<dyn Sheet>) -> Box<dyn Sheet> {
        Box::new(WatchedSheet { sheet, longest: Arc::clone(&self.longest) })
    }
}

fn noted(longest: &AtomicUsize, read: io::Result<Vec<u8>>) -> io::Result<Vec<u8>> {
    longest.fetch_max(read.as_ref().map_or(0, Vec::len), Ordering::Relaxed);
    read
}

impl Medium for Watched {
    fn turn(&self, directory: &Path) -> Result<Box<dyn Any>, LockError> {
        self.disk.turn(directory)
    }

    fn names(&self, directory: &Path) -> io::Result<Vec<String>> {
        self.disk.names(directory)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        noted(&self.longest, self.disk.read(path))
    }

    fn read_end(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        self.disk.read_end(path, most)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Sheet>> {
        Ok(self.sheet(self.disk.open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Sheet>> {
        Ok(self.sheet(self.disk.create(path)?))
    }

    fn sync_names(&self, directory: &Path) -> io::Result<()> {
        self.disk.sync_names(directory)
    }

    fn free_ballast(&self, directory: &Path) -> io::Result<bool> {
        self.disk.free_ballast(directory)
    }

    fn keep_ballast(&self, directory: &Path) -> io::Result<bool> {
        self.disk.keep_ballast(directory)
    }
}

impl Sheet for WatchedSheet {
    fn size(&self) -> io::Result<u64> {
        self.sheet.size()
    }

    fn read_from(&self, offset: u64) -> io::Result<Vec<u8>> {
        noted(&self.longest, self.sheet.read_from(offset))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.sheet.write_at(offset, bytes)
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.sheet.truncate(size)
    }

    fn sync(&self) -> io::Result<()> {
        self.sheet.sync()
    }

    fn seal(&self) -> io::Result<()> {
        self.sheet.seal()
    }
}

#[test]
fn closing_a_segment_reads_nothing_of_it_again() {
    let ground = Ground::new();
    drop(ground.open());
    let longest = Arc::new(AtomicUsize::new(0));
    let open = || {
        let disk = Disk { access: Access::PRIVATE, patience: Duration::from_secs(10), ballast: 0 };
        let watched = Watched { disk, longest: Arc::clone(&longest) };
        Journal::on(Arc::new(watched), &ground.journal(), settings()).unwrap()
    };
    let (one, two) = (open(), open());
    for _ in 0..10 {
        record(&one, 10);
        record(&two, 10);
    }
    drop((one, two));
    assert!(ground.segments().len() > 3);
    assert!(ground.verify().is_whole(), "{:#?}", ground.verify());
    let longest = longest.load(Ordering::Relaxed);
    // Ten events of the other, and no segment of sixteen kilobytes.
    assert!(longest < 8 << 10, "{longest} bytes were read at once");
}
