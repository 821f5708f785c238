//! Archives that thaw longer than there is time.

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use super::retention::stores_of;
use super::times::limit_of;
use crate::plan::Finding;
use crate::plan::types::{Store, StoreKind};
use crate::text::Span;

pub const RULES: &[Rule] = &[data, steps];

/// How long a store thaws at most, if it does.
fn thaw(store: &Store) -> Option<Span> {
    store.thaw.map(|thaw| thaw.most).filter(|_| store.kind == StoreKind::Archive)
}

/// Data whose only copies lie in archives, in a component that must be back sooner than they thaw.
fn data(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        let Some(component) = data.item.component.as_deref().and_then(|name| examined.components.get(name)) else {
            continue;
        };
        let Some(rto) = component.rto else { continue };
        let stores = stores_of(examined, data.item);
        let quickest = stores.iter().map(|store| thaw(store.item).unwrap_or_default()).min();
        let Some(quickest) = quickest.filter(|thaw| *thaw > rto) else { continue };
        let Some(store) = stores.iter().find(|store| thaw(store.item) == Some(quickest)) else { continue };
        findings.push(
            Finding::warning(
                "thaw",
                format!("{} thaws for {quickest}, and {} must be back after {rto}", store.name, component.name),
            )
            .at(examined.key(*store, "thaw"), "before this has passed nothing can be read")
            .at(examined.key(component, "rto"), "what is promised")
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
        for step in entries(&procedure.item.step) {
            let Some((store, thaw)) = step.item.from.as_deref().and_then(|from| frozen(examined, from)) else {
                continue;
            };
            if thaw <= limit {
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
                .at(examined.key(store, "thaw"), "how long it thaws")
                .at(place, "the time there is")
                .because(format!("the time is over before the first byte can be read: {thaw} against {limit}"))
                .mend("restore from a store that needs no thawing, and keep the archive for what nothing else has"),
            );
        }
    }
}

/// The archive that must be thawed for `from`, a store or a job, unless a copy lies elsewhere.
fn frozen<'a>(examined: &Examined<'a>, from: &str) -> Option<(Entry<'a, Store>, Span)> {
    let stores: Vec<Entry<'a, Store>> = match examined.stores.get(from) {
        Some(store) => vec![store],
        None => examined.jobs.get(from)?.item.to.iter().filter_map(|store| examined.stores.get(store)).collect(),
    };
    let quickest = *stores.iter().min_by_key(|store| thaw(store.item).unwrap_or_default())?;
    Some((quickest, thaw(quickest.item)?))
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
    }
}
