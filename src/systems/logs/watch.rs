//! Counts the errors that a component's log tells of, beside the questions that are put to it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::count::{Counts, Written};
use super::file::Position;
use super::line::Raw;
use super::source::{Source, SourceKind, source};
use super::{LogError, engine, journal};
use crate::plan::facts::Value;
use crate::reach::{Reach, Settings};
use crate::systems::background::Background;
use crate::systems::contact::Contact;
use crate::systems::probe::{Subject, Told};

/// How often a log is looked at that lies elsewhere.
const FAR: Duration = Duration::from_secs(30);
/// How often one that lies here.
const NEAR: Duration = Duration::from_secs(2);
/// How many lines of a journal or a container are read at once.
const LINES: usize = 2_000;

/// Watches the log of one component.
pub struct LogWatch {
    source: Source,
    work: Background<(Followed, Result<(), LogError>)>,
    followed: Option<Followed>,
    /// Why it could not be read, and whether for want of a right.
    trouble: Option<(String, bool)>,
}

/// How far a log was read, and what was found in it.
#[derive(Default)]
struct Followed {
    counts: Counts,
    file: Position,
    cursor: Option<String>,
    last: Option<DateTime<Utc>>,
    /// Whether it was read at all.
    read: bool,
}

impl LogWatch {
    /// The watch of a component's log, if the plan says where that is.
    pub fn of(subject: Subject<'_>) -> Option<LogWatch> {
        let source = source(subject.component, subject.plan)?;
        Some(LogWatch { source, work: Background::new(), followed: Some(Followed::default()), trouble: None })
    }

    /// Begins a look if one is due; its result comes with one of the next questions.
    pub fn start(&mut self, with: &Contact<'_>) {
        let is_here = self.source.place.is_here() && matches!(self.source.kind, SourceKind::File(_));
        let now = with.clock.since_boot();
        if self.work.is_due(if is_here { NEAR } else { FAR }, now) {
            let followed = self.followed.take().unwrap_or_default();
            let look = look(followed, self.source.clone(), with.reach.clone(), with.stop.clone(), with.clock.now());
            self.work.start(now, look);
        }
    }

    /// Tells how many errors there were; `databases` asks for those of databases too. Waits only for the first
    /// look, and no longer than `patience`.
    pub async fn tell(&mut self, told: &mut Told, databases: bool, patience: Duration, now: DateTime<Utc>) {
        let was_read = self.followed.as_ref().is_some_and(|followed| followed.read);
        let is_known = was_read || self.trouble.is_some();
        if let Some((followed, outcome)) = self.work.result(if is_known { Duration::ZERO } else { patience }).await {
            self.followed = Some(followed);
            let told = |error: LogError| (error.to_string(), error.is_about_rights());
            self.trouble = outcome.err().map(told);
        }
        if let Some((why, denied)) = &self.trouble {
            let names: &[&'static str] = if databases { &["log_errors", "database_errors"] } else { &["log_errors"] };
            for name in names {
                if *denied { told.facts.deny(name, why.clone()) } else { told.facts.hide(name, why.clone()) }
            }
            return;
        }
        let Some(followed) = self.followed.as_mut().filter(|followed| followed.read) else { return };
        let (all, of_databases) = followed.counts.lately(now);
        told.facts.set("log_errors", Value::Count(all));
        if databases {
            told.facts.set("database_errors", Value::Count(of_databases));
        }
        let shown = |at: DateTime<Utc>| at.format("%H:%M:%S").to_string();
        let rows = followed.counts.last(now).into_iter();
        let rows: Vec<_> = rows.map(|line| vec![line.at.map(shown).unwrap_or_default(), line.text.clone()]).collect();
        if !rows.is_empty() {
            told.facts.list("Last errors in its log", &["At (UTC)", "Line"], rows);
        }
    }
}

async fn look(
    mut followed: Followed,
    source: Source,
    settings: Settings,
    stop: CancellationToken,
    now: DateTime<Utc>,
) -> (Followed, Result<(), LogError>) {
    let outcome = followed.look(&source, &settings, &stop, now).await;
    followed.read |= outcome.is_ok();
    (followed, outcome)
}

impl Followed {
    async fn look(
        &mut self,
        source: &Source,
        settings: &Settings,
        stop: &CancellationToken,
        now: DateTime<Utc>,
    ) -> Result<(), LogError> {
        let (lines, written) = match &source.kind {
            SourceKind::File(path) => {
                let position = self.file.clone();
                let (position, piece) = if source.place.is_here() {
                    position.look_here(path.clone()).await?
                } else {
                    let reach = Reach::open(&source.place, settings).await?;
                    position.look_far(path, &reach, stop).await?
                };
                self.file = position;
                let written = if piece.first { Written::Before(piece.written) } else { Written::Lately(now) };
                (piece.lines, written)
            }
            SourceKind::Journal(unit) => {
                let reach = Reach::open(&source.place, settings).await?;
                let command = journal::since(unit, self.cursor.as_deref(), LINES).cancelled_by(stop.clone());
                let output = reach.run(command).await?.ok()?;
                let (lines, cursor) = journal::read(&output.stdout.end());
                self.cursor = cursor.or(self.cursor.take());
                (lines, Written::Before(now))
            }
            SourceKind::Container(name) => {
                let lines = engine::lines(name, &source.place, LINES, self.last, settings, stop).await?;
                (self.newer(lines), Written::Before(now))
            }
        };
        self.counts.note(&lines, written, &settings.redactor);
        Ok(())
    }

    /// The engine counts in whole seconds: what was read already comes again.
    fn newer(&mut self, lines: Vec<Raw>) -> Vec<Raw> {
        use super::moment::Stamp;
        let at = |line: &Raw| match line.stamp {
            Some(Stamp::Exact(at)) => Some(at),
            _ => None,
        };
        let last = self.last;
        let lines: Vec<Raw> = lines.into_iter().filter(|line| at(line) > last).collect();
        self.last = lines.iter().filter_map(at).max().or(last);
        lines
    }
}
