//! What one types to restore a recovery point with standard tools alone: from which copy first, and for each of its
//! files how it is brought and what it is fed to.

use std::cmp::Reverse;
use std::ffi::OsStr;

use chrono::{DateTime, Utc};

use super::naming::Sort;
use super::point::{Copied, Point, State};
use super::recipe;
use super::thaw::first_byte;
use crate::plan::types::Store;
use crate::reach::quote;

/// A copy, and what one types to restore from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// Its store.
    pub store: String,
    /// The machine that has it, where that is another.
    pub at: Option<String>,
    /// What each file holds, and the line; in the order in which they are needed.
    pub lines: Vec<Line>,
    /// What one should know before one types them.
    pub remarks: Vec<&'static str>,
}

/// What one types to restore a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the file holds.
    pub holds: &'static str,
    /// What is typed.
    pub typed: String,
    /// Whether it is one that this version writes: any other could have been put there.
    pub is_known: bool,
}

impl Line {
    /// What one should know of it before one reads it.
    pub fn doubt(&self) -> Option<&'static str> {
        (!self.is_known).then_some(DOUBT)
    }
}

/// Of a line that this version does not write.
const DOUBT: &str = "This version does not write such a line: whoever can write into the store could have put it there. \
                     Know what it does before you type it.";
/// Of what the roles of a server do.
const ROLES: &str = "Roles are for a server that is made anew: they set every password back to what it was then.";
/// Of what a dump of a database does.
const DATABASE: &str = "The database is made anew under its old name, with its encoding and settings; where there is one \
                        of that name, nothing is done: rename that first (ALTER DATABASE … RENAME TO …). To look at a \
                        dump beside it: createdb -T template0 NEW, and pg_restore -d NEW without --create.";
/// Of what a server does that is made of a base backup.
const BASE: &str = "A server made of it goes on as the one it was taken of: before it starts, remove standby.signal if \
                    there is one, and write archive_mode = off and another port into postgresql.auto.conf. Else it \
                    follows the old primary, or its log gets among that of the old one.";
/// Of what the settings of Redis lack.
const SETTINGS: &str = "The settings hold no passwords: set requirepass, masterauth and the like before anybody may reach \
                        it. ACL LOAD wants `aclfile /etc/redis/users.acl` among them.";
/// Of words that stand for what only whoever restores knows.
const YOURS: &str = "Words in capitals are yours: a folder, or the file of the key (KEY) that opens what is encrypted. \
                     Where the server is not the usual one of this machine, say where it is first: PGHOST, PGPORT and \
                     PGUSER, and the like.";

/// What restores it from each copy that one would restore from: the best first, and those that can be read at once
/// before all others; last those from which something was kept.
pub fn by_hand(point: &Point, stores: &[Store], now: DateTime<Utc>) -> Vec<ByHand> {
    let mut copies: Vec<(&Copied, Option<&Store>)> = point
        .copies
        .iter()
        .filter(|copied| !matches!(copied.state(), State::Partial(_) | State::Flawed(_)))
        .map(|copied| (copied, stores.iter().find(|store| store.name == copied.store)))
        .collect();
    copies.sort_by_key(|(copied, store)| {
        let is_slow = first_byte(*store, copied, now).is_some();
        (!copied.is_full(), is_slow, Reverse(trust(&copied.state())))
    });
    copies.into_iter().filter_map(|(copied, store)| of_copy(copied, store)).collect()
}

/// How far a copy is trusted: of two that were verified, neither is better.
fn trust(state: &State) -> u8 {
    match state {
        State::Partial(_) | State::Flawed(_) => 0,
        State::Tainted => 1,
        State::Present => 2,
        State::Verified(_) => 3,
        State::Proven(_) => 4,
    }
}

fn of_copy(copied: &Copied, store: Option<&Store>) -> Option<ByHand> {
    let mut files: Vec<_> = copied.manifest()?.files.iter().collect();
    // What a database restores belongs to roles.
    files.sort_by_key(|file| file.holds != Sort::Roles);
    let lines = files.into_iter().map(|file| Line {
        holds: file.holds.word(),
        typed: brought(&file.key, &file.restore, store),
        is_known: recipe::is_known(file),
    });
    let at = store.and_then(|store| store.reach.as_ref()).filter(|place| !place.is_here());
    let lines: Vec<Line> = lines.collect();
    let has = |sorts: &[Sort]| copied.artefacts.iter().any(|(sort, _)| sorts.contains(sort));
    let remarks = [
        has(&[Sort::Roles]).then_some(ROLES),
        has(&[Sort::Dump, Sort::Sql]).then_some(DATABASE),
        has(&[Sort::Base]).then_some(BASE),
        has(&[Sort::Settings]).then_some(SETTINGS),
        Some(YOURS).filter(|_| !lines.is_empty()),
    ];
    let remarks = remarks.into_iter().flatten().collect();
    Some(ByHand { store: copied.store.clone(), at: at.map(ToString::to_string), lines, remarks })
}

/// A line that works on a file by its bare name, where the file is.
fn brought(key: &str, line: &str, store: Option<&Store>) -> String {
    let word = |text: &str| String::from_utf8_lossy(&quote(OsStr::new(text))).into_owned();
    let Some(store) = store else { return line.to_owned() };
    if let Some(bucket) = &store.bucket {
        let endpoint = store.endpoint.as_ref().map(|url| format!(" --endpoint-url {}", word(url))).unwrap_or_default();
        let prefix = store.prefix.as_deref().map(|prefix| prefix.trim_matches('/')).filter(|prefix| !prefix.is_empty());
        let prefix = prefix.map(|prefix| format!("{prefix}/")).unwrap_or_default();
        return format!("aws{endpoint} s3 cp {} . && {line}", word(&format!("s3://{bucket}/{prefix}{key}")));
    }
    match &store.path {
        Some(path) => {
            let file = path.join(key);
            let folder = file.parent().unwrap_or(path);
            format!("(cd {} && {line})", word(&folder.display().to_string()))
        }
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(more: &str) -> Store {
        toml::from_str(&format!("name = 's'\n{more}")).unwrap()
    }

    #[test]
    fn a_file_is_brought_from_where_it_lies() {
        let folder = store("kind = 'directory'\npath = '/backups of us'");
        let line = brought("postgres/daily/a.dump", "pg_restore -d NEW a.dump", Some(&folder));
        assert_eq!(line, "(cd '/backups of us/postgres/daily' && pg_restore -d NEW a.dump)");
        let bucket = store("kind = 's3'\nbucket = 'b'\nprefix = 'here/'\nendpoint = 'http://127.0.0.1:9000'");
        let line = brought("postgres/a.sql.gz", "gzip -dc a.sql.gz | psql -d NEW", Some(&bucket));
        assert_eq!(
            line,
            "aws --endpoint-url http://127.0.0.1:9000 s3 cp s3://b/here/postgres/a.sql.gz . && \
             gzip -dc a.sql.gz | psql -d NEW"
        );
        assert_eq!(brought("a", "cat a", None), "cat a");
    }
}
