//! Archives that thaw longer than there is time.

use std::collections::HashSet;

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use super::retention::stores_of;
use super::times::limit_of;
use crate::plan::Finding;
use crate::plan::types::{Store, StoreKind};
use crate::text::Span;

pub const RULES: &[Rule] = &[unknown, data, steps];

/// How long a store thaws at most, if it does, and the key that says so; nothing if an archive does not
/// say. Where the storage class is left open, the deepest counts.
fn thaw(store: &Store) -> Option<(Span, &'static str)> {
    if store.kind != StoreKind::Archive {
        return Some((Span::ZERO, "kind"));
    }
    let usual = store.thaw.map(|thaw| (thaw.most, "thaw"));
    let deep = store.deep_thaw.map(|thaw| (thaw.most, "deep_thaw"));
    match store.storage_class.as_deref() {
        Some(class) if class.to_ascii_uppercase().contains("DEEP") => deep.or(usual),
        Some(_) => usual,
        None => deep.filter(|(deep, _)| usual.is_none_or(|(usual, _)| *deep > usual)).or(usual),
    }
}

/// The quickest of some stores; nothing where all are archives and one does not say how long it thaws.
fn quickest<'a>(stores: &[Entry<'a, Store>]) -> Option<(Entry<'a, Store>, Span, &'static str)> {
    let known = stores.iter().filter_map(|store| thaw(store.item).map(|(span, key)| (*store, span, key)));
    let quickest = known.min_by_key(|(_, span, _)| *span);
    let is_open = stores.iter().any(|store| thaw(store.item).is_none());
    quickest.filter(|(_, span, _)| span.is_zero() || !is_open)
}

/// An archive that does not say how long it takes until something can be read.
fn unknown(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for store in entries(&examined.plan.store) {
        let store: Entry<'_, Store> = store;
        let path = examined.path(store);
        let is_written = ["thaw", "deep_thaw"].iter().any(|key| examined.is_written(&path.to(*key)));
        if thaw(store.item).is_some() || is_written {
            continue;
        }
        findings.push(
            Finding::warning("missing-thaw", format!("{} does not say how long it thaws", store.name))
                .at(examined.key(store, "kind"), "nothing in it can be read at once")
                .because("whoever needs it on the night learns only then that it takes hours")
                .mend("say how long it takes until something can be read: thaw = \"1h to 12h\""),
        );
    }
}

/// Data whose only copies lie in archives, in a component that must be back sooner than they thaw.
fn data(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        let Some(component) = data.item.component.as_deref().and_then(|name| examined.components.get(name)) else {
            continue;
        };
        let Some((rto, place)) = examined.rto_of(component) else { continue };
        let stores = stores_of(examined, data.item);
        let Some((store, thaw, key)) = quickest(&stores).filter(|(_, thaw, _)| *thaw > rto) else { continue };
        findings.push(
            Finding::warning(
                "thaw",
                format!("{} thaws for {thaw}, and {} must be back after {rto}", store.name, component.name),
            )
            .at(examined.key(store, key), "before this has passed nothing can be read")
            .at(place, "what is promised")
            .because(format!(
                "{} lies in archives only, so its restore cannot even begin before the promise is broken",
                data.name
            ))
            .mend("keep the newest copies in a store that needs no thawing too"),
        );
    }
}

/// A step that works from an archive within a procedure that has less time.
fn steps(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for procedure in entries(&examined.plan.procedure) {
        let Some((limit, place, whose)) = limit_of(examined, procedure) else { continue };
        let mut told = HashSet::new();
        for step in entries(&procedure.item.step) {
            let Some((store, thaw, key)) = step.item.from.as_deref().and_then(|from| source(examined, from)) else {
                continue;
            };
            // What one step has waited for the next one finds thawed.
            if thaw <= limit || !told.insert(store.index) {
                continue;
            }
            findings.push(
                Finding::warning(
                    "thaw",
                    format!(
                        "{} of {} waits {thaw} for {} to thaw, and {whose} leaves {limit}",
                        step.name, procedure.name, store.name
                    ),
                )
                .at(examined.at(&step.within(examined.tree, &examined.path(procedure)).to("from")), "frozen")
                .at(examined.key(store, key), "how long it thaws")
                .at(place, "the time there is")
                .because(format!("the time is over before the first byte can be read: {thaw} against {limit}"))
                .mend("restore from a store that needs no thawing, and keep the archive for what nothing else has"),
            );
        }
    }
}

/// The quickest store for `from`, a store or a job.
fn source<'a>(examined: &Examined<'a>, from: &str) -> Option<(Entry<'a, Store>, Span, &'static str)> {
    let stores: Vec<Entry<'a, Store>> = match examined.stores.get(from) {
        Some(store) => vec![store],
        None => examined.jobs.get(from)?.item.to.iter().filter_map(|store| examined.stores.get(store)).collect(),
    };
    quickest(&stores)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    const STORES: &str = "[[store]]\nname='ice'\nkind='archive'\nthaw='1h to 12h'\n[[store]]\nname='warm'\nkind='s3'\n";

    #[test]
    fn data_that_only_archives_hold_are_found() {
        let plan = |rto: &str, to: &str| {
            format!(
                "{STORES}[[component]]\nname='db'\nkind='postgres'\nrto='{rto}'\n[[data]]\nname='d'\ncomponent='db'\nprotected_by=['j']\n\
                 [[job]]\nname='j'\ndo='backup'\nevery='1h'\nto=[{to}]"
            )
        };
        finds("thaw", &plan("2h", "'ice'"), &["thaw='1h to 12h'", "rto='2h'"]);
        accepts("thaw", &plan("2h", "'ice', 'warm'"));
        accepts("thaw", &plan("12h", "'ice'"));
        let class = plan("2h", "'ice'").replace("rto='2h'", "priority=1\n[[priority]]\nlevel=1\nname='c'\nwithin='2h'");
        finds("thaw", &class, &["thaw='1h to 12h'", "within='2h'"]);
        let deep = |class: &str| {
            plan("12h", "'ice'").replace("kind='archive'", &format!("kind='archive'\ndeep_thaw='48h'\n{class}"))
        };
        finds("thaw", &deep(""), &["deep_thaw='48h'", "rto='12h'"]);
        finds("thaw", &deep("storage_class='DEEP_ARCHIVE'"), &["deep_thaw='48h'", "rto='12h'"]);
        accepts("thaw", &deep("storage_class='GLACIER'"));
    }

    #[test]
    fn an_archive_that_does_not_say_how_long_it_thaws_is_found_and_is_no_quick_store() {
        let plan = |thaw: &str| {
            format!(
                "[[store]]\nname='ice'\nkind='archive'\n{thaw}\n[[store]]\nname='snow'\nkind='archive'\nthaw = '12h'\n\
                 [[component]]\nname='db'\nkind='postgres'\nrto='2h'\n[[data]]\nname='d'\ncomponent='db'\nprotected_by=['j']\n\
                 [[job]]\nname='j'\ndo='backup'\nevery='1h'\nto=['ice', 'snow']"
            )
        };
        finds("missing-thaw", &plan(""), &["kind='archive'"]);
        accepts("thaw", &plan(""));
        accepts("missing-thaw", &plan("thaw='soon'"));
        accepts("missing-thaw", &plan("deep_thaw='12h'"));
        finds("thaw", &plan("thaw='20h'"), &["thaw = '12h'", "rto='2h'"]);
    }

    #[test]
    fn a_step_that_waits_for_thawing_is_found() {
        let plan = |rto: &str, from: &str| {
            format!(
                "{STORES}[[scenario]]\nname='x'\nprocedure='p'\nrto='{rto}'\n[[procedure]]\nname='p'\n[[procedure.step]]\nname='r'\nfrom='{from}'"
            )
        };
        finds("thaw", &plan("4h", "ice"), &["from='ice'", "thaw='1h to 12h'", "rto='4h'"]);
        accepts("thaw", &plan("24h", "ice"));
        accepts("thaw", &plan("4h", "warm"));
        let again = plan("4h", "ice") + "\n[[procedure.step]]\nname='again'\nfrom = 'ice'";
        finds("thaw", &again, &["from='ice'", "thaw='1h to 12h'", "rto='4h'"]);
    }
}
