//! Taking files: an archive of what belongs to the component, and one of what is secret in it.

mod choice;
mod far;
mod here;
mod report;
mod versions;

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use futures_util::{StreamExt, stream};

use crate::plan::types::{Component, FilesSettings};
use crate::reach::Reach;
use crate::systems::contact::{Contact, address};
use crate::systems::take::TakeError;
use crate::systems::tee::made;
use crate::vault::{Account, KeepError, Keeper, Piece, Sort, Source, recipe};
use choice::Choice;
use report::Report;

/// Takes the files of a component from where they are.
pub async fn take<K: Keeper>(component: &Component, with: &Contact<'_>, into: &mut K) -> Result<Account, TakeError> {
    let path = address(component)?.trim_end_matches('/');
    let settings = component.files.clone().unwrap_or_default();
    let place = component.reach.clone().unwrap_or_default();
    let mut account =
        Account { system: format!("files at {path}"), as_of: Some(with.clock.now()), ..Account::default() };
    account.about.insert("path".to_owned(), path.to_owned());
    account.about.insert("place".to_owned(), place.to_string());
    let open = Choice::of(&settings, false);
    let report = if place.is_here() {
        here(component, path, &settings, into).await?
    } else {
        let reach = Reach::open(&place, with.reach).await?;
        far(component, path, [&open, &Choice::of(&settings, true)], &reach, with, into).await?
    };
    let [files, links, bytes] = [("files", report.files), ("links", report.links), ("bytes", report.bytes)];
    account.counts.extend([files, links, bytes].map(|(name, count)| (name.to_owned(), count)));
    account.counts.insert("secret files".to_owned(), report.secret);
    account.left_out.extend(report.sentences());
    account.lacks.extend(report.lacks().chain(report.missing(&settings.include)));
    if settings.git == Some(true) {
        versions::tell(component, Path::new(path), &place, with, &mut account).await?;
    }
    Ok(account)
}

async fn here<K: Keeper>(
    component: &Component,
    path: &str,
    settings: &FilesSettings,
    into: &mut K,
) -> Result<Report, TakeError> {
    let source = |is_secret: bool| {
        let choice = Choice::of(settings, is_secret);
        let (name, path) = (component.name.clone(), path.to_owned());
        made(move |feed| here::pack(&name, Path::new(if path.is_empty() { "/" } else { &path }), &choice, feed))
    };
    let (open, told) = source(false);
    let open = filled(open).await;
    if let Some(open) = open.map_err(|error| TakeError::not_kept(component, "archive", KeepError::Source(error)))? {
        keep(component, open, false, into).await?;
    }
    let mut report = told.await.map_err(|_| TakeError::flawed(&component.name, "packing did not come to its end"))?;
    if report.files + report.links + report.folders + report.secret == 0 {
        return Err(nothing(component));
    }
    if report.secret > 0 {
        let (secret, told) = source(true);
        keep(component, secret, true, into).await?;
        let found = told.await.map_err(|_| TakeError::flawed(&component.name, "packing did not come to its end"))?;
        report.add(&found);
    }
    Ok(report)
}

async fn far<K: Keeper>(
    component: &Component,
    path: &str,
    choices: [&Choice; 2],
    reach: &Reach,
    with: &Contact<'_>,
    into: &mut K,
) -> Result<Report, TakeError> {
    let list = far::list(component, path, choices, reach, with).await?;
    let [open, secret] = list.counts();
    if open + secret == 0 {
        return Err(nothing(component));
    }
    let mut report = list.report.clone();
    for (is_secret, _) in [(false, open), (true, secret)].into_iter().filter(|(_, count)| *count > 0) {
        let (source, found) = list.pack(component, is_secret, reach, with).await?;
        keep(component, source, is_secret, into).await?;
        report.add(&taken(&found));
    }
    Ok(report)
}

/// The same archive, if there is anything in it; nothing could be restored from an empty one.
async fn filled(mut archive: Source) -> io::Result<Option<Source>> {
    let first = archive.next().await.transpose()?;
    // No name begins with a zero; the mark of the end does.
    if first.as_ref().is_none_or(|piece| piece.first() != Some(&0)) {
        return Ok(Some(Box::pin(stream::iter(first.map(Ok)).chain(archive))));
    }
    while archive.next().await.transpose()?.is_some() {}
    Ok(None)
}

fn taken(found: &Mutex<Report>) -> Report {
    std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner))
}

fn nothing(component: &Component) -> TakeError {
    TakeError::refused(
        component,
        "none of its files is there",
        "look whether the path and `files.include` in the plan name what they should",
    )
}

async fn keep<K: Keeper>(
    component: &Component,
    source: Source,
    is_secret: bool,
    into: &mut K,
) -> Result<(), TakeError> {
    let piece = Piece {
        sort: Sort::Files,
        format: if is_secret { "env.tar" } else { "tar" },
        is_packed: false,
        is_secret,
        restore: recipe::FILES.into(),
    };
    let kept = into.keep(piece, source).await;
    kept.map(drop).map_err(|error| TakeError::not_kept(component, "archive", error))
}
