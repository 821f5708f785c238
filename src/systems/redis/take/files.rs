//! The files of an append-only file in one archive, which must hold each of them, at least as long as it was.

use std::collections::BTreeMap;
use std::path::Path;

use tokio::sync::oneshot;

use crate::plan::Place;
use crate::plan::types::Component;
use crate::reach::{Command, Reach};
use crate::systems::contact::Contact;
use crate::systems::take::TakeError;
use crate::systems::tarball::{Pack, walk};
use crate::systems::tee::{made, of_reader, proven, tee};
use crate::text::{Clock, SystemClock};
use crate::vault::Source;

/// What makes it up, by paths below its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The manifest and what stands in it; a server before version 7 has none.
    pub manifest: Option<(String, Vec<u8>)>,
    /// What is loaded.
    pub names: Vec<String>,
}

/// How much there is of what.
pub type Counts = BTreeMap<String, u64>;

/// Packs them, here or where they are.
pub async fn pack(
    component: &Component,
    files: Files,
    folder: &Path,
    place: &Place,
    with: &Contact<'_>,
) -> Result<(Source, oneshot::Receiver<Counts>), TakeError> {
    let name = component.name.clone();
    let (source, sizes) = if place.is_here() {
        let (folder, files) = (folder.to_owned(), files.clone());
        let sizes = sizes_here(&folder, &files.names);
        (made(move |feed| here(&folder, &files, feed)).0, sizes)
    } else {
        let reach = Reach::open(place, with.reach).await?;
        let sizes = sizes_there(&reach, folder, &files, with).await?;
        (there(&reach, folder, &files, with).await?, sizes)
    };
    Ok(tee(source, move |tap| {
        let mut found = BTreeMap::new();
        let walked = walk(tap, |member| {
            found.insert(String::from_utf8_lossy(&member.path).into_owned(), member.size);
        });
        walked.map_err(|why| TakeError::flawed(&name, why))?;
        let manifest = files.manifest.iter().map(|(path, text)| (path, text.len() as u64));
        let wanted = files.names.iter().zip(sizes).chain(manifest);
        for (path, size) in wanted {
            match found.get(path) {
                Some(there) if *there >= size => {}
                Some(there) => {
                    let why = format!("{path} has {there} bytes in the archive, and had {size} before");
                    return Err(TakeError::flawed(&name, why));
                }
                None => return Err(TakeError::flawed(&name, format!("{path} is missing in the archive"))),
            }
        }
        let bytes = found.values().sum();
        Ok([("files".to_owned(), found.len() as u64), ("bytes".to_owned(), bytes)].into())
    }))
}

fn sizes_here(folder: &Path, names: &[String]) -> Vec<u64> {
    names.iter().map(|name| std::fs::metadata(folder.join(name)).map_or(0, |meta| meta.len())).collect()
}

/// The manifest is what was read of it, whatever it has become.
fn here(folder: &Path, files: &Files, feed: impl std::io::Write) -> Result<(), TakeError> {
    let mut pack = Pack::new(feed);
    for name in &files.names {
        let file = crate::plan::regular::open(&folder.join(name));
        let file = file.map_err(|error| TakeError::ours(format!("{}: {error}", folder.join(name).display())))?;
        pack.file(name.as_bytes(), file).map_err(TakeError::ours)?;
    }
    if let Some((path, text)) = &files.manifest {
        pack.bytes(path.as_bytes(), text, 0o644, SystemClock.now().timestamp()).map_err(TakeError::ours)?;
    }
    pack.end().map(drop).map_err(TakeError::ours)
}

async fn sizes_there(reach: &Reach, folder: &Path, files: &Files, with: &Contact<'_>) -> Result<Vec<u64>, TakeError> {
    let paths = files.names.iter().map(|name| folder.join(name).into_os_string());
    let command = Command::new("stat").args(["-c", "%s"]).args(paths).env("LC_ALL", "C");
    let output = reach.run(command.cancelled_by(with.stop.clone())).await?.ok()?;
    let text = output.stdout.end();
    Ok(String::from_utf8_lossy(&text).lines().map(|line| line.trim().parse().unwrap_or(0)).collect())
}

async fn there(reach: &Reach, folder: &Path, files: &Files, with: &Contact<'_>) -> Result<Source, TakeError> {
    let manifest = files.manifest.iter().map(|(path, _)| path);
    let command = Command::new("tar").arg("-C").arg(folder).args(["-cf", "-"]);
    let command = command.args(files.names.iter().chain(manifest)).env("LC_ALL", "C").cancelled_by(with.stop.clone());
    let mut running = reach.stream(command).await?;
    let stdout = running.take_stdout().ok_or_else(|| TakeError::ours("the output of tar cannot be read"))?;
    let redactor = with.reach.redactor.clone();
    Ok(proven(of_reader(stdout), async move {
        let output = running.wait().await;
        let said = output.stderr.shown(&redactor, 4_000);
        // It grows all the time; that it is long enough is seen in the archive.
        let grows = |line: &str| line.contains("file changed as we read it");
        if !output.is_ok() && (said.is_empty() || !said.lines().all(grows)) {
            output.ok()?;
        }
        Ok(())
    }))
}
