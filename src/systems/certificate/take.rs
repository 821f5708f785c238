//! Taking a certificate: its file, and apart from that its private key.

use std::path::Path;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::{chain, key};
use crate::plan::types::Component;
use crate::systems::contact::{Contact, address};
use crate::systems::files::{NoFile, fetch};
use crate::systems::one_look::OneLook;
use crate::systems::take::TakeError;
use crate::systems::tarball::Pack;
use crate::systems::tee::of_bytes;
use crate::systems::tls;
use crate::text::instant::stamp;
use crate::text::{Shape, untrusted};
use crate::vault::{Account, Keeper, Piece, Sort, recipe};

/// The largest file of certificates or keys.
const MOST: usize = 1024 * 1024;

/// Takes both, from where they are.
pub async fn take<K: Keeper>(component: &Component, with: &Contact<'_>, into: &mut K) -> Result<Account, TakeError> {
    let path = Path::new(address(component)?);
    if !path.is_absolute() {
        return Err(TakeError::plan(
            component,
            "its address is no file: only what lies in files can be taken",
            "write the path of its file as `address`, and where it is served as `certificate.served_at`",
        ));
    }
    let settings = component.certificate.clone().unwrap_or_default();
    let place = component.reach.clone().unwrap_or_default();
    let now = with.clock.now();
    let read = async |path: &Path| {
        let read = fetch(path, &place, MOST, &OneLook::new(), with).await;
        read.map_err(|error| unread(component, error))
    };
    let pem = read(path).await?;
    let certificates = chain::from_pem(&pem).map_err(|why| TakeError::flawed(&component.name, why))?;
    let own =
        certificates.first().ok_or_else(|| TakeError::flawed(&component.name, "there is no certificate in it"))?;
    let seen = chain::read(own).map_err(|why| TakeError::flawed(&component.name, why))?;
    let line = |text: &str| untrusted(text, Shape::line(200));
    let mut account = Account {
        system: format!("certificate for {}", line(&seen.names.join(", "))),
        identity: Some(line(&seen.serial)),
        as_of: Some(now),
        ..Account::default()
    };
    account.about.insert("path".to_owned(), path.display().to_string());
    account.about.insert("ends".to_owned(), stamp(seen.ends));
    account.counts.insert("certificates".to_owned(), certificates.len() as u64);
    if seen.ends <= now {
        account.left_out.push("nothing that is good for use: the certificate has ended".to_owned());
    }
    let mut open = vec![(path, pem)];
    if let Some(authority) = &settings.ca {
        open.push((authority, read(authority).await?));
    }
    keep(component, &open, false, now, into).await?;
    let Some(path) = &settings.key else {
        account.left_out.push("its private key: the plan does not say where it lies (`certificate.key`)".to_owned());
        return Ok(account);
    };
    let pem = read(path).await?;
    let (word, why) = key::compare(own, &pem, &tls::provider());
    account.about.insert("key".to_owned(), word.to_owned());
    match word {
        "matches" => {}
        // Nothing can be served with these two.
        "different" => account.lacks.push(format!("a private key that belongs to it: {}", line(&why))),
        _ => account.left_out.push(format!("proof that its private key belongs to it: {}", line(&why))),
    }
    keep(component, &[(path, pem)], true, now, into).await?;
    Ok(account)
}

async fn keep<K: Keeper>(
    component: &Component,
    files: &[(&Path, Zeroizing<Vec<u8>>)],
    is_secret: bool,
    now: DateTime<Utc>,
    into: &mut K,
) -> Result<(), TakeError> {
    let mut pack = Pack::new(Vec::new());
    for (path, bytes) in files {
        let name = path.strip_prefix("/").unwrap_or(path).as_os_str().as_encoded_bytes();
        let mode = if is_secret { 0o600 } else { 0o644 };
        pack.bytes(name, bytes, mode, now.timestamp()).map_err(TakeError::ours)?;
    }
    let piece = Piece {
        sort: Sort::Files,
        format: if is_secret { "key.tar" } else { "tar" },
        is_packed: false,
        is_secret,
        restore: recipe::FILES.into(),
    };
    let kept = into.keep(piece, of_bytes(pack.end().map_err(TakeError::ours)?)).await;
    kept.map(drop).map_err(|error| TakeError::not_kept(component, "certificate", error))
}

fn unread(component: &Component, error: NoFile) -> TakeError {
    match error {
        NoFile::Reach(error) => error.into(),
        other => {
            let next = "look whether the paths in the plan are right, and whether this user may read there";
            TakeError::refused(component, other.to_string(), next)
        }
    }
}
