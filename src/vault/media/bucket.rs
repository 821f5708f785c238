//! A store that is a bucket. What is written in parts has no name before all of it is there, and is gone on with by
//! whoever writes the same after a process that was killed.

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use chrono::Utc;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinSet;

use super::tickets::{Slip, Tickets};
use super::trouble::{MediaError, Trouble};
use crate::reach::s3::{Bucket, Options, Part, PartSizes, S3Error, Trouble as Said, Upload};
use crate::text::{Explain, with_causes};
use crate::vault::pass::Chunk;

/// So many bytes are under way at once at most; one part always.
const UNDER_WAY: u64 = 16 << 20;
/// While one of this size is under way, no other is gathered: what that costs in time is little beside its memory.
const ALONE: u64 = 256 << 20;

/// How files are sent to a bucket.
#[derive(Clone, Debug, Default)]
pub struct Sending {
    /// How large the parts are.
    pub sizes: PartSizes,
    /// Where it is kept what is under way.
    pub tickets: Option<Tickets>,
    /// Whether what breaks off is left for whoever writes the same again, and not given up.
    pub is_gone_on_with: bool,
}

/// A file that is whole and has no name yet. Dropped, it is given up.
#[derive(Debug)]
pub struct Staged {
    bucket: Bucket,
    key: String,
    sent: Option<Sent>,
    slip: Option<Slip>,
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

struct Parts {
    bucket: Bucket,
    sending: Sending,
    key: String,
    slip: Option<Slip>,
    upload: Option<Upload>,
    /// What an earlier process has sent, by number.
    arrived: HashMap<u32, Part>,
    sent: Vec<Part>,
    running: JoinSet<Result<Part, S3Error>>,
}

impl Parts {
    fn new(bucket: Bucket, sending: Sending, key: String) -> Parts {
        let slip = sending.tickets.as_ref().and_then(|tickets| tickets.find(&bucket, &key));
        let (arrived, sent, running) = (HashMap::new(), Vec::new(), JoinSet::new());
        Parts { bucket, sending, key, slip, upload: None, arrived, sent, running }
    }

    /// Finds what an earlier process has begun and sent.
    async fn go_on(&mut self) -> Result<(), MediaError> {
        let Some(ticket) = self.slip.as_mut().and_then(|slip| slip.ticket(&self.bucket)) else { return Ok(()) };
        let upload = Upload::resume(&self.bucket, ticket);
        match upload.list_parts().await {
            Ok(arrived) => {
                self.arrived = arrived.into_iter().map(|part| (part.number, part)).collect();
                self.upload = Some(upload);
                Ok(())
            }
            Err(error) if *error.trouble() == Said::NoSuchUpload => Ok(()),
            Err(error) => Err(trouble(&error)),
        }
    }

    /// Sends part after part; what is left is the last.
    async fn take_all(&mut self, mut input: Receiver<Chunk>) -> Result<Bytes, MediaError> {
        let (mut gathered, mut number) = (BytesMut::new(), 1);
        loop {
            match input.recv().await {
                Some(Chunk::Bytes(bytes)) => {
                    let mut rest = self.fill(&mut gathered, bytes, number)?;
                    while let Some(bytes) = rest {
                        self.send(gathered.split().freeze(), number).await?;
                        number += 1;
                        rest = if bytes.is_empty() { None } else { self.fill(&mut gathered, bytes, number)? };
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
        self.wait(0).await?;
        Ok(last)
    }

    /// Adds bytes to a part; what does not fit any more, once it is full.
    fn fill(&self, gathered: &mut BytesMut, mut bytes: Bytes, number: u32) -> Result<Option<Bytes>, MediaError> {
        let too_large = || MediaError::new(&self.key, Trouble::Other, "it is larger than a bucket takes");
        let size = usize::try_from(self.sending.sizes.size(number).ok_or_else(too_large)?).unwrap_or(usize::MAX);
        // Grown by itself, it would become twice as large as what comes into it.
        if gathered.is_empty() {
            *gathered = BytesMut::with_capacity(size);
        }
        let room = size.saturating_sub(gathered.len());
        if bytes.len() < room {
            gathered.extend_from_slice(&bytes);
            return Ok(None);
        }
        gathered.extend_from_slice(&bytes.split_to(room));
        Ok(Some(bytes))
    }

    async fn send(&mut self, body: Bytes, number: u32) -> Result<(), MediaError> {
        if let Some(part) = self.arrived.remove(&number).filter(|part| part.holds(&body)) {
            self.sent.push(part);
            return Ok(());
        }
        let upload = match &self.upload {
            Some(upload) => upload.clone(),
            None => self.begin().await?,
        };
        let (at_once, is_alone) = (at_once(body.len() as u64), body.len() as u64 >= ALONE);
        self.wait(at_once - 1).await?;
        self.running.spawn(async move { upload.part(number, body).await });
        if is_alone { self.wait(0).await } else { Ok(()) }
    }

    /// Waits until no more than so many are under way.
    async fn wait(&mut self, at_most: usize) -> Result<(), MediaError> {
        while self.running.len() > at_most
            && let Some(done) = self.running.join_next().await
        {
            self.has_arrived(done)?;
        }
        Ok(())
    }

    async fn begin(&mut self) -> Result<Upload, MediaError> {
        let begun = Upload::begin(&self.bucket, &self.key, &options()).await.map_err(|error| trouble(&error))?;
        if self.slip.is_none() {
            self.slip = self.sending.tickets.as_ref().and_then(|tickets| tickets.make(&self.bucket, &self.key));
        }
        if let Some(slip) = &mut self.slip
            && let Err(error) = slip.keep(&self.bucket, begun.ticket(), Utc::now())
        {
            tracing::warn!(%error, "an upload could not be gone on with if it broke off");
        }
        Ok(self.upload.insert(begun).clone())
    }

    fn has_arrived(&mut self, done: Result<Result<Part, S3Error>, tokio::task::JoinError>) -> Result<(), MediaError> {
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
        Staged { bucket: self.bucket, key: self.key, sent: Some(sent), slip: self.slip }
    }

    async fn give_up(mut self) {
        self.running.shutdown().await;
        match self.upload {
            Some(_) if self.slip.is_some() && self.sending.is_gone_on_with => {}
            Some(upload) => abandon(&upload, self.slip).await,
            None => self.slip.into_iter().for_each(Slip::end),
        }
    }
}

/// How many parts of a size are under way at once.
fn at_once(size: u64) -> usize {
    usize::try_from(UNDER_WAY / size.max(1)).unwrap_or(1).clamp(1, 4)
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

impl Staged {
    /// Gives it its name, if nothing has it.
    pub async fn publish(mut self) -> Result<(), MediaError> {
        let written = match self.sent.take() {
            Some(Sent::Nothing(bytes)) => self.bucket.put_new(&self.key, bytes, &options()).await,
            Some(Sent::Parts(upload, parts)) => {
                let written = upload.complete(&parts, true).await;
                if written.is_err() {
                    abandon(&upload, self.slip.take()).await;
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

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    /// The most bytes of an artefact of a size that are held: the parts under way, and the one that is gathered.
    fn most_held(total: u64) -> u64 {
        let (mut sent, mut most) = (0, 0);
        for number in 1.. {
            if sent >= total {
                break;
            }
            let size = PartSizes::default().size(number).unwrap();
            let others = if size < ALONE { at_once(size) as u64 } else { 0 };
            most = most.max((others + 1) * size);
            sent += size;
        }
        most
    }

    #[test]
    fn what_is_held_in_memory_grows_slowly_with_the_artefact() {
        let most = [10, 100, 1024, 5 * 1024].map(|gib| most_held(gib * GIB) >> 20);
        assert_eq!(most, [24, 162, 812, 1536], "MiB, for 10 GiB, 100 GiB, 1 TiB and 5 TiB");
    }
}
