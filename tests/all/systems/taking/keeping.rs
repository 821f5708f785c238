//! Whoever keeps what is taken, in memory; and the plan that says what is taken.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use lifeboat::plan::Plan;
use lifeboat::reach::{Reach, Secrets, Settings};
use lifeboat::systems::take::{TakeError, take};
use lifeboat::systems::{Contact, Subject};
use lifeboat::text::{Explain, Redactor, SystemClock};
use lifeboat::vault::{Account, KeepError, Keeper, Kept, Piece, Restore, Source};
use tokio_util::sync::CancellationToken;

/// What was kept, and how often something was not.
#[derive(Default)]
pub struct Shelf {
    pub pieces: Vec<(Piece, Vec<u8>)>,
    pub broken: usize,
    /// How long each piece of bytes takes to be written.
    pub slow: Option<Duration>,
    /// Called off after so many bytes.
    pub stops_after: Option<usize>,
}

impl Keeper for Shelf {
    async fn keep(&mut self, piece: Piece, mut source: Source) -> Result<Kept, KeepError> {
        let mut bytes = Vec::new();
        while let Some(more) = source.next().await {
            match more {
                Ok(more) => bytes.extend(more),
                Err(error) => {
                    self.broken += 1;
                    return Err(KeepError::Source(error));
                }
            }
            if self.stops_after.is_some_and(|most| bytes.len() > most) {
                return Err(KeepError::CalledOff);
            }
            if let Some(slow) = self.slow {
                tokio::time::sleep(slow).await;
            }
        }
        let kept = Kept { bytes: bytes.len() as u64 };
        self.pieces.push((piece, bytes));
        Ok(kept)
    }
}

impl Shelf {
    /// The formats of what was kept.
    pub fn formats(&self) -> Vec<&'static str> {
        self.pieces.iter().map(|(piece, _)| piece.format).collect()
    }

    #[track_caller]
    pub fn piece(&self, format: &str) -> &(Piece, Vec<u8>) {
        let found = self.pieces.iter().find(|(piece, _)| piece.format == format);
        found.unwrap_or_else(|| panic!("no {format} among {:?}", self.formats()))
    }

    #[track_caller]
    pub fn text(&self, format: &str) -> String {
        String::from_utf8_lossy(&self.piece(format).1).into_owned()
    }

    /// Writes a piece to a file.
    #[track_caller]
    pub fn write(&self, format: &str, folder: &Path) -> PathBuf {
        let path = folder.join(format!("piece.{format}"));
        std::fs::write(&path, &self.piece(format).1).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        path
    }
}

/// What a piece is restored with, given its file.
pub fn command(restore: &Restore, file: &Path) -> String {
    match restore {
        Restore::Named(line) => line.replace("{}", &format!("'{}'", file.display())),
        Restore::Fed(line) => format!("{line} < '{}'", file.display()),
    }
}

/// A plan, of whose components is taken.
pub struct Trial {
    plan: Plan,
    settings: Settings,
    secrets: Secrets,
    pub stop: CancellationToken,
}

/// What came of it.
pub struct Taken {
    pub account: Result<Account, TakeError>,
    pub kept: Shelf,
}

impl Taken {
    #[track_caller]
    pub fn account(&self) -> &Account {
        self.account.as_ref().unwrap_or_else(|error| panic!("{error}: {}", error.next_step()))
    }

    #[track_caller]
    pub fn error(&self) -> String {
        let error = self.account.as_ref().expect_err("something was taken");
        format!("{error}: {}", error.next_step())
    }

    /// Whether one of the sentences of what is left out says this.
    pub fn leaves_out(&self, words: &str) -> bool {
        self.account().left_out.iter().any(|sentence| sentence.contains(words))
    }
}

impl Trial {
    /// Of a plan of these parts.
    pub fn new(parts: &[String]) -> Trial {
        let folder = tempfile::tempdir().unwrap();
        let loaded = lifeboat::plan::load(&crate::systems::plan(folder.path(), parts), &[]).unwrap();
        let plan = loaded.plan.unwrap_or_else(|| panic!("{:?}", loaded.findings));
        let settings = Settings { redactor: Redactor::new(), ..Settings::default() };
        let secrets = Secrets::new(&settings.redactor);
        Trial { plan, settings, secrets, stop: CancellationToken::new() }
    }

    /// Takes what the job wants, which is the rest of a job in the plan's words.
    pub async fn take(&self, component: &str, job: &str) -> Taken {
        self.take_into(Shelf::default(), component, job).await
    }

    pub async fn take_into(&self, mut kept: Shelf, component: &str, job: &str) -> Taken {
        let job = toml::from_str(&format!("name = 'job'\ndo = 'backup'\n{job}")).unwrap();
        let with = Contact {
            secrets: &self.secrets,
            reach: &self.settings,
            clock: &SystemClock,
            stop: self.stop.clone(),
            only_looks: false,
        };
        let found = self.plan.component.iter().find(|found| found.name == component).unwrap();
        let subject = Subject { component: found, plan: &self.plan };
        let here = Reach::here(&self.settings.redactor);
        let account = take(subject, &job, &with, &here, &mut kept).await;
        Taken { account, kept }
    }
}
