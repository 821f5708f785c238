//! One file: decrypted, unpacked and read to its end as what it claims to be, and hashed on the way.

use tokio::task::spawn_blocking;

use crate::reach::Reach;
use crate::systems::Contact;
use crate::systems::artefact::{Look, look_through};
use crate::vault::{self, Contents, Holding, Keys, Manifest, Media, NotOpened, Opened, Sort, Sum};

use super::Read;

/// Where a file lies, and what opens it.
pub struct From<'a> {
    /// The store.
    pub media: &'a Media,
    /// What decrypts its files, or why that cannot be had.
    pub keys: &'a Result<Option<Keys>, String>,
    /// What the recovery point is, where we took it.
    pub manifest: Option<&'a Manifest>,
}

/// Reads one file.
pub async fn read<'a>(from: &From<'_>, (sort, file): (Sort, &'a Holding), with: &Contact<'_>) -> Read<'a> {
    let begun = with.clock.since_boot();
    let (look, sum) = from.looked(sort, file, with).await;
    let sha256 = sum.map_or_else(String::new, |sum| sum.sha256);
    Read { file, sort, look, sha256, took: with.clock.since_boot().saturating_sub(begun) }
}

impl From<'_> {
    async fn looked(&self, sort: Sort, file: &Holding, with: &Contact<'_>) -> (Look, Option<Sum>) {
        let keys = match self.keys {
            Ok(keys) => keys.clone(),
            Err(why) => return (Look::NotLooked(format!("its key cannot be had: {why}")), None),
        };
        let reader = match self.media.read(&file.key).await {
            Ok(reader) => reader,
            Err(error) => return (Look::NotLooked(error.to_string()), None),
        };
        let key = file.key.clone();
        let opened = spawn_blocking(move || vault::open(reader, &key, keys.as_ref())).await;
        let Opened { contents, sum } = match opened {
            Ok(Ok(opened)) => opened,
            // Damage at the beginning looks like a wrong key, and the hash tells which it is.
            Ok(Err(NotOpened::WrongKey(why))) => return self.wrong_key(file, &why).await,
            Ok(Err(why)) => return (Look::Flawed(why.to_string()), None),
            Err(error) => return (Look::NotLooked(error.to_string()), None),
        };
        let look = self.contents(sort, file, contents, with).await;
        let sum = match sum.sum() {
            sum if sum.bytes == file.size => Some(sum),
            // Whoever read it had seen enough before its end.
            _ => self.alone(&file.key).await,
        };
        let look = match (&look, sum.as_ref().and_then(|sum| self.differs(&file.key, sum))) {
            (Look::Whole(_) | Look::NotLooked(_), Some(why)) => Look::Flawed(why),
            _ => look,
        };
        (look, sum)
    }

    async fn contents(&self, sort: Sort, file: &Holding, contents: Contents, with: &Contact<'_>) -> Look {
        let mut sealed = match contents {
            Contents::Plain(reader) => {
                let expected = self.manifest.map(|manifest| &manifest.source);
                let here = Reach::here(with.secrets.redactor());
                return look_through(sort, &file.key, reader, expected, &here).await;
            }
            Contents::Sealed(reader) => reader,
        };
        let read = spawn_blocking(move || std::io::copy(&mut sealed, &mut std::io::sink())).await;
        match (read, self.manifest) {
            (Ok(Ok(_)), Some(_)) => Look::Whole("as it was written; only its recipients can read more".to_owned()),
            (Ok(Ok(_)), None) => Look::NotLooked("it is encrypted, and the plan names no `decrypt_with`".to_owned()),
            (Ok(Err(error)), _) => Look::NotLooked(error.to_string()),
            (Err(error), _) => Look::NotLooked(error.to_string()),
        }
    }

    async fn wrong_key(&self, file: &Holding, why: &str) -> (Look, Option<Sum>) {
        let sum = self.alone(&file.key).await;
        let differs = sum.as_ref().and_then(|sum| self.differs(&file.key, sum));
        let not_looked = Look::NotLooked(format!("the key that is here does not open it: {why}"));
        (differs.map_or(not_looked, Look::Flawed), sum)
    }

    async fn alone(&self, key: &str) -> Option<Sum> {
        let reader = self.media.read(key).await.ok()?;
        spawn_blocking(move || vault::sum_of(reader)).await.ok()?.ok()
    }

    /// Why it is not what was written.
    fn differs(&self, key: &str, found: &Sum) -> Option<String> {
        let written = &self.manifest?.files.iter().find(|file| file.key == key)?.stored;
        (written != found).then(|| "its hash is not the one that its manifest tells: it has changed since".to_owned())
    }
}
