//! The near end of a line to a folder elsewhere: one question at a time.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::Mutex;
use tokio::time::{interval, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::frame::{Frame, strange};
use super::words::{Answer, Ask};
use super::{OFTEN, PATIENCE};
use crate::reach::{Input, Running, Stdout};

/// A line. Dropped, it is closed, and what has no name at its other end is gone.
pub struct Line {
    input: Arc<Mutex<Input>>,
    output: BufReader<Stdout>,
    running: Option<Running>,
    _beats: AbortOnDropHandle<()>,
}

impl Line {
    /// The line to what was just started there.
    pub fn new(mut running: Running) -> io::Result<Line> {
        let (Some(input), Some(output)) = (running.take_stdin(), running.take_stdout()) else {
            return Err(io::Error::other("its streams are not connected"));
        };
        let input = Arc::new(Mutex::new(input));
        let beats = tokio::spawn(beat(Arc::clone(&input)));
        let beats = AbortOnDropHandle::new(beats);
        Ok(Line { input, output: BufReader::new(output), running: Some(running), _beats: beats })
    }

    /// Says something.
    pub async fn say(&mut self, frame: &Frame) -> io::Result<()> {
        let saying = async { frame.write(&mut *self.input.lock().await).await };
        timeout(PATIENCE, saying).await.unwrap_or_else(|_| Err(silent()))
    }

    /// What comes next.
    pub async fn next(&mut self) -> io::Result<Frame> {
        timeout(PATIENCE, Frame::read(&mut self.output)).await.unwrap_or_else(|_| Err(silent()))
    }

    /// Asks, and waits for the answer.
    pub async fn ask(&mut self, ask: &Ask) -> io::Result<Answer> {
        self.say(&Frame::word(ask)?).await?;
        self.answer().await
    }

    /// The answer to what was asked.
    pub async fn answer(&mut self) -> io::Result<Answer> {
        self.next().await?.read_word()
    }

    /// Waits until there is something to hear, and hears nothing of it yet.
    pub async fn speaks(&mut self) {
        let _ = self.output.fill_buf().await;
    }

    /// Everything that follows an answer.
    pub async fn all(&mut self, at_most: usize) -> io::Result<Result<Vec<u8>, crate::vault::MediaError>> {
        let mut all = Vec::new();
        loop {
            match self.next().await? {
                Frame::Bytes(bytes) if all.len() + bytes.len() <= at_most => all.extend_from_slice(&bytes),
                Frame::Bytes(_) => return Err(io::Error::other("it is too large for what it is")),
                Frame::End => return Ok(Ok(all)),
                word => return word.read_word::<Answer>()?.map_or_else(|error| Ok(Err(error)), |_| Err(strange())),
            }
        }
    }

    /// The next bytes of what follows an answer; nothing at its end.
    pub async fn piece(&mut self) -> io::Result<Option<Bytes>> {
        match self.next().await? {
            Frame::Bytes(bytes) => Ok(Some(bytes)),
            Frame::End => Ok(None),
            word => Err(word.read_word::<Answer>()?.map_or_else(io::Error::other, |_| strange())),
        }
    }
}

async fn beat(input: Arc<Mutex<Input>>) {
    let mut beat = interval(OFTEN);
    loop {
        beat.tick().await;
        if Frame::Beat.write(&mut *input.lock().await).await.is_err() {
            return;
        }
    }
}

fn silent() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("nothing was heard from there for {} s", PATIENCE.as_secs()))
}

impl Drop for Line {
    /// Its other end leaves when its input ends, and is only hunted where that does not help.
    fn drop(&mut self) {
        let (Some(running), Ok(runtime)) = (self.running.take(), tokio::runtime::Handle::try_current()) else { return };
        let input = Arc::clone(&self.input);
        runtime.spawn(async move {
            let _ = input.lock().await.shutdown().await;
            let _ = timeout(OFTEN, running.wait()).await;
        });
    }
}
