//! A file that a bucket has all of, until it gets its name or is given up.

use bytes::Bytes;

use super::{abandon, options, trouble};
use crate::reach::s3::Trouble::Silent;
use crate::reach::s3::{Bucket, Part, Upload};
use crate::vault::media::tickets::Slip;
use crate::vault::media::trouble::{MediaError, Trouble};

/// A file that is whole and has no name yet. Dropped, it is given up.
#[derive(Debug)]
pub struct Staged {
    pub(super) bucket: Bucket,
    pub(super) key: String,
    pub(super) sent: Option<Sent>,
    pub(super) slip: Option<Slip>,
}

/// What of it the bucket has.
#[derive(Debug)]
pub(super) enum Sent {
    /// Small enough to go at once.
    Nothing(Bytes),
    /// Every part of it.
    Parts(Upload, Vec<Part>),
}

impl Staged {
    /// Gives it its name, if nothing has it.
    pub async fn publish(mut self) -> Result<(), MediaError> {
        let written = match self.sent.take() {
            Some(Sent::Nothing(bytes)) => self.bucket.put_new(&self.key, bytes, &options()).await,
            Some(Sent::Parts(upload, parts)) => {
                let written = upload.complete(&parts, true).await;
                match &written {
                    // The service may be at it still. Its ticket stays, and leads to what is left of it later.
                    Err(error) if matches!(error.trouble(), Silent(_)) => drop(self.slip.take()),
                    Err(_) => abandon(&upload, self.slip.take()).await,
                    Ok(_) => {}
                }
                written.map(Some)
            }
            None => Ok(None),
        };
        self.slip.take().into_iter().for_each(Slip::end);
        match written {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(MediaError::new(&self.key, Trouble::Exists, "it is there already")),
            Err(error) => Err(trouble(&error)),
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        let slip = self.slip.take();
        match (self.sent.take(), tokio::runtime::Handle::try_current()) {
            (Some(Sent::Parts(upload, _)), Ok(runtime)) => {
                // Nobody waits for it. What stays cannot be seen; its ticket leads to it later.
                runtime.spawn(async move { abandon(&upload, slip).await });
            }
            (Some(Sent::Nothing(_)), _) => slip.into_iter().for_each(Slip::end),
            _ => {}
        }
    }
}
