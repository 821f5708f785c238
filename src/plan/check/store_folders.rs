//! Folders of stores that lie where they must not: inside of what they keep, inside of another store, or nobody knows
//! where.

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use crate::plan::types::{Component, Kind, Store, Task};
use crate::plan::{Finding, Place};

pub const RULES: &[Rule] = &[absolute, inside_another, same_bucket, inside_its_source];

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

/// Two stores of which one lies in the other.
fn inside_another(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for inner in entries(&examined.plan.store) {
        for outer in entries(&examined.plan.store).filter(|outer| outer.index != inner.index) {
            let (inner, outer): (Entry<'_, Store>, Entry<'_, Store>) = (inner, outer);
            let (Some(inside), Some(folder)) = (inner.item.folder_here(), outer.item.folder_here()) else { continue };
            let is_told_twice = inside == folder && inner.index < outer.index;
            if !inside.starts_with(folder) || is_told_twice {
                continue;
            }
            findings.push(
                Finding::error("store-inside", format!("{} lies in {}", inner.name, outer.name))
                    .at(examined.key(inner, "path"), "inside")
                    .at(examined.key(outer, "path"), "of this")
                    .because("what is written to one is found in the other, and thrown away by the rules of both")
                    .mend("give each a folder of its own"),
            );
        }
    }
}

/// Two stores in the same bucket, of which one has what lies in the other.
fn same_bucket(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let of = |store: &Store| (store.bucket.clone(), store.endpoint.clone());
    let prefix = |store: &Store| {
        let prefix = store.prefix.as_deref().unwrap_or_default().trim_matches('/');
        if prefix.is_empty() { String::new() } else { format!("{prefix}/") }
    };
    for inner in entries(&examined.plan.store).filter(|inner| inner.item.bucket.is_some()) {
        for outer in entries(&examined.plan.store).filter(|outer| outer.index != inner.index) {
            let (inner, outer): (Entry<'_, Store>, Entry<'_, Store>) = (inner, outer);
            let (inside, around) = (prefix(inner.item), prefix(outer.item));
            let is_told_twice = inside == around && inner.index < outer.index;
            if of(inner.item) != of(outer.item) || !inside.starts_with(&around) || is_told_twice {
                continue;
            }
            findings.push(
                Finding::error("store-inside", format!("{} lies in {}", inner.name, outer.name))
                    .at(examined.key(inner, "bucket"), "the same")
                    .at(examined.key(outer, "bucket"), "as this")
                    .because("what is written to one is found in the other, and thrown away by the rules of both")
                    .mend("give each a bucket, or a `prefix`, of its own"),
            );
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
