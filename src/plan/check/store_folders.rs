//! Folders of stores that lie where they must not: inside of what they keep, inside of another store, or nobody knows
//! where.

use std::path::Path;

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use crate::plan::types::{Component, Kind, Store, Task};
use crate::plan::{Finding, Place};

pub const RULES: &[Rule] = &[absolute, inside_another, inside_its_source];

/// A path that depends on where the program was started.
fn absolute(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for store in entries(&examined.plan.store) {
        let store: Entry<'_, Store> = store;
        let Some(folder) = store.item.folder_here().filter(|folder| folder.is_relative()) else { continue };
        findings.push(
            Finding::warning("relative-folder", format!("{} is not a path from the root", folder.display()))
                .at(examined.key(store, "path"), "from where?")
                .because("cron starts in another folder than you, and writes and looks somewhere else")
                .mend("write the whole path"),
        );
    }
}

/// Two stores of which one has what lies in the other: folders, or parts of a bucket.
fn inside_another(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for inner in entries(&examined.plan.store) {
        for outer in entries(&examined.plan.store).filter(|outer| outer.index != inner.index) {
            let (inner, outer): (Entry<'_, Store>, Entry<'_, Store>) = (inner, outer);
            let (Some(inside), Some(around)) = (Lies::of(inner.item), Lies::of(outer.item)) else { continue };
            let is_told_twice = inside == around && inner.index < outer.index;
            if !inside.is_in(&around) || is_told_twice {
                continue;
            }
            let (key, mend) = match inside {
                Lies::Folder(_) => ("path", "give each a folder of its own"),
                Lies::Bucket(..) => ("bucket", "give each a bucket, or a `prefix`, of its own"),
            };
            findings.push(
                Finding::error("store-inside", format!("{} lies in {}", inner.name, outer.name))
                    .at(examined.key(inner, key), "inside")
                    .at(examined.key(outer, key), "of this")
                    .because("what is written to one is found in the other, and thrown away by the rules of both")
                    .mend(mend),
            );
        }
    }
}

/// Where a store lies.
#[derive(PartialEq, Eq)]
enum Lies<'p> {
    Folder(&'p Path),
    /// The bucket, its endpoint, and the beginning of every name.
    Bucket(&'p str, Option<&'p str>, String),
}

impl<'p> Lies<'p> {
    fn of(store: &'p Store) -> Option<Lies<'p>> {
        if let Some(bucket) = &store.bucket {
            let prefix = store.prefix.as_deref().unwrap_or_default().trim_matches('/');
            let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
            return Some(Lies::Bucket(bucket, store.endpoint.as_deref(), prefix));
        }
        store.folder_here().map(Lies::Folder)
    }

    fn is_in(&self, other: &Lies<'_>) -> bool {
        match (self, other) {
            (Lies::Folder(folder), Lies::Folder(other)) => folder.starts_with(other),
            (Lies::Bucket(bucket, endpoint, prefix), Lies::Bucket(other, of, around)) => {
                (bucket, endpoint) == (other, of) && prefix.starts_with(around.as_str())
            }
            _ => false,
        }
    }
}

/// A store in the folder that it is a backup of.
fn inside_its_source(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job).filter(|job| job.item.task == Task::Backup) {
        let Some(source) = job.item.of.as_deref().and_then(|of| examined.components.get(of)) else { continue };
        let source: Entry<'_, Component> = source;
        let is_here = source.item.reach.as_ref().is_none_or(Place::is_here);
        let Some(folder) = source.item.address.as_deref().filter(|_| is_here && source.item.kind == Kind::Files) else {
            continue;
        };
        let excludes = source.item.files.as_ref().is_some_and(|files| !files.exclude.is_empty());
        for store in job.item.to.iter().filter_map(|name| examined.stores.get(name)) {
            let store: Entry<'_, Store> = store;
            if excludes || !store.item.folder_here().is_some_and(|path| path.starts_with(folder)) {
                continue;
            }
            findings.push(
                Finding::error("store-in-source", format!("{} lies in what {} backs up", store.name, job.item.name))
                    .at(examined.key(store, "path"), "kept here")
                    .at(examined.key(source, "address"), "taken from here")
                    .because("each backup holds all before it, until the disk is full")
                    .mend("keep it elsewhere, or exclude its folder (`files.exclude`)"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    #[test]
    fn two_stores_in_one_bucket_are_found() {
        let store = |name: &str, more: &str| format!("[[store]]\nname='{name}'\nkind='s3'\nbucket='b'\n{more}\n");
        let plan = |one: &str, other: &str| format!("{}{}", store("one", one), store("two", other));
        finds("store-inside", &plan("", ""), &["bucket='b'", "bucket='b'"]);
        finds("store-inside", &plan("prefix='a/b'", "prefix='/a/'"), &["bucket='b'", "bucket='b'"]);
        accepts("store-inside", &plan("prefix='a'", "prefix='ab'"));
        accepts("store-inside", &plan("", "endpoint='http://127.0.0.1:9000'"));
    }

    fn store(name: &str, path: &str) -> String {
        format!("[[store]]\nname='{name}'\nkind='directory'\npath='{path}'\n")
    }

    #[test]
    fn a_folder_of_nobody_knows_where_is_found() {
        finds("relative-folder", &store("s", "backups"), &["path='backups'"]);
        accepts("relative-folder", &store("s", "/backups"));
    }

    #[test]
    fn a_store_in_another_is_found() {
        let plan = |inner: &str| store("outer", "/backups") + &store("inner", inner);
        finds("store-inside", &plan("/backups/pg"), &["path='/backups/pg'", "path='/backups'"]);
        finds("store-inside", &plan("/backups"), &["path='/backups'", "path='/backups'"]);
        accepts("store-inside", &plan("/backups-2"));
    }

    #[test]
    fn a_store_in_what_it_keeps_is_found() {
        let plan = |path: &str, more: &str| {
            format!(
                "[[component]]\nname='c'\nkind='files'\naddress='/etc/shop'\n{more}\n\
                 [[job]]\nname='j'\ndo='backup'\nof='c'\nmethod='files'\nevery='1d'\nto=['s']\n"
            ) + &store("s", path)
        };
        finds("store-in-source", &plan("/etc/shop/backups", ""), &["path='/etc/shop/backups'", "address='/etc/shop'"]);
        accepts("store-in-source", &plan("/var/backups", ""));
        accepts("store-in-source", &plan("/etc/shop/backups", "files={exclude=['backups']}"));
    }
}
