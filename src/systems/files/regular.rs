//! Small files, here or where reach leads: read whole or not at all, and never a pipe or a device.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::plan::{Place, regular};
use crate::reach::{Command, Reach, ReachError};
use crate::systems::contact::Contact;
use crate::systems::one_look::OneLook;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum NoFile {
    /// There is none.
    #[error("{path} is not there", path = .0.display())]
    Missing(PathBuf),
    /// We may not.
    #[error("{path} may not be read by us", path = .0.display())]
    Denied(PathBuf),
    /// It is larger than anything of its sort.
    #[error("{path} is larger than {} KiB", most / 1024, path = path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// How large it may be.
        most: usize,
    },
    /// Something else.
    #[error("{path} cannot be read: {why}", path = path.display())]
    Other {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The way to it failed.
    #[error("{0}")]
    Reach(#[from] ReachError),
}

/// What is in a file at a place.
pub async fn fetch(
    path: &Path,
    place: &Place,
    most: usize,
    looks: &OneLook,
    with: &Contact<'_>,
) -> Result<Zeroizing<Vec<u8>>, NoFile> {
    if place.is_here() {
        let its_path = path.to_owned();
        let reading = looks.take(move || {
            let mut bytes = Zeroizing::new(Vec::new());
            regular::open(&its_path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        let read = reading.await.unwrap_or_else(|| Err(std::io::Error::other("looking at it broke")));
        return match read {
            Ok(bytes) if bytes.len() > most => Err(NoFile::TooLarge { path: path.to_owned(), most }),
            Ok(bytes) => Ok(bytes),
            Err(error) => Err(of_kind(path, error.kind(), error.to_string())),
        };
    }
    let reach = Reach::open(place, with.reach).await?;
    let command = Command::new("cat").arg("--").arg(path).keep(2 * most).env("LC_ALL", "C");
    let output = reach.run(command.cancelled_by(with.stop.clone())).await?;
    if output.is_ok() {
        let whole = output.stdout.whole().map(|bytes| Zeroizing::new(bytes.into_owned()));
        return whole
            .filter(|bytes| bytes.len() <= most)
            .ok_or_else(|| NoFile::TooLarge { path: path.to_owned(), most });
    }
    let said = output.stderr.shown(&with.reach.redactor, 200);
    let kind = match &said {
        said if said.contains("No such file") || said.contains("Not a directory") => ErrorKind::NotFound,
        said if said.contains("Permission denied") => ErrorKind::PermissionDenied,
        _ => ErrorKind::Other,
    };
    if kind == ErrorKind::Other {
        output.ok()?;
    }
    Err(of_kind(path, kind, said))
}

fn of_kind(path: &Path, kind: ErrorKind, why: String) -> NoFile {
    let path = path.to_owned();
    match kind {
        ErrorKind::NotFound | ErrorKind::NotADirectory => NoFile::Missing(path),
        ErrorKind::PermissionDenied => NoFile::Denied(path),
        _ => NoFile::Other { path, why },
    }
}
