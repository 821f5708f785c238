//! One file: decrypted, unpacked and read to its end as what it claims to be, and hashed on the way.

use tokio::task::spawn_blocking;

use crate::reach::Reach;
use crate::systems::Contact;
use crate::systems::artefact::{Look, look_through};
use crate::text::{Shape, untrusted, with_causes};
use crate::vault::{self, Contents, Holding, Keys, Manifest, Media, NotOpened, Opened, Progress, Sort, Sum};

use super::Read;

/// Where a file lies, and what opens it.
pub struct From<'a> {
    /// The store.
    pub media: &'a Media,
    /// What decrypts its files, or why that cannot be had.
    pub keys: &'a Result<Option<Keys>, String>,
    /// What the recovery point is, where we took it.
    pub manifest: Option<&'a Manifest>,
    /// Where what is read is counted.
    pub progress: &'a Progress,
}

/// Reads one file.
pub async fn read<'a>(from: &From<'_>, (sort, file): (Sort, &'a Holding), with: &Contact<'_>) -> Read<'a> {
    let begun = with.clock.since_boot();
    let (mut look, mut sum) = from.looked(sort, file, with).await;
    if matches!((&look, from.media), (Look::Flawed(_), Media::Bucket(..))) {
        (look, sum) = from.once_more((sort, file), (look, sum), with).await;
    }
    let sha256 = sum.map_or_else(String::new, |sum| sum.sha256);
    Read { file, sort, look, sha256, took: with.clock.since_boot().saturating_sub(begun) }
}

impl From<'_> {
    async fn looked(&self, sort: Sort, file: &Holding, with: &Contact<'_>) -> (Look, Option<Sum>) {
        let keys = match self.keys {
            Ok(keys) => keys.clone(),
            Err(why) if file.key.rsplit('.').next() == Some("age") => {
                return (Look::NotLooked(format!("its key cannot be had: {why}")), None);
            }
            Err(_) => None,
        };
        let reader = match self.media.read(&file.key).await {
            Ok(reader) => self.progress.counted(reader),
            Err(error) => return (Look::NotLooked(error.to_string()), None),
        };
        let key = file.key.clone();
        let opened = spawn_blocking(move || vault::open(reader, &key, keys.as_ref())).await;
        let Opened { contents, sum } = match opened {
            Ok(Ok(opened)) => opened,
            // Damage at the beginning looks like a wrong key, and the hash tells which it is.
            Ok(Err(NotOpened::WrongKey(why))) => return self.wrong_key(file, &why).await,
            Ok(Err(NotOpened::Broken(why))) => return (unread(&why), None),
            Ok(Err(why)) => return (Look::Flawed(why.to_string()), None),
            Err(error) => return (Look::NotLooked(error.to_string()), None),
        };
        let look = self.contents(sort, file, contents, with).await;
        // What did not come is no flaw of what lies there, whatever whoever unpacked it made of that.
        if let Some(why) = sum.broken() {
            return (unread(&why), None);
        }
        let sum = match sum.sum() {
            sum if sum.bytes == file.size => Ok(sum),
            // Whoever read it had seen enough before its end.
            _ => self.alone(&file.key).await,
        };
        let look = match (look, &sum) {
            (look @ Look::Flawed(_), _) | (look @ Look::NotLooked(_), Err(_)) => look,
            (Look::Whole(_), Err(why)) => unread(why),
            (look, Ok(sum)) => self.differs(&file.key, sum).map_or(look, Look::Flawed),
        };
        (look, sum.ok())
    }

    /// What seems flawed is read once more: what was changed on its way here is no flaw of what lies there.
    async fn once_more(
        &self,
        (sort, file): (Sort, &Holding),
        (look, first): (Look, Option<Sum>),
        with: &Contact<'_>,
    ) -> (Look, Option<Sum>) {
        let (again, sum) = self.looked(sort, file, with).await;
        let differ = first.zip(sum.clone()).is_some_and(|(first, second)| first != second);
        match again {
            Look::Flawed(_) if differ => {
                let told = "it came differently each time it was read: something on the way here changes it";
                (Look::NotLooked(told.to_owned()), sum)
            }
            Look::Flawed(_) => (look, sum),
            again => (again, sum),
        }
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
        let sum = self.alone(&file.key).await.ok();
        let differs = sum.as_ref().and_then(|sum| self.differs(&file.key, sum));
        let not_looked = Look::NotLooked(format!("the key that is here does not open it: {why}"));
        (differs.map_or(not_looked, Look::Flawed), sum)
    }

    /// Its hash alone, or why its store does not give it.
    async fn alone(&self, key: &str) -> Result<Sum, String> {
        let reader = self.media.read(key).await.map_err(|error| error.to_string())?;
        let sum = spawn_blocking(move || vault::sum_of(reader)).await;
        sum.map_err(std::io::Error::other).flatten().map_err(|error| with_causes(&error))
    }

    /// Why it is not what was written.
    fn differs(&self, key: &str, found: &Sum) -> Option<String> {
        let written = &self.manifest?.files.iter().find(|file| file.key == key)?.stored;
        (written != found).then(|| "its hash is not the one that its manifest tells: it has changed since".to_owned())
    }
}

fn unread(why: &str) -> Look {
    Look::NotLooked(format!("it could not be read to its end: {}", untrusted(why, Shape::line(300))))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::plan::types::Store;
    use crate::reach::{Secrets, Settings};
    use crate::text::{Redactor, SystemClock};

    #[tokio::test(flavor = "multi_thread")]
    async fn what_its_store_does_not_give_is_not_called_flawed() {
        // A file that opens, and fails when it is read, as those of a broken mount do.
        let store: Store = toml::from_str("name = 's'\nkind = 'directory'\npath = '/proc/self'\n").unwrap();
        let file = Holding { key: "mem".to_owned(), size: 10, written: DateTime::UNIX_EPOCH };
        let (secrets, settings) = (Secrets::new(&Redactor::new()), Settings::default());
        let media = Media::open(&store, &secrets).await.unwrap();
        let from = From { media: &media, keys: &Ok(None), manifest: None, progress: &Progress::default() };
        let with = Contact {
            secrets: &secrets,
            reach: &settings,
            clock: &SystemClock,
            stop: CancellationToken::new(),
            only_looks: false,
        };
        for sort in [Sort::Dump, Sort::Sql, Sort::Base, Sort::Snapshot, Sort::Definitions, Sort::Files] {
            let read = read(&from, (sort, &file), &with).await;
            let is_told = matches!(&read.look, Look::NotLooked(why) if why.contains("could not be read"));
            assert!(is_told && read.sha256.is_empty(), "{sort:?}: {:?}", read.look);
        }
    }
}
