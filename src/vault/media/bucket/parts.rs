//! One part after the other, as many at the same time as memory allows.

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use chrono::Utc;
use tokio::sync::mpsc::Receiver;
use tokio::task::{JoinError, JoinSet};

use super::gather::Gather;
use super::staged::{Sent, Staged};
use super::{Sending, abandon, options, trouble};
use crate::reach::s3::{Bucket, Part, Payload, S3Error, Trouble as Said, Upload};
use crate::text::with_causes;
use crate::vault::media::tickets::Slip;
use crate::vault::media::trouble::{MediaError, Trouble};
use crate::vault::pass::Chunk;

/// So many bytes are under way at once at most; one part always.
const UNDER_WAY: u64 = 16 << 20;
/// While one of this size is held and under way, no other is gathered: what that costs in time is little beside its
/// memory.
const ALONE: u64 = 256 << 20;

/// What became of a part, and what it was.
type Gone = (Result<Part, S3Error>, Payload);

/// A file on its way into a bucket.
pub(super) struct Parts {
    bucket: Bucket,
    sending: Sending,
    key: String,
    slip: Option<Slip>,
    upload: Option<Upload>,
    /// What an earlier process has sent, by number.
    arrived: HashMap<u32, Part>,
    sent: Vec<Part>,
    running: JoinSet<Gone>,
    /// Where parts lay that have gone.
    spare: Vec<BytesMut>,
}

impl Parts {
    pub(super) fn new(bucket: Bucket, sending: Sending, key: String) -> Parts {
        let slip = sending.tickets.as_ref().and_then(|tickets| tickets.find(&bucket, &key));
        let (arrived, sent, running) = (HashMap::new(), Vec::new(), JoinSet::new());
        Parts { bucket, sending, key, slip, upload: None, arrived, sent, running, spare: Vec::new() }
    }

    /// Finds what an earlier process has begun and sent.
    pub(super) async fn go_on(&mut self) -> Result<(), MediaError> {
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

    /// Sends part after part. What is small enough to go at once is left.
    pub(super) async fn take_all(&mut self, mut input: Receiver<Chunk>) -> Result<Bytes, MediaError> {
        let (mut gather, mut number) = (Gather::beside(self.sending.tickets.clone()), 1);
        loop {
            match input.recv().await {
                Some(Chunk::Bytes(mut bytes)) => {
                    while !bytes.is_empty() {
                        let size = self.size(number)?;
                        let is_full = gather.add(&mut bytes, size, &mut self.spare).await;
                        if is_full.map_err(|error| MediaError::disk(&self.key, &error))? {
                            self.send(self.gathered(&mut gather).await?, number).await?;
                            number += 1;
                        }
                    }
                }
                Some(Chunk::End) => break,
                None => return Err(MediaError::new(&self.key, Trouble::Other, "what was to be kept broke off")),
            }
        }
        let left = match self.gathered(&mut gather).await? {
            Payload::Bytes(bytes) if self.upload.is_none() => bytes,
            last => {
                if !last.is_empty() {
                    self.send(last, number).await?;
                }
                Bytes::new()
            }
        };
        self.wait(0).await?;
        Ok(left)
    }

    fn size(&self, number: u32) -> Result<u64, MediaError> {
        let too_large = || MediaError::new(&self.key, Trouble::Other, "it is larger than a bucket takes");
        self.sending.sizes.size(number).ok_or_else(too_large)
    }

    async fn gathered(&self, gather: &mut Gather) -> Result<Payload, MediaError> {
        gather.take().await.map_err(|error| MediaError::disk(&self.key, &error))
    }

    async fn send(&mut self, body: Payload, number: u32) -> Result<(), MediaError> {
        if let Some(part) = self.arrived.remove(&number).filter(|part| part.holds(&body)) {
            self.sent.push(part);
            return Ok(());
        }
        let upload = match &self.upload {
            Some(upload) => upload.clone(),
            None => self.begin().await?,
        };
        let is_alone = matches!(body, Payload::Bytes(_)) && body.size() >= ALONE;
        self.wait(at_once(body.size()) - 1).await?;
        self.running.spawn(async move { (upload.part(number, body.clone()).await, body) });
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

    fn has_arrived(&mut self, done: Result<Gone, JoinError>) -> Result<(), MediaError> {
        let (part, body) = done.map_err(|error| MediaError::new(&self.key, Trouble::Other, with_causes(&error)))?;
        self.sent.push(part.map_err(|error| trouble(&error))?);
        if let Payload::Bytes(bytes) = body
            && let Ok(mut spare) = bytes.try_into_mut()
        {
            spare.clear();
            self.spare.push(spare);
        }
        Ok(())
    }

    /// All of it is there, or small enough to go at once.
    pub(super) fn end(mut self, left: Bytes) -> Staged {
        self.sent.sort_by_key(|part| part.number);
        let sent = match self.upload.take() {
            Some(upload) => Sent::Parts(upload, std::mem::take(&mut self.sent)),
            None => Sent::Nothing(left),
        };
        Staged { bucket: self.bucket, key: self.key, sent: Some(sent), slip: self.slip }
    }

    pub(super) async fn give_up(mut self) {
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

#[cfg(test)]
mod tests {
    use super::super::gather::most_held;
    use super::*;
    use crate::reach::s3::PartSizes;

    const GIB: u64 = 1 << 30;

    /// The most bytes of an artefact of a size that are held: of the parts under way, and of the one that is gathered.
    fn held_of(total: u64) -> u64 {
        let (mut sent, mut most) = (0, 0);
        for number in 1.. {
            if sent >= total {
                break;
            }
            let size = PartSizes::default().size(number).unwrap();
            most = most.max((at_once(size) as u64 + 1) * most_held(size));
            sent += size;
        }
        most
    }

    #[test]
    fn what_is_held_in_memory_is_the_same_for_every_size() {
        let most = [10, 100, 1024, 5 * 1024].map(|gib| held_of(gib * GIB) >> 20);
        assert_eq!(most, [24; 4], "MiB, for 10 GiB, 100 GiB, 1 TiB and 5 TiB");
    }
}
