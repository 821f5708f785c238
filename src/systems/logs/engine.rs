//! Logs of containers, which the engine keeps: asked over its socket here, with its own program elsewhere.

use chrono::{DateTime, SecondsFormat, Utc};
use tokio_util::sync::CancellationToken;

use super::LogError;
use super::file::PATIENCE;
use super::line::Raw;
use super::moment::Stamp;
use crate::plan::Place;
use crate::reach::{Captured, Command, Reach, Settings};

/// How much of each output is read.
const MOST: usize = 1024 * 1024;

/// The last lines of a container, of both its outputs, in the order of their moments.
pub(super) async fn lines(
    name: &str,
    place: &Place,
    last: usize,
    since: Option<DateTime<Utc>>,
    settings: &Settings,
    stop: &CancellationToken,
) -> Result<Vec<Raw>, LogError> {
    let (stdout, stderr) = if place.ssh.is_some() || place.prefix.is_some() {
        let mut command = Command::new("docker").args(["logs", "--timestamps", "--tail", &last.to_string()]);
        if let Some(since) = since {
            command = command.arg(format!("--since={}", since.to_rfc3339_opts(SecondsFormat::Nanos, true)));
        }
        let command = command.arg("--").arg(name).deadline(PATIENCE).keep(2 * MOST).cancelled_by(stop.clone());
        let output = Reach::open(place, settings).await?.run(command).await?.ok()?;
        (output.stdout, output.stderr)
    } else {
        let here = Place { docker: Some(name.to_owned()), ..Place::HERE };
        let reach = Reach::open(&here, settings).await?;
        let strange = |why: &str| LogError::Strange { name: name.to_owned(), why: why.to_owned() };
        let container = reach.container().ok_or_else(|| strange("it is no container"))?;
        container.logs_since(u32::try_from(last).unwrap_or(u32::MAX), since, MOST).await?
    };
    let mut lines: Vec<Raw> = [&stdout, &stderr].into_iter().flat_map(each).collect();
    lines.sort_by_key(|line| match line.stamp {
        Some(Stamp::Exact(at)) => at,
        _ => DateTime::UNIX_EPOCH,
    });
    Ok(lines)
}

fn each(captured: &Captured) -> Vec<Raw> {
    captured.end().split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(read).collect()
}

/// A line as the engine writes it: its moment, a blank, and what was said.
fn read(line: &[u8]) -> Raw {
    let blank = memchr::memchr(b' ', line).unwrap_or(0);
    let at = std::str::from_utf8(&line[..blank]).ok().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
    match at {
        Some(at) => {
            let raw = Raw::read(&line[blank + 1..]);
            Raw { stamp: Some(Stamp::Exact(at.with_timezone(&Utc))), ..raw }
        }
        None => Raw::read(line),
    }
}
