//! A file that is whole, and on its way to its name.

use super::trouble::MediaError;
use super::{blocking, bucket, far, folder};

/// A file that a store has all of, and that has no name yet. Dropped, it is gone.
#[derive(Debug)]
pub enum Staged {
    /// In a folder.
    File(folder::Staged),
    /// In a folder of another machine.
    Far(Box<far::Staged>),
    /// In a bucket.
    Object(bucket::Staged),
}

impl Staged {
    /// Gives it its name, if nothing has it.
    pub async fn publish(self) -> Result<(), MediaError> {
        match self {
            Staged::File(staged) => blocking(String::new(), move || staged.publish()).await,
            Staged::Far(staged) => staged.publish().await,
            Staged::Object(staged) => staged.publish().await,
        }
    }
}
