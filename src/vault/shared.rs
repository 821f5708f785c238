//! Where several hosts can claim something: a store that they share, a folder or a bucket.

use std::sync::Arc;

use super::media::{Folder, Media};
use crate::journal::claim::{BucketClaims, ClaimStore, LocalClaims, OURS};
use crate::journal::{Digest, State};
use crate::plan::types::{Platform, Store, StoreKind};
use crate::reach::Secrets;
use crate::reach::s3::Bucket;

/// A room for claims of one sort. In a store it is of one platform and environment: others may share the store.
#[derive(Clone, Debug)]
pub struct Room {
    platform: String,
    name: &'static str,
    group: Option<String>,
}

impl Room {
    /// The room of this name of a platform.
    pub fn of(platform: &Platform, name: &'static str) -> Room {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let is_plain = |text: &str| (1..=100).contains(&text.len()) && text.chars().all(is_letter);
        // What can be no folder everywhere is told from others by its digest.
        let of = |text: &String| if is_plain(text) { text.clone() } else { Digest::of(text.as_bytes()).to_string() };
        let platform_name = match &platform.environment {
            Some(environment) => format!("{}@{}", of(&platform.name), of(environment)),
            None => of(&platform.name),
        };
        Room { platform: platform_name, name, group: platform.group.clone() }
    }

    fn path(&self) -> String {
        format!("{}/{}", self.platform, self.name)
    }
}

/// A store that can hold claims.
#[derive(Clone, Debug)]
pub enum Shared {
    /// A folder that is here.
    Folder(Folder),
    /// A bucket.
    Bucket(Bucket),
}

impl Shared {
    /// Whether a store of the plan may hold claims; only asking tells whether it does.
    pub fn is_one(store: &Store) -> bool {
        let is_bucket = matches!(store.kind, StoreKind::S3 | StoreKind::Archive) && store.bucket.is_some();
        store.folder_here().is_some() || is_bucket
    }

    /// Whether other hosts may see what lies in a store that holds no claims.
    pub fn holds_no_claims(store: &Store) -> bool {
        store.path.is_some() && !store.is_here() && store.kind != StoreKind::Git && !Shared::is_one(store)
    }

    /// The way to a store. Nothing is asked of it yet.
    pub async fn of(store: &Store, secrets: &Secrets) -> Result<Shared, String> {
        match Media::open(store, secrets).await {
            Ok(Media::Bucket(bucket, _)) => Ok(Shared::Bucket(bucket)),
            Ok(Media::Folder(folder)) => Ok(Shared::Folder(folder)),
            Ok(Media::Far(_)) => Err("it is a folder of another machine".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The claims in a room of it, made where it is not there yet. Blocks.
    pub fn claims(&self, room: &Room) -> Result<Arc<dyn ClaimStore>, String> {
        match self {
            Shared::Folder(folder) => {
                folder.is_there().map_err(|error| error.to_string())?;
                let state = folder.path(OURS).join(&room.platform);
                let state = State::open(&state, room.group.as_deref()).map_err(|error| error.to_string())?;
                Ok(Arc::new(LocalClaims::open_room(&state, room.name).map_err(|error| error.to_string())?))
            }
            Shared::Bucket(bucket) => {
                Ok(Arc::new(BucketClaims::open(bucket.clone(), &room.path()).map_err(|error| error.to_string())?))
            }
        }
    }

    /// The same, only to be looked at; nothing is made. Blocks.
    pub fn to_look_at(&self, room: &Room) -> Result<Arc<dyn ClaimStore>, String> {
        match self {
            Shared::Folder(folder) => {
                folder.is_there().map_err(|error| error.to_string())?;
                Ok(Arc::new(LocalClaims::to_look_at(folder.path(OURS).join(room.path()))))
            }
            Shared::Bucket(bucket) => {
                let claims = BucketClaims::to_look_at(bucket.clone(), &room.path());
                Ok(Arc::new(claims.map_err(|error| error.to_string())?))
            }
        }
    }
}
