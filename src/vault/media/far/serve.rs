//! The end where the folder is: the same folder as any other, asked over a line.

use std::io;

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::timeout;

use super::SILENCE;
use super::frame::{Frame, PIECE, strange};
use super::words::{Answer, Ask, Reply};
use crate::vault::look::notes_of;
use crate::vault::media::folder::Folder;
use crate::vault::media::trouble::{MediaError, Trouble};
use crate::vault::media::{Media, Staged};
use crate::vault::pass::Chunk;
use crate::vault::piece::Source;

/// So many frames wait for the disk.
const WAITING: usize = 8;
/// A small file is no larger than the largest manifest.
const SMALL: usize = 64 << 20;

/// Answers until nobody is there any more. What has no name by then is gone.
pub async fn serve<I, O>(input: I, mut output: O) -> io::Result<()>
where
    I: AsyncRead + Send + Unpin + 'static,
    O: AsyncWrite + Send + Unpin,
{
    let mut frames = listen(input);
    let mut desk = Desk { media: None, staged: None };
    while let Some(frame) = frames.recv().await {
        let ask: Ask = frame.read_word()?;
        desk.answer(ask, &mut frames, &mut output).await?;
    }
    Ok(())
}

/// Every frame but the beats, until there is an end or a silence.
fn listen(mut input: impl AsyncRead + Send + Unpin + 'static) -> Receiver<Frame> {
    let (hand_on, frames) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        while let Ok(Ok(frame)) = timeout(SILENCE, Frame::read(&mut input)).await {
            if frame != Frame::Beat && hand_on.send(frame).await.is_err() {
                return;
            }
        }
    });
    frames
}

struct Desk {
    media: Option<Media>,
    staged: Option<Staged>,
}

impl Desk {
    async fn answer(
        &mut self,
        ask: Ask,
        frames: &mut Receiver<Frame>,
        output: &mut (impl AsyncWrite + Unpin),
    ) -> io::Result<()> {
        if let Ask::Open { folder, mount } = ask {
            self.media = Some(Media::Folder(Folder::at(folder).on(mount)));
            return say(&Ok(Reply::Done), output).await;
        }
        let Some(media) = self.media.clone() else { return Err(strange()) };
        let yes = |is: bool| if is { Reply::Yes } else { Reply::No };
        let answer = match ask {
            Ask::Open { .. } => Ok(Reply::Done),
            Ask::Has { key } => media.has(&key).await.map(yes),
            Ask::Remove { key } => media.remove(&key).await.map(|()| Reply::Done),
            Ask::Put { key, only_new } => {
                let bytes = gather(frames).await?;
                let put = if only_new { media.put_new(&key, bytes).await } else { media.put(&key, bytes).await };
                put.map(|()| Reply::Done)
            }
            Ask::Write { key } => match write(media, key, frames).await? {
                Ok(staged) => {
                    self.staged = Some(staged);
                    Ok(Reply::Done)
                }
                Err(error) => Err(error),
            },
            Ask::Publish => match self.staged.take() {
                Some(staged) => staged.publish().await.map(|()| Reply::Done),
                None => Err(MediaError::new("", Trouble::Other, "nothing was written")),
            },
            Ask::Read { key } => {
                return match media.stream(&key).await {
                    Ok(source) => send(source, output).await,
                    Err(error) => say(&Err(error), output).await,
                };
            }
            Ask::Get { key, at_most } => match media.get(&key, at_most).await {
                Ok(Some(bytes)) => return send(pieces(&bytes.into()), output).await,
                Ok(None) => Ok(Reply::No),
                Err(error) => Err(error),
            },
            Ask::List => {
                let listed = media.list().await;
                return tell(listed, output).await;
            }
            Ask::Notes => {
                let Media::Folder(folder) = &media else { return Err(strange()) };
                let path = folder.path("");
                let notes = tokio::task::spawn_blocking(move || notes_of(&path)).await.map_err(io::Error::other)??;
                return tell(Ok(notes), output).await;
            }
        };
        say(&answer, output).await
    }
}

async fn say(answer: &Answer, output: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    Frame::word(answer)?.write(output).await
}

/// Something large that is made of words.
async fn tell(
    what: Result<impl serde::Serialize, MediaError>,
    output: &mut (impl AsyncWrite + Unpin),
) -> io::Result<()> {
    let text = match what {
        Ok(what) => Bytes::from(serde_json::to_vec(&what)?),
        Err(error) => return say(&Err(error), output).await,
    };
    send(pieces(&text), output).await
}

/// What lies in memory, as a file that comes.
fn pieces(bytes: &Bytes) -> Source {
    let pieces: Vec<io::Result<Bytes>> = bytes.chunks(PIECE).map(|piece| Ok(bytes.slice_ref(piece))).collect();
    Box::pin(futures_util::stream::iter(pieces))
}

/// A file. Where it breaks off, an answer comes in place of its end.
async fn send(mut source: Source, output: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    say(&Ok(Reply::Follows), output).await?;
    while let Some(piece) = source.next().await {
        match piece {
            Ok(piece) => Frame::Bytes(piece).write(output).await?,
            Err(error) => return say(&Err(MediaError::disk("", &error)), output).await,
        }
    }
    Frame::End.write(output).await
}

/// A small file that comes.
async fn gather(frames: &mut Receiver<Frame>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        match frames.recv().await {
            Some(Frame::Bytes(piece)) if bytes.len() + piece.len() <= SMALL => bytes.extend_from_slice(&piece),
            Some(Frame::End) => return Ok(bytes),
            _ => return Err(strange()),
        }
    }
}

/// A file that comes. What goes wrong is told at once, however much of it is still to come.
async fn write(media: Media, key: String, frames: &mut Receiver<Frame>) -> io::Result<Result<Staged, MediaError>> {
    let (hand_on, chunks) = mpsc::channel(1);
    let mut writing = tokio::spawn(media.write(key, chunks));
    loop {
        let frame = tokio::select! {
            frame = frames.recv() => frame,
            written = &mut writing => return written.map_err(io::Error::other),
        };
        let chunk = match frame {
            Some(Frame::Bytes(bytes)) => Chunk::Bytes(bytes),
            Some(Frame::End) => Chunk::End,
            // It is not whole, and is not kept.
            _ => return Err(strange()),
        };
        let is_last = matches!(chunk, Chunk::End);
        let taken = hand_on.send(chunk).await.is_ok();
        if is_last || !taken {
            return writing.await.map_err(io::Error::other);
        }
    }
}
