//! The end of a component's log, to be read by people.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use chrono::TimeDelta;

use super::file::PATIENCE;
use super::line::{LogLine, Raw};
use super::moment::{Stamp, ahead};
use super::source::{Source, SourceKind, source};
use super::{LogError, engine, journal};
use crate::plan::regular::open;
use crate::plan::types::{Component, Plan};
use crate::reach::{Command, Reach};
use crate::systems::contact::Contact;

/// The most that is read for it.
const MOST: u64 = 1024 * 1024;

/// The last lines of a component's log, the oldest first. Waits no longer than a command may take.
pub async fn tail(
    component: &Component,
    plan: &Plan,
    with: &Contact<'_>,
    lines: usize,
) -> Result<Vec<LogLine>, LogError> {
    let source = source(component, plan).ok_or_else(|| LogError::NoLog { component: component.name.clone() })?;
    let raw = match &source.kind {
        SourceKind::File(path) => of_file(path, &source, with, lines).await?,
        SourceKind::Journal(unit) => {
            let reach = Reach::open(&source.place, with.reach).await?;
            let command = journal::last(unit, lines).cancelled_by(with.stop.clone());
            journal::read(&reach.run(command).await?.ok()?.stdout.end()).0
        }
        SourceKind::Container(name) => engine::lines(name, &source.place, lines, None, with.reach, &with.stop).await?,
    };
    let raw = &raw[raw.len().saturating_sub(lines)..];
    // A clock on the wall is taken for one of this moment: the last line of a log that is written to is new.
    let now = with.clock.now();
    let wall =
        raw.iter().rev().find_map(|line| if let Some(Stamp::Wall(wall)) = line.stamp { Some(wall) } else { None });
    let shift = wall.map_or_else(TimeDelta::zero, |wall| ahead(wall, now));
    Ok(raw.iter().map(|line| line.shown(line.stamp.map(|stamp| stamp.at(shift)), &with.reach.redactor)).collect())
}

async fn of_file(path: &Path, source: &Source, with: &Contact<'_>, lines: usize) -> Result<Vec<Raw>, LogError> {
    let bytes = if source.place.is_here() {
        let its_path = path.to_owned();
        let reading = tokio::task::spawn_blocking(move || {
            let mut file = open(&its_path)?;
            let size = file.metadata()?.len();
            file.seek(SeekFrom::Start(size.saturating_sub(MOST)))?;
            let mut bytes = Vec::new();
            file.take(MOST).read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        let read = reading.await.unwrap_or_else(|stopped| Err(std::io::Error::other(stopped)));
        read.map_err(|source| LogError::File { path: path.to_owned(), source })?
    } else {
        let reach = Reach::open(&source.place, with.reach).await?;
        let keep = usize::try_from(2 * MOST).unwrap_or(usize::MAX);
        let command = Command::new("tail").arg("-n").arg(lines.to_string()).arg("--").arg(path).keep(keep);
        reach.run(command.deadline(PATIENCE).cancelled_by(with.stop.clone())).await?.ok()?.stdout.end()
    };
    let all: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    Ok(all[all.len().saturating_sub(lines)..].iter().map(|line| Raw::read(line)).collect())
}
