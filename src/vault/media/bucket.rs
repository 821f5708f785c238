//! A store that is a bucket. What is written in parts has no name before all of it is there.

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinSet;

use super::trouble::{MediaError, Trouble};
use crate::reach::s3::{Bucket, Options, Part, PartSizes, S3Error, Trouble as Said, Upload};
use crate::text::{Explain, with_causes};
use crate::vault::pass::Chunk;

/// So many bytes are under way at once at most; one part always.
const UNDER_WAY: u64 = 16 << 20;

/// A file that is whole and has no name yet. Dropped, it is given up.
#[derive(Debug)]
pub struct Staged {
    bucket: Bucket,
    key: String,
    sent: Option<Sent>,
}

#[derive(Debug)]
enum Sent {
    /// Small enough to go at once.
    Nothing(Bytes),
    /// Every part of it.
    Parts(Upload, Vec<Part>),
}

/// What a bucket said, as trouble of a store.
pub fn trouble(error: &S3Error) -> MediaError {
    let trouble = match error.trouble() {
        Said::Full => Trouble::Full,
        Said::NoSuchBucket | Said::NotFound | Said::NoSuchUpload => Trouble::Gone,
        Said::Denied(_) | Said::NoKeys(_) | Said::UnknownKey | Said::BadSignature | Said::Expired => Trouble::Refused,
        Said::NotMet => Trouble::Exists,
        Said::Slow | Said::Silent(_) | Said::Unreachable(_) | Said::Unavailable { .. } => Trouble::Stalled,
        Said::NotOffered => Trouble::NotOffered,
        _ => Trouble::Other,
    };
    MediaError { next: Some(error.next_step()), ..MediaError::new("", trouble, error.to_string()) }
}

/// Writes what comes, to its end, and leaves it without a name.
pub async fn write(
    bucket: Bucket,
    sizes: PartSizes,
    key: String,
    input: Receiver<Chunk>,
) -> Result<Staged, MediaError> {
    // Told before everything is read, and decided once more when it gets its name.
    match bucket.head(&key).await {
        Ok(_) => return Err(MediaError::new(key, Trouble::Exists, "it is there already")),
        // Who may not list is not told what is not there; and a refusal without words is told in words by the next.
        Err(error) if error.is_not_found() || matches!(error.trouble(), Said::Denied(_)) => {}
        Err(error) => return Err(trouble(&error)),
    }
    let mut parts = Parts { bucket, sizes, key, upload: None, sent: Vec::new(), running: JoinSet::new() };
    match parts.take_all(input).await {
        Ok(last) => Ok(parts.end(last)),
        Err(error) => {
            parts.give_up().await;
            Err(error)
        }
    }
}

struct Parts {
    bucket: Bucket,
    sizes: PartSizes,
    key: String,
    upload: Option<Upload>,
    sent: Vec<Part>,
    running: JoinSet<Result<Part, S3Error>>,
}

impl Parts {
    /// Sends part after part; what is left is the last.
    async fn take_all(&mut self, mut input: Receiver<Chunk>) -> Result<Bytes, MediaError> {
        let (mut gathered, mut number) = (BytesMut::new(), 1);
        loop {
            match input.recv().await {
                Some(Chunk::Bytes(mut bytes)) => {
                    while let Some(rest) = self.fill(&mut gathered, bytes, number)? {
                        self.send(gathered.split().freeze(), number).await?;
                        number += 1;
                        bytes = rest;
                    }
                }
                Some(Chunk::End) => break,
                None => return Err(MediaError::new(&self.key, Trouble::Other, "what was to be kept broke off")),
            }
        }
        let last = gathered.freeze();
        if self.upload.is_some() && !last.is_empty() {
            self.send(last.clone(), number).await?;
        }
        while let Some(done) = self.running.join_next().await {
            self.arrived(done)?;
        }
        Ok(last)
    }

    /// Adds bytes to a part; what does not fit any more, once it is full.
    fn fill(&self, gathered: &mut BytesMut, mut bytes: Bytes, number: u32) -> Result<Option<Bytes>, MediaError> {
        let too_large = || MediaError::new(&self.key, Trouble::Other, "it is larger than a bucket takes");
        let size = usize::try_from(self.sizes.size(number).ok_or_else(too_large)?).unwrap_or(usize::MAX);
        let room = size.saturating_sub(gathered.len());
        if bytes.len() < room {
            gathered.extend_from_slice(&bytes);
            return Ok(None);
        }
        gathered.extend_from_slice(&bytes.split_to(room));
        Ok(Some(bytes))
    }

    async fn send(&mut self, body: Bytes, number: u32) -> Result<(), MediaError> {
        let upload = if let Some(upload) = &self.upload {
            upload.clone()
        } else {
            let begun = Upload::begin(&self.bucket, &self.key, &options()).await;
            self.upload.insert(begun.map_err(|error| trouble(&error))?).clone()
        };
        let at_once = usize::try_from(UNDER_WAY / (body.len() as u64).max(1)).unwrap_or(1).clamp(1, 4);
        while self.running.len() >= at_once
            && let Some(done) = self.running.join_next().await
        {
            self.arrived(done)?;
        }
        self.running.spawn(async move { upload.part(number, body).await });
        Ok(())
    }

    fn arrived(&mut self, done: Result<Result<Part, S3Error>, tokio::task::JoinError>) -> Result<(), MediaError> {
        let part = done.map_err(|error| MediaError::new(&self.key, Trouble::Other, with_causes(&error)))?;
        self.sent.push(part.map_err(|error| trouble(&error))?);
        Ok(())
    }

    fn end(mut self, last: Bytes) -> Staged {
        self.sent.sort_by_key(|part| part.number);
        let sent = match self.upload.take() {
            Some(upload) => Sent::Parts(upload, std::mem::take(&mut self.sent)),
            None => Sent::Nothing(last),
        };
        Staged { bucket: self.bucket.clone(), key: self.key.clone(), sent: Some(sent) }
    }

    async fn give_up(mut self) {
        self.running.shutdown().await;
        if let Some(upload) = self.upload {
            let _ = upload.abandon().await;
        }
    }
}

/// What is restored from lies in the class that the plan says; what is told of it is read often.
fn options() -> Options {
    Options { in_class: true, ..Options::default() }
}

impl Staged {
    /// Gives it its name, if nothing has it.
    pub async fn publish(mut self) -> Result<(), MediaError> {
        let written = match self.sent.take() {
            Some(Sent::Nothing(bytes)) => self.bucket.put_new(&self.key, bytes, &options()).await,
            Some(Sent::Parts(upload, parts)) => {
                let written = upload.complete(&parts, true).await;
                if written.is_err() {
                    let _ = upload.abandon().await;
                }
                written.map(Some)
            }
            None => Ok(None),
        };
        match written {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(MediaError::new(&self.key, Trouble::Exists, "it is there already")),
            Err(error) => Err(trouble(&error)),
        }
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(Sent::Parts(upload, _)) = self.sent.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            // Nobody waits for it. What stays cannot be seen; a rule of the bucket for unfinished uploads removes it.
            runtime.spawn(async move { upload.abandon().await });
        }
    }
}
