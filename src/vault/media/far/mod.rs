//! A store that is a folder of another machine: our own program is brought there, and asked over a line. What is done
//! there is done by the very same folder as anywhere: nothing is overwritten, and nothing has a name before it is whole.

mod frame;
mod line;
mod serve;
mod words;

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use futures_util::stream;
use tokio::sync::mpsc::Receiver;

pub use serve::serve;

use super::trouble::{MediaError, Trouble};
use crate::plan::Place;
use crate::plan::types::Store;
use crate::reach::{self, Command, Reach, ReachError, Secrets};
use crate::text::{Explain, Shape, untrusted, with_causes};
use crate::vault::directory::Holding;
use crate::vault::look::Texts;
use crate::vault::pass::Chunk;
use crate::vault::piece::Source;
use frame::{Frame, PIECE};
use line::Line;
use words::{Ask, Reply};

/// How often either end says something.
const OFTEN: Duration = Duration::from_secs(15);
/// Who hears nothing for so long takes the other for gone.
const SILENCE: Duration = Duration::from_mins(1);
/// How long an answer may take: a disk brings the rest of something large to safety.
const PATIENCE: Duration = Duration::from_mins(5);
/// The list of two million files fits.
const LARGEST: usize = 1 << 30;
/// So many lines are kept open for the next question.
const KEPT: usize = 4;

/// A folder elsewhere. Clones share its lines.
#[derive(Clone)]
pub struct Far(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    mount: Option<PathBuf>,
    place: String,
    reach: Reach,
    program: PathBuf,
    idle: Mutex<Vec<Line>>,
}

impl Far {
    /// The folder of a store that lies elsewhere.
    pub async fn open(store: &Store, place: &Place, folder: PathBuf, secrets: &Secrets) -> Result<Far, MediaError> {
        let settings = reach::Settings { redactor: secrets.redactor().clone(), ..reach::Settings::default() };
        let not = |error: ReachError| unreached(&store.name, &error);
        let reach = Reach::open(place, &settings).await.map_err(not)?;
        let program = brought(place, &reach).await.map_err(not)?;
        let shown = untrusted(place.to_string(), Shape::line(120));
        let mount = store.mount.clone();
        let far = Far(Arc::new(Inner { folder, mount, place: shown, reach, program, idle: Mutex::default() }));
        let line = far.line().await?;
        far.keep(line);
        Ok(far)
    }

    /// Where it is, for people.
    pub fn shown(&self) -> String {
        format!("{}: {}", self.0.place, self.0.folder.display())
    }

    /// A line that nobody uses now, or a new one.
    async fn line(&self) -> Result<Line, MediaError> {
        if let Some(line) = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(line);
        }
        let command = Command::new(&self.0.program).args(["there", "keep"]).stdin_pipe();
        let running = self.0.reach.stream(command).await.map_err(|error| unreached("", &error))?;
        let mut line = Line::new(running).map_err(|error| self.broken(&error))?;
        let open = Ask::Open { folder: self.0.folder.clone(), mount: self.0.mount.clone() };
        let opened = line.ask(&open).await;
        opened.map_err(|error| self.broken(&error))??;
        Ok(line)
    }

    /// Keeps a line for whoever asks next.
    fn keep(&self, line: Line) {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(line);
        }
    }

    /// Asks one question. A line that broke is not used again.
    pub async fn ask(&self, ask: &Ask) -> Result<Reply, MediaError> {
        let mut line = self.line().await?;
        let answer = line.ask(ask).await.map_err(|error| self.broken(&error))?;
        self.keep(line);
        answer.map_err(|error| self.there(error))
    }

    /// Whether there is a file of this name.
    pub async fn has(&self, key: &str) -> Result<bool, MediaError> {
        Ok(self.ask(&Ask::Has { key: key.to_owned() }).await? == Reply::Yes)
    }

    /// Removes a file.
    pub async fn remove(&self, key: &str) -> Result<(), MediaError> {
        self.ask(&Ask::Remove { key: key.to_owned() }).await.map(drop)
    }

    /// Writes a small file.
    pub async fn put(&self, key: &str, bytes: Vec<u8>, only_new: bool) -> Result<(), MediaError> {
        let mut line = self.line().await?;
        let put = async {
            line.say(&Frame::word(&Ask::Put { key: key.to_owned(), only_new })?).await?;
            let bytes = bytes::Bytes::from(bytes);
            for piece in bytes.chunks(PIECE) {
                line.say(&Frame::Bytes(bytes.slice_ref(piece))).await?;
            }
            line.say(&Frame::End).await?;
            line.answer().await
        };
        let answer = put.await.map_err(|error| self.broken(&error))?;
        self.keep(line);
        answer.map(drop).map_err(|error| self.there(error))
    }

    /// What a small file says; nothing if there is none.
    pub async fn get(&self, key: &str, at_most: u64) -> Result<Option<Vec<u8>>, MediaError> {
        self.all(&Ask::Get { key: key.to_owned(), at_most }).await
    }

    /// Every file.
    pub async fn list(&self) -> Result<Vec<Holding>, MediaError> {
        self.words(&Ask::List).await
    }

    /// What the notes beside recovery points say.
    pub async fn notes(&self) -> Result<Texts, MediaError> {
        self.words(&Ask::Notes).await
    }

    async fn words<T: serde::de::DeserializeOwned>(&self, ask: &Ask) -> Result<T, MediaError> {
        let text = self.all(ask).await?.unwrap_or_default();
        serde_json::from_slice(&text).map_err(|error| self.broken(&error.into()))
    }

    /// What follows the answer, if anything does.
    async fn all(&self, ask: &Ask) -> Result<Option<Vec<u8>>, MediaError> {
        let mut line = self.line().await?;
        let answer = line.ask(ask).await.map_err(|error| self.broken(&error))?;
        let read = match answer {
            Ok(Reply::Follows) => line.all(LARGEST).await.map_err(|error| self.broken(&error))?.map(Some),
            Ok(_) => Ok(None),
            Err(error) => Err(error),
        };
        self.keep(line);
        read.map_err(|error| self.there(error))
    }

    /// A file, as bytes on their way.
    pub async fn stream(&self, key: &str) -> Result<Source, MediaError> {
        let mut line = self.line().await?;
        let answer = line.ask(&Ask::Read { key: key.to_owned() }).await.map_err(|error| self.broken(&error))?;
        if let Err(error) = answer {
            self.keep(line);
            return Err(self.there(error));
        }
        let far = self.clone();
        Ok(Box::pin(stream::try_unfold(Some(line), move |line| {
            let far = far.clone();
            async move {
                let Some(mut line) = line else { return Ok(None) };
                let piece = line.piece().await;
                let piece = piece.map_err(|error| io::Error::other(format!("{}: {error}", far.0.place)))?;
                let Some(bytes) = piece else {
                    far.keep(line);
                    return Ok(None);
                };
                Ok(Some((bytes, Some(line))))
            }
        })))
    }

    /// Writes what comes, to its end, and leaves it without a name.
    pub async fn write(self, key: String, mut input: Receiver<Chunk>) -> Result<Staged, MediaError> {
        let mut line = self.line().await?;
        let word = Frame::word(&Ask::Write { key: key.clone() }).map_err(|error| self.broken(&error))?;
        line.say(&word).await.map_err(|error| self.broken(&error))?;
        loop {
            let chunk = tokio::select! {
                chunk = input.recv() => chunk,
                // It tells at once what goes wrong, however much is still to come.
                () = line.speaks() => return Err(self.refusal(line.answer().await)),
            };
            let (frame, is_last) = match chunk {
                Some(Chunk::Bytes(bytes)) => (Frame::Bytes(bytes), false),
                Some(Chunk::End) => (Frame::End, true),
                None => return Err(MediaError::new(key, Trouble::Other, "what was to be kept broke off")),
            };
            if let Err(error) = self.say(&mut line, frame).await {
                // Why it takes no more may have been said already.
                return match tokio::time::timeout(OFTEN, line.answer()).await {
                    Ok(Ok(told)) => Err(self.refusal(Ok(told))),
                    _ => Err(error),
                };
            }
            if is_last {
                break;
            }
        }
        match line.answer().await {
            Ok(Ok(_)) => Ok(Staged { far: self, line: Mutex::new(line) }),
            told => Err(self.refusal(told)),
        }
    }

    async fn say(&self, line: &mut Line, frame: Frame) -> Result<(), MediaError> {
        let Frame::Bytes(bytes) = &frame else { return line.say(&frame).await.map_err(|error| self.broken(&error)) };
        for piece in bytes.chunks(PIECE) {
            let frame = Frame::Bytes(bytes.slice_ref(piece));
            line.say(&frame).await.map_err(|error| self.broken(&error))?;
        }
        Ok(())
    }

    /// Why it did not take what was written.
    fn refusal(&self, told: io::Result<words::Answer>) -> MediaError {
        match told {
            Ok(Err(error)) => self.there(error),
            Ok(Ok(_)) => self.broken(&frame::strange()),
            Err(error) => self.broken(&error),
        }
    }

    /// What it told, with where that is.
    fn there(&self, error: MediaError) -> MediaError {
        let at = if error.at.is_empty() { self.0.place.clone() } else { format!("{}: {}", self.0.place, error.at) };
        MediaError { at, ..error }
    }

    fn broken(&self, error: &io::Error) -> MediaError {
        let why = match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => "the connection broke".to_owned(),
            _ => with_causes(error),
        };
        MediaError::new(self.shown(), Trouble::Stalled, why)
    }
}

impl std::fmt::Debug for Far {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Far").field(&self.shown()).finish()
    }
}

/// A file that is whole there, and has no name yet. Dropped, it is gone.
pub struct Staged {
    far: Far,
    /// Behind a lock only so that it may be looked at from several threads.
    line: Mutex<Line>,
}

impl Staged {
    /// Gives it its name, if nothing has it.
    pub async fn publish(self) -> Result<(), MediaError> {
        let Staged { far, line } = self;
        let mut line = line.into_inner().unwrap_or_else(PoisonError::into_inner);
        let answer = line.ask(&Ask::Publish).await.map_err(|error| far.broken(&error))?;
        far.keep(line);
        answer.map(drop).map_err(|error| far.there(error))
    }
}

impl std::fmt::Debug for Staged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Staged").field(&self.far).finish()
    }
}

/// Our program at a place: brought once, however often it is asked for.
async fn brought(place: &Place, reach: &Reach) -> Result<PathBuf, ReachError> {
    static KNOWN: OnceLock<Mutex<HashMap<Place, PathBuf>>> = OnceLock::new();
    let known = || KNOWN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(path) = known().get(place) {
        return Ok(path.clone());
    }
    let path = reach.bring().await?;
    known().insert(place.clone(), path.clone());
    Ok(path)
}

fn unreached(at: &str, error: &ReachError) -> MediaError {
    let trouble = match error {
        ReachError::NotBrought { .. } | ReachError::BadPlace { .. } | ReachError::NotStarted { .. } => Trouble::Refused,
        _ => Trouble::Stalled,
    };
    MediaError { next: Some(error.next_step()), ..MediaError::new(at, trouble, error.to_string()) }
}
