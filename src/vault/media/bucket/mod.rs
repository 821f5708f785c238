//! A store that is a bucket. What is written in parts has no name before all of it is there, and is gone on with by
//! whoever writes the same after a process that was killed.

mod gather;
mod parts;
mod staged;

use parts::Parts;
pub use staged::Staged;
use tokio::sync::mpsc::Receiver;

use super::tickets::{Slip, Tickets};
use super::trouble::{MediaError, Trouble};
use crate::reach::s3::{Bucket, Options, PartSizes, S3Error, Trouble as Said, Upload};
use crate::text::Explain;
use crate::vault::pass::Chunk;

/// How files are sent to a bucket.
#[derive(Clone, Debug, Default)]
pub struct Sending {
    /// How large the parts are.
    pub sizes: PartSizes,
    /// Where it is kept what is under way, large parts included.
    pub tickets: Option<Tickets>,
    /// Whether what breaks off is left for whoever writes the same again, and not given up.
    pub is_gone_on_with: bool,
}

/// What a bucket said, as trouble of a store.
pub fn trouble(error: &S3Error) -> MediaError {
    let trouble = match error.trouble() {
        Said::Full => Trouble::Full,
        Said::NoSuchBucket | Said::NotFound | Said::NoSuchUpload => Trouble::Gone,
        Said::Denied(_) | Said::NoKeys(_) | Said::UnknownKey | Said::BadSignature | Said::Expired => Trouble::Refused,
        Said::NotMet => Trouble::Exists,
        Said::Slow | Said::Silent(_) | Said::Unreachable(_) | Said::Unavailable { .. } => Trouble::Stalled,
        Said::Archived => Trouble::Archived,
        Said::NotOffered => Trouble::NotOffered,
        _ => Trouble::Other,
    };
    MediaError { next: Some(error.next_step()), ..MediaError::new("", trouble, error.to_string()) }
}

/// Writes what comes, to its end, and leaves it without a name.
pub async fn write(
    bucket: Bucket,
    sending: Sending,
    key: String,
    input: Receiver<Chunk>,
) -> Result<Staged, MediaError> {
    // Told before everything is read, and decided once more when it gets its name.
    match bucket.head(&key).await {
        Ok(_) => return Err(MediaError::new(key, Trouble::Exists, "it is there already")),
        // Who may not list is not told what is not there; and a refusal without words is told in words by the next.
        Err(error) if error.is_not_found() || error.is_without_words() => {}
        Err(error) => return Err(trouble(&error)),
    }
    let mut parts = Parts::new(bucket, sending, key);
    parts.go_on().await?;
    match parts.take_all(input).await {
        Ok(last) => Ok(parts.end(last)),
        Err(error) => {
            parts.give_up().await;
            Err(error)
        }
    }
}

/// Gives an upload up. Its ticket stays where the service does not answer now.
async fn abandon(upload: &Upload, slip: Option<Slip>) {
    if upload.abandon().await.is_ok()
        && let Some(slip) = slip
    {
        slip.end();
    }
}

/// What is restored from lies in the class that the plan says; what is told of it is read often.
fn options() -> Options {
    Options { in_class: true, ..Options::default() }
}
