//! Faults of the database's files: a page damaged where it lies, while the server is down for a moment, because
//! it would otherwise go on serving its copy in memory.

use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::{Deed, FaultError, Undo, data, guard, kept};
use crate::lab::context::Lab;
use crate::lab::servers::postgres::{DATABASE, explain};
use crate::lab::{LabError, Role, ServerId, Site, beneath, files, servers, signals};

const SIZE: usize = 8192;
const SERVER: ServerId = ServerId::new(Site::Primary, Role::Postgres);

/// A page as it was and as it was left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::lab) struct Page {
    file: PathBuf,
    block: u64,
    /// Its content before.
    was: PathBuf,
    /// Its content after, to know whether somebody else has changed it since.
    left: PathBuf,
}

impl Page {
    /// Whether it is that one.
    pub(super) fn is(&self, file: &Path, block: u64) -> bool {
        self.file == file && self.block == block
    }

    /// Whether its file is gone or ends before it.
    fn is_beyond(&self) -> bool {
        let length = std::fs::metadata(&self.file).map_or(0, |found| found.len());
        length < (self.block + 1) * SIZE as u64
    }

    /// Removes what was kept of it.
    fn let_go(&self) {
        let _ = std::fs::remove_file(&self.was);
        let _ = std::fs::remove_file(&self.left);
    }
}

pub(super) async fn damage(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let client = guard::postgres(deed.lab, Site::Primary, DATABASE).await?;
    let table = data::table(deed, &client).await?;
    let of_index = deed.fault.name == "break-index";
    let relation = if of_index { index_of(deed, &client, &table).await? } else { table };
    let failed = |error: tokio_postgres::Error| explain(&error);
    client.batch_execute("CHECKPOINT").await.map_err(|error| deed.failed(failed(error)))?;
    let asked = "SELECT pg_relation_filepath(to_regclass($1)), pg_relation_size(to_regclass($1))";
    let row = client.query_one(asked, &[&relation]).await.map_err(|error| deed.failed(failed(error)))?;
    let (path, bytes): (String, i64) = (row.get(0), row.get(1));
    let blocks = u64::try_from(bytes).unwrap_or(0) / SIZE as u64;
    if blocks < 2 {
        return Err(deed.failed(format!("{relation} is too small: it has {blocks} pages")));
    }
    drop(client);
    // The first page of an index describes it; the second is its first leaf. Larger files continue elsewhere.
    let block = if of_index { 1 } else { (blocks / 2).min(100_000) };
    let file = deed.lab.layout.server(SERVER).join("data").join(path);
    if let Some(other) = deed.ledger.keeper_of_page(&file, block) {
        return Err(other.still_in_force());
    }

    halt(deed.lab).await;
    let damaged = damage_page(deed, &relation, &file, block);
    let started = servers::bring_up(deed.lab, SERVER).await;
    damaged?;
    started.map(|_| ())
}

fn damage_page(deed: &mut Deed<'_>, relation: &str, file: &Path, block: u64) -> Result<(), LabError> {
    let was = read(file, block)?;
    let mut left = was;
    let what = if deed.fault.name == "zero-page" {
        left = [0; SIZE];
        "overwrote with zeros"
    } else {
        // Behind the header and before the end, so that only the checksum, or a row, tells.
        for byte in &mut left[SIZE - 256..SIZE - 192] {
            *byte ^= 0xA5;
        }
        "flipped bytes in"
    };
    if left == was {
        return Err(deed.failed(format!("page {block} of {relation} was so before")));
    }
    let folder = deed.lab.layout.root().join("kept");
    files::make_folder(&folder, 0o700, None)?;
    let page = Page {
        file: file.to_owned(),
        block,
        was: folder.join(files::random_text(12)?),
        left: folder.join(files::random_text(12)?),
    };
    files::replace(&page.was, &was, 0o600, None)?;
    files::replace(&page.left, &left, 0o600, None)?;
    deed.remember(format!("{what} page {block} of {relation}"), Some(Undo::Page(page)))?;
    write(file, block, &left)
}

/// The index of the primary key.
async fn index_of(deed: &Deed<'_>, client: &tokio_postgres::Client, table: &str) -> Result<String, LabError> {
    let asked = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = to_regclass($1) \
                 ORDER BY indisprimary DESC, pg_relation_size(indexrelid) DESC LIMIT 1";
    let found = client.query_opt(asked, &[&table]).await.map_err(|error| deed.failed(explain(&error)))?;
    found.map(|row| row.get(0)).ok_or_else(|| deed.failed(format!("{table} has no index")))
}

async fn halt(lab: &Lab) {
    if let Some(born) = lab.processes.alive(SERVER) {
        let (signal, patience) = servers::farewell(SERVER);
        signals::end(&born, signal, patience).await;
    }
}

fn read(file: &Path, block: u64) -> Result<[u8; SIZE], LabError> {
    let mut page = [0; SIZE];
    let read = beneath::open(file, OFlags::RDONLY, 0);
    let read = read.and_then(|open| open.read_exact_at(&mut page, block * SIZE as u64));
    read.map(|()| page).map_err(LabError::file("read", file))
}

fn write(file: &Path, block: u64, page: &[u8]) -> Result<(), LabError> {
    let open = beneath::open(file, OFlags::WRONLY, 0).map_err(LabError::file("open", file))?;
    let written = open.write_all_at(page, block * SIZE as u64).and_then(|()| open.sync_all());
    written.map_err(LabError::file("write", file))
}

/// Puts the page back, unless somebody has changed it since.
pub(super) async fn put_back(lab: &Lab, page: &Page) -> Result<(), LabError> {
    let (was, left) = (kept::content(&page.was, &page.file)?, kept::content(&page.left, &page.file)?);
    let lost = |what: &str| FaultError::NoUndo(format!("the damage in {}, {what},", page.file.display())).into();
    halt(lab).await;
    let done: Result<(), LabError> = match read(&page.file, page.block) {
        Ok(now) if now[..] == left[..] => write(&page.file, page.block, &was),
        // An undo that was cut short.
        Ok(now) if now[..] == was[..] => Ok(()),
        Ok(_) => Err(lost("changed since")),
        Err(_) if page.is_beyond() => Err(lost("a page that is gone")),
        Err(error) => Err(error),
    };
    let started = servers::bring_up(lab, SERVER).await;
    match done {
        Err(error @ LabError::Fault(FaultError::NoUndo(_))) => {
            page.let_go();
            Err(error)
        }
        Err(error) => Err(error),
        Ok(()) => {
            started?;
            page.let_go();
            Ok(())
        }
    }
}
