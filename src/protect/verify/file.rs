//! One file: decrypted, unpacked and read to its end as what it claims to be, and hashed on the way.

use crate::plan::types::Store;
use crate::reach::Reach;
use crate::systems::Contact;
use crate::systems::artefact::{Look, look_through};
use crate::vault::{self, Contents, Holding, Keys, Manifest, NotOpened, Opened, Sort, Sum, open};

use super::Read;

/// Reads one file.
pub async fn read<'a>(
    store: Option<&Store>,
    (sort, file): (Sort, &'a Holding),
    manifest: Option<&Manifest>,
    keys: &Result<Option<Keys>, String>,
    with: &Contact<'_>,
) -> Read<'a> {
    let begun = with.clock.since_boot();
    let (look, sum) = match store {
        Some(store) => looked(store, sort, file, manifest, keys, with).await,
        None => (Look::NotLooked("the plan has no such store".to_owned()), None),
    };
    let sha256 = sum.map_or_else(String::new, |sum| sum.sha256);
    Read { file, sort, look, sha256, took: with.clock.since_boot().saturating_sub(begun) }
}

async fn looked(
    store: &Store,
    sort: Sort,
    file: &Holding,
    manifest: Option<&Manifest>,
    keys: &Result<Option<Keys>, String>,
    with: &Contact<'_>,
) -> (Look, Option<Sum>) {
    let keys = match keys {
        Ok(keys) => keys.as_ref(),
        Err(why) => return (Look::NotLooked(format!("its key cannot be had: {why}")), None),
    };
    let Opened { contents, sum } = match open(store, &file.key, keys) {
        Ok(opened) => opened,
        // Damage at the beginning looks like a wrong key, and the hash tells which it is.
        Err(NotOpened::WrongKey(why)) => return wrong_key(store, file, manifest, why).await,
        Err(why) => return (Look::NotLooked(why.to_string()), None),
    };
    let expected = manifest.map(|manifest| &manifest.source);
    let look = match contents {
        Contents::Plain(reader) => {
            let here = Reach::here(with.secrets.redactor());
            look_through(sort, &file.key, reader, expected, &here).await
        }
        Contents::Sealed(mut reader) => {
            let read = tokio::task::spawn_blocking(move || std::io::copy(&mut reader, &mut std::io::sink())).await;
            match (read, manifest) {
                (Ok(Ok(_)), Some(_)) => Look::Whole("as it was written; only its recipients can read more".to_owned()),
                (Ok(Ok(_)), None) => {
                    Look::NotLooked("it is encrypted, and the plan names no `decrypt_with`".to_owned())
                }
                (Ok(Err(error)), _) => Look::NotLooked(error.to_string()),
                (Err(error), _) => Look::NotLooked(error.to_string()),
            }
        }
    };
    let sum = match sum.sum() {
        sum if sum.bytes == file.size => Some(sum),
        // Whoever read it had seen enough before its end.
        _ => alone(store, &file.key).await,
    };
    let look = match (&look, sum.as_ref().and_then(|sum| differs(manifest, &file.key, sum))) {
        (Look::Whole(_) | Look::NotLooked(_), Some(why)) => Look::Flawed(why),
        _ => look,
    };
    (look, sum)
}

async fn wrong_key(store: &Store, file: &Holding, manifest: Option<&Manifest>, why: String) -> (Look, Option<Sum>) {
    let sum = alone(store, &file.key).await;
    let differs = sum.as_ref().and_then(|sum| differs(manifest, &file.key, sum));
    let not_looked = Look::NotLooked(format!("the key that is here does not open it: {why}"));
    (differs.map_or(not_looked, Look::Flawed), sum)
}

async fn alone(store: &Store, key: &str) -> Option<Sum> {
    let (store, key) = (store.clone(), key.to_owned());
    tokio::task::spawn_blocking(move || vault::sum_of(&store, &key)).await.ok()?.ok()
}

/// Why it is not what was written.
fn differs(manifest: Option<&Manifest>, key: &str, found: &Sum) -> Option<String> {
    let written = &manifest?.files.iter().find(|file| file.key == key)?.stored;
    (written != found).then(|| "its hash is not the one that its manifest tells: it has changed since".to_owned())
}
