//! The append-only file where it lies: its manifest, and every file that this names, of one moment between two rewrites.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tokio::sync::oneshot;

use super::files::{Files, pack};
use super::manifest::Manifest;
use super::rewrites::{Held, wait};
use super::server::Server;
use super::settings;
use crate::plan::Place;
use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::files::{NoFile, fetch};
use crate::systems::one_look::OneLook;
use crate::systems::redis::session::{Questions, Session};
use crate::systems::take::TakeError;
use crate::systems::tee::proven;
use crate::vault::{Account, Keeper, Piece, Sort, recipe};

/// How often it is tried, where rewrites cannot be held back.
const TRIES: usize = 3;
/// The largest manifest.
const LARGEST: usize = 1024 * 1024;

/// Where the files are.
struct Where {
    folder: PathBuf,
    /// The folder in that folder; none of a server before version 7, which has one file.
    below: Option<String>,
    file: String,
    is_on: bool,
}

/// Takes it.
pub async fn append_only<K: Keeper>(
    component: &Component,
    with: &Contact<'_>,
    into: &mut K,
) -> Result<Account, TakeError> {
    let Server { mut session, standing, .. } = Server::open(component, with).await?;
    let files = find(component, &mut session).await?;
    if !files.is_on || standing.about.get("aof_enabled").is_some_and(|on| on == "0") {
        return Err(TakeError::refused(
            component,
            "it keeps no append-only file (`appendonly no`)",
            "take a snapshot: `method = \"stream\"`",
        ));
    }
    let held = Held::hold(component, Server::open(component, with).await?.session).await;
    let as_of = with.clock.now();
    let copied = copy(component, &files, &mut session, with, into).await;
    let (is_held, was_left) = (held.is_held(), held.was_left);
    let released = held.release().await;
    let counts = copied?;
    let mut account = Account {
        system: standing.identity.clone().unwrap_or_else(|| "Redis".to_owned()),
        identity: standing.history.clone(),
        as_of: Some(as_of),
        about: standing.about.clone(),
        counts,
        left_out: released.err().into_iter().collect(),
        ..Account::default()
    };
    account.about.insert("directory".to_owned(), files.folder.display().to_string());
    account.about.insert("rewrites".to_owned(), if is_held { "held back" } else { "not held back" }.to_owned());
    if was_left && is_held && account.left_out.is_empty() {
        let told = "automatic rewrites were still held back by a backup that was killed: they are set back now";
        account.about.insert("rewrites_before".to_owned(), told.to_owned());
    }
    account.left_out.push("the last command may be cut off: a server drops it when it loads the file".to_owned());
    settings::take(component, with, into, &mut account).await?;
    Ok(account)
}

async fn copy<K: Keeper>(
    component: &Component,
    files: &Where,
    session: &mut Session,
    with: &Contact<'_>,
    into: &mut K,
) -> Result<BTreeMap<String, u64>, TakeError> {
    let place = component.reach.clone().unwrap_or_default();
    let mut tried = 0;
    loop {
        tried += 1;
        wait(component, session, with).await?;
        let before = names(component, files, &place, with).await?;
        let piece = Piece {
            sort: Sort::Appendonly,
            format: "tar",
            is_packed: false,
            is_secret: false,
            restore: recipe::APPENDONLY.into(),
        };
        let (source, told) = pack(component, before.clone(), &files.folder, &place, with).await?;
        let (last, ask) = oneshot::channel();
        let (answer, answered) = oneshot::channel();
        let name = component.name.clone();
        // The last word is ours: only we know the way to the manifest.
        let source = proven(source, async move {
            let _ = last.send(());
            match answered.await {
                Ok(true) => Ok(()),
                _ => Err(TakeError::flawed(&name, "it was rewritten while it was copied")),
            }
        });
        let steady = async {
            let is_steady =
                ask.await.is_ok() && names(component, files, &place, with).await.ok().as_ref() == Some(&before);
            let _ = answer.send(is_steady);
        };
        let (kept, ()) = tokio::join!(into.keep(piece, source), steady);
        match kept {
            Ok(_) => return told.await.map_err(|_| TakeError::flawed(&component.name, "it did not come to its end")),
            Err(error) => {
                // Files that went away or were replaced in between are no fault of theirs.
                let is_steady = names(component, files, &place, with).await.ok().as_ref() == Some(&before);
                if is_steady {
                    return Err(TakeError::not_kept(component, "append-only file", error));
                }
            }
        }
        if tried == TRIES {
            return Err(TakeError::refused(
                component,
                format!("it was rewritten each of {TRIES} times while it was copied"),
                "let the login use CONFIG SET, so that rewrites can be held back",
            ));
        }
    }
}

/// Where it says that its files are; where it may not be asked, what the plan says, and the usual names.
async fn find(component: &Component, session: &mut Session) -> Result<Where, TakeError> {
    let questions = Questions::new().ask(&["CONFIG", "GET", "dir"]).ask(&["CONFIG", "GET", "append*"]);
    let answers = session.ask(&questions).await;
    let words = answers.map(|answers| [answers.words(0), answers.words(1)].concat()).unwrap_or_default();
    let value = |name: &str| words.chunks_exact(2).find(|pair| pair[0] == name).map(|pair| pair[1].clone());
    let planned = component.redis.as_ref().and_then(|settings| settings.directory.clone());
    let told = value("dir").map(PathBuf::from);
    let Some(folder) = planned.or(told).filter(|folder| folder.is_absolute()) else {
        return Err(TakeError::plan(
            component,
            "the login may not ask where its files lie, and the plan does not say",
            "write `directory` in the component's [component.redis]",
        ));
    };
    let may_ask = value("appendfilename").is_some();
    let below = value("appenddirname").or_else(|| (!may_ask).then(|| "appendonlydir".to_owned()));
    let file = value("appendfilename").unwrap_or_else(|| "appendonly.aof".to_owned());
    if [Some(&file), below.as_ref()].into_iter().flatten().any(|name| name.contains('/') || name.is_empty()) {
        return Err(TakeError::flawed(&component.name, "the names of its files are no names"));
    }
    Ok(Where { folder, below, file, is_on: value("appendonly").is_none_or(|on| on == "yes") })
}

/// The files that make it up now.
async fn names(component: &Component, files: &Where, place: &Place, with: &Contact<'_>) -> Result<Files, TakeError> {
    let Some(below) = &files.below else {
        return Ok(Files { manifest: None, names: vec![files.file.clone()] });
    };
    let name = format!("{below}/{}.manifest", files.file);
    let text = fetch(&files.folder.join(&name), place, LARGEST, &OneLook::new(), with).await;
    let text = text.map_err(|error| no_manifest(component, &files.folder, error))?;
    let manifest = Manifest::of(&text).map_err(|why| TakeError::flawed(&component.name, why))?;
    let names = manifest.files.iter().map(|file| format!("{below}/{file}")).collect();
    Ok(Files { manifest: Some((name, manifest.text)), names })
}

fn no_manifest(component: &Component, folder: &Path, error: NoFile) -> TakeError {
    match error {
        NoFile::Reach(error) => error.into(),
        other => TakeError::refused(
            component,
            format!("its files cannot be read in {}: {other}", folder.display()),
            "look whether `redis.directory` and `reach` in the plan lead to its disk, and whether this user may read there",
        ),
    }
}
