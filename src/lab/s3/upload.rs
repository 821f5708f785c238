//! Uploads in parts: what has come so far, until it becomes an object or is given up.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::digest::{Algorithm, Sum};
use super::record::{Piece, Traits};
use super::{S3Error, disk};

/// An upload in parts that is under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Upload {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) begun: DateTime<Utc>,
    pub(super) algorithm: Option<Algorithm>,
    /// The checksum at the end is over all bytes, not over the checksums of the parts.
    pub(super) whole: bool,
    pub(super) traits: Traits,
    /// By number; each lies in a file of its own on disk.
    #[serde(skip)]
    pub(super) parts: BTreeMap<i32, Part>,
}

/// One part that has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) number: i32,
    pub(super) piece: Piece,
    pub(super) md5: [u8; 16],
    pub(super) sum: Sum,
    pub(super) modified: DateTime<Utc>,
}

impl Part {
    /// The entity tag it was answered with.
    pub(super) fn etag(&self) -> String {
        crate::text::hex(&self.md5)
    }
}

impl Upload {
    /// The files that its parts lie in.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        self.parts.values().map(|part| part.piece.clone()).collect()
    }

    /// The folder of the upload `id` in the folder of a bucket.
    pub(super) fn folder(bucket: &Path, id: &str) -> PathBuf {
        bucket.join("uploads").join(id)
    }
}

/// Reads what is under way. Uploads that became an object before a crash are tidied away.
pub(super) fn load(folder: &Path, finished: &[String]) -> Result<BTreeMap<String, Arc<Upload>>, S3Error> {
    let mut uploads = BTreeMap::new();
    for path in disk::files(folder)? {
        let head = path.join("upload.json");
        let begun = head.try_exists().map_err(S3Error::file("look at", &head))?;
        if !begun {
            disk::remove_all(&path)?;
            continue;
        }
        let mut upload: Upload = disk::read_json(&head)?;
        if finished.contains(&upload.id) {
            disk::remove_all(&path)?;
            continue;
        }
        for file in disk::files(&path)? {
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with("part-") && Path::new(name).extension().is_some_and(|end| end == "json") {
                let part: Part = disk::read_json(&file)?;
                upload.parts.insert(part.number, part);
            }
        }
        uploads.insert(upload.id.clone(), Arc::new(upload));
    }
    Ok(uploads)
}
