//! What the files of a recovery point are called in a store, where we write them.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::manifest::Manifest;
use super::naming::Sort;
use super::pass::Packing;
use super::piece::Piece;
use crate::plan::types::{Method, StoreKind};
use crate::text::Span;

/// What is taken once an hour or less is named for its hour or its day in document 003; to the second, names never meet.
const NAME: &str = "%Y%m%d_%H%M%S";

/// How often something is taken, as far as its place depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rhythm {
    /// More often than once a day.
    Hourly,
    /// Once a day, more or less.
    Daily,
    /// Once a month.
    Monthly,
}

impl Rhythm {
    /// The rhythm of something that is taken this often; of what is taken now and then, if nothing is said.
    pub fn of(interval: Option<Span>) -> Rhythm {
        match interval {
            Some(interval) if interval >= Span::from_secs(27 * 86_400) => Rhythm::Monthly,
            Some(interval) if interval >= Span::from_secs(20 * 3600) => Rhythm::Daily,
            _ => Rhythm::Hourly,
        }
    }
}

/// Where a recovery point lies, in any store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The folder of its component.
    pub folder: String,
    /// Its name in that: `backup_20241118_020000`.
    pub name: String,
    /// When it was begun.
    pub begun: DateTime<Utc>,
    /// How often its like is taken.
    pub rhythm: Rhythm,
}

impl Place {
    /// The place of what is begun now.
    pub fn new(folder: &str, method: Method, begun: DateTime<Utc>, rhythm: Rhythm) -> Place {
        let name = format!("{}{}", prefix(method), begun.format(NAME));
        Place { folder: folder.to_owned(), name, begun, rhythm }
    }

    /// The place of a recovery point that was taken, of whose files this is one.
    pub fn of(manifest: &Manifest, key: &str) -> Option<Place> {
        let (folder, name) = manifest.point.rsplit_once('/')?;
        let rhythm = match key {
            key if key.contains("/hourly/") => Rhythm::Hourly,
            key if key.contains("/monthly/") => Rhythm::Monthly,
            _ => Rhythm::Daily,
        };
        Some(Place { folder: folder.to_owned(), name: name.to_owned(), begun: manifest.begun, rhythm })
    }

    /// The same, begun a second later.
    #[must_use]
    pub fn a_second_later(self) -> Place {
        let begun = self.begun + Duration::seconds(1);
        let prefix = self.name.split_once('_').map_or("", |(prefix, _)| prefix);
        Place { name: format!("{prefix}_{}", begun.format(NAME)), begun, ..self }
    }

    /// How a file of it is packed that is not packed inside: as document 003 names it, and quickly where it says nothing.
    pub fn packing(&self, piece: &Piece) -> Packing {
        match (piece.sort, self.rhythm) {
            _ if piece.is_packed => Packing::None,
            (Sort::Snapshot, Rhythm::Hourly) | (Sort::Definitions | Sort::Queues | Sort::Settings, _) => Packing::None,
            (Sort::Base, _) => Packing::Zstd,
            _ => Packing::Gzip,
        }
    }

    /// The name of the recovery point, the same in every store.
    pub fn id(&self) -> String {
        format!("{}/{}", self.folder, self.name)
    }

    /// The key of one of its files in a store of this kind.
    pub fn key(&self, kind: StoreKind, (sort, format): (Sort, &str), packing: Packing, is_sealed: bool) -> String {
        let sealed = if is_sealed { ".age" } else { "" };
        let ending = format!("{format}{}{sealed}", packing.ending());
        let (folder, name) = (&self.folder, &self.name);
        let stem = stem(sort, name);
        match (sort, self.rhythm) {
            (Sort::Dump | Sort::Sql | Sort::Roles, _) if self.is_grouped(kind) => {
                format!("{}/{stem}.{ending}", self.group())
            }
            (Sort::Roles | Sort::Settings, _) => format!("{folder}/metadata/{stem}.{ending}"),
            (Sort::Base, _) => format!("{folder}/base/{stem}.{ending}"),
            (Sort::Snapshot, Rhythm::Hourly) => format!("{folder}/hourly/{stem}.{ending}"),
            (Sort::Messages, _) => format!("{folder}/messages/{stem}.{ending}"),
            (Sort::Files, _) if format == "env.tar" => format!("{folder}/env/{stem}.{ending}"),
            (Sort::Files, _) if format == "key.tar" => format!("{folder}/certs/{stem}.{ending}"),
            (Sort::Files | Sort::Archive, _) => format!("{folder}/{stem}.{ending}"),
            _ => format!("{folder}/daily/{stem}.{ending}"),
        }
    }

    /// The key of what is told about it: its manifest, a receipt.
    pub fn note(&self, kind: StoreKind, ending: &str) -> String {
        let (folder, name) = (&self.folder, &self.name);
        if self.is_grouped(kind) && name.starts_with("backup_") {
            format!("{}/{name}.{ending}", self.group())
        } else {
            format!("{folder}/metadata/{name}.{ending}")
        }
    }

    /// The keys of notes by which something of this name is known, however often it is taken.
    pub fn notes_of_any_rhythm(&self, kind: StoreKind, ending: &str) -> Vec<String> {
        let mut keys: Vec<String> = [Rhythm::Hourly, Rhythm::Daily, Rhythm::Monthly]
            .map(|rhythm| Place { rhythm, ..self.clone() }.note(kind, ending))
            .into();
        keys.dedup();
        keys
    }

    /// In a bucket, and for good, every dump has a folder of its own.
    fn is_grouped(&self, kind: StoreKind) -> bool {
        kind != StoreKind::Directory || self.rhythm == Rhythm::Monthly
    }

    fn group(&self) -> String {
        let (folder, name) = (&self.folder, &self.name);
        match self.rhythm {
            Rhythm::Monthly => format!("{folder}/monthly/{}-backup-full", self.begun.format("%Y-%m")),
            _ => format!("{folder}/{}/daily/{name}", self.begun.format("%Y/%m")),
        }
    }
}

/// How the names of recovery points begin that are taken so.
pub const fn prefix(method: Method) -> &'static str {
    match method {
        Method::Dump | Method::Sql => "backup_",
        Method::Base | Method::Wal | Method::Incremental => "base_",
        Method::Snapshot | Method::Stream => "snapshot_",
        Method::Aof => "appendonly_",
        Method::Definitions => "definitions_",
        Method::Queues => "queues_",
        Method::Messages => "messages_",
        Method::Files => "archive_",
        Method::Log | Method::Export => "export_",
    }
}

/// The name of a file without its ending: parts of another sort than their recovery point are called after their own.
fn stem(sort: Sort, name: &str) -> String {
    let of = |prefix: &str| {
        let at = name.split_once('_').map_or(name, |(_, at)| at);
        format!("{prefix}{at}")
    };
    match sort {
        Sort::Queues => of("queues_"),
        Sort::Messages => of("dump_"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::naming::{Part, named};

    fn place(method: Method, rhythm: Rhythm) -> Place {
        Place::new("f", method, "2024-11-18T02:00:00Z".parse().unwrap(), rhythm)
    }

    #[test]
    fn everything_lies_where_the_documents_put_it() {
        use StoreKind::{Directory, S3};
        let dump = place(Method::Dump, Rhythm::Daily);
        for (key, wanted) in [
            (dump.key(Directory, (Sort::Dump, "dump"), Packing::None, false), "f/daily/backup_20241118_020000.dump"),
            (dump.key(Directory, (Sort::Sql, "sql"), Packing::Gzip, false), "f/daily/backup_20241118_020000.sql.gz"),
            (dump.note(Directory, "json"), "f/metadata/backup_20241118_020000.json"),
            (
                dump.key(S3, (Sort::Dump, "dump"), Packing::None, true),
                "f/2024/11/daily/backup_20241118_020000/backup_20241118_020000.dump.age",
            ),
            (dump.note(S3, "json"), "f/2024/11/daily/backup_20241118_020000/backup_20241118_020000.json"),
            (
                place(Method::Dump, Rhythm::Monthly).key(S3, (Sort::Dump, "dump"), Packing::None, false),
                "f/monthly/2024-11-backup-full/backup_20241118_020000.dump",
            ),
            (
                place(Method::Stream, Rhythm::Hourly).key(Directory, (Sort::Snapshot, "rdb"), Packing::None, false),
                "f/hourly/snapshot_20241118_020000.rdb",
            ),
            (
                place(Method::Stream, Rhythm::Daily).key(S3, (Sort::Snapshot, "rdb"), Packing::Gzip, false),
                "f/daily/snapshot_20241118_020000.rdb.gz",
            ),
            (
                place(Method::Definitions, Rhythm::Daily).key(Directory, (Sort::Queues, "json"), Packing::None, false),
                "f/daily/queues_20241118_020000.json",
            ),
            (
                place(Method::Files, Rhythm::Daily).key(Directory, (Sort::Files, "tar"), Packing::Gzip, false),
                "f/archive_20241118_020000.tar.gz",
            ),
        ] {
            assert_eq!(key, wanted);
        }
    }

    #[test]
    fn what_is_taken_in_one_second_is_found_however_often_each_is_taken() {
        for kind in [StoreKind::Directory, StoreKind::S3] {
            let [daily, monthly] = [Rhythm::Daily, Rhythm::Monthly].map(|rhythm| place(Method::Dump, rhythm));
            assert!(monthly.notes_of_any_rhythm(kind, "json").contains(&daily.note(kind, "json")));
            assert!(daily.notes_of_any_rhythm(kind, "json").contains(&monthly.note(kind, "json")));
        }
    }

    #[test]
    fn everything_that_is_written_is_recognised() {
        use Method::{Base, Definitions, Dump, Export, Files, Messages, Queues, Stream};
        for kind in [StoreKind::Directory, StoreKind::S3, StoreKind::Archive] {
            for rhythm in [Rhythm::Hourly, Rhythm::Daily, Rhythm::Monthly] {
                for (method, sort, format) in [
                    (Dump, Sort::Dump, "dump"),
                    (Dump, Sort::Roles, "roles.sql"),
                    (Dump, Sort::Sql, "sql"),
                    (Base, Sort::Base, "tar"),
                    (Stream, Sort::Snapshot, "rdb"),
                    (Definitions, Sort::Definitions, "json"),
                    (Queues, Sort::Queues, "json"),
                    (Messages, Sort::Messages, "txt"),
                    (Export, Sort::Export, "bin"),
                    (Files, Sort::Files, "tar"),
                    (Files, Sort::Files, "env.tar"),
                    (Files, Sort::Files, "key.tar"),
                    (Stream, Sort::Settings, "acl"),
                    (Method::Aof, Sort::Appendonly, "tar"),
                    (Export, Sort::Export, "ndjson"),
                ] {
                    let place = place(method, rhythm);
                    for (packing, is_sealed) in [(Packing::None, false), (Packing::Zstd, false), (Packing::Gzip, true)]
                    {
                        let key = place.key(kind, (sort, format), packing, is_sealed);
                        let found = named(&key).unwrap_or_else(|| panic!("{key}"));
                        assert_eq!((found.folder, found.part), ("f", Part::Artefact(sort)), "{key}");
                        let is_month = found.point.ends_with("-backup-full");
                        assert!(found.point == place.name || is_month, "{key}: {}", found.point);
                    }
                    let key = place.note(kind, "json");
                    let note = named(&key).unwrap();
                    assert_eq!(note.folder, "f");
                }
            }
        }
    }
}
