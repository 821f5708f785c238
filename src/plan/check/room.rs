//! Stores that are too small for what is to be kept in them.

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use super::words::list;
use crate::plan::Finding;
use crate::plan::types::{Job, Store, StoreKind, Task};
use crate::text::Size;

pub const RULES: &[Rule] = &[room];

/// The sizes of everything that jobs write, for as long as it is kept, against the store's size.
fn room(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for store in entries(&examined.plan.store) {
        let store: Entry<'_, Store> = store;
        // A bucket grows; its size is what is paid for.
        let Some(size) = store.size.filter(|_| matches!(store.item.kind, StoreKind::Directory | StoreKind::Git)) else {
            continue;
        };
        let writers: Vec<_> = entries(&examined.plan.job)
            .filter(|job| job.item.to.contains(&store.item.name))
            .filter_map(|job| Some((job, kept_of(examined, job, store)?)))
            .collect();
        let needed = writers.iter().fold(0u64, |sum, (_, kept)| sum.saturating_add(kept.0));
        if needed <= size.0 {
            continue;
        }
        let parts: Vec<String> =
            writers.iter().map(|(job, kept)| format!("{} {}", job.item.name, kept.approx())).collect();
        let needed = Size(needed).approx();
        findings.push(
            Finding::warning(
                "store-size",
                format!("{} has room for {size}, and {needed} are to be kept in it", store.name),
            )
            .at(examined.key(store, "size"), "how large it is")
            .at(examined.at(&examined.path(store).to("keep").to("age")), "how long everything is kept")
            .because(format!(
                "when it is full, the next backup fails, and the newest copy grows older every hour: {}",
                list(parts.iter().map(String::as_str))
            ))
            .mend(format!("give it {needed} and some air, keep less in it, or keep it shorter")),
        );
    }
}

/// What a job has in a store at most: one copy an interval, for as long as they are kept.
fn kept_of(examined: &Examined<'_>, job: Entry<'_, Job>, store: Entry<'_, Store>) -> Option<Size> {
    let one = |job: &Job| job.expect.as_ref().and_then(|expect| expect.size);
    let size = match job.task {
        Task::Backup => one(job.item)?,
        Task::Upload => {
            let taken = job.item.takes.iter().filter_map(|taken| examined.jobs.get(taken));
            Size(taken.filter_map(|taken| one(taken.item)).map(|size| size.0).fold(0, u64::saturating_add))
        }
        _ => return None,
    };
    let own = job.item.keep.as_ref().and_then(|keep| keep.age);
    let age = own.or(store.item.keep.as_ref().and_then(|keep| keep.age))?;
    let interval = examined.exposures().interval(job.index).filter(|interval| !interval.is_zero())?;
    let copies = age.approx_millis().div_euclid(interval.approx_millis().max(1)).max(1);
    Some(Size(size.0.saturating_mul(copies)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds, only};

    fn plan(size: &str) -> String {
        format!(
            "[[store]]\nname='s'\nkind='directory'\nsize = '{size}'\nkeep={{age='7d'}}\n\
             [[job]]\nname='d'\ndo='backup'\nevery='24h'\nto=['s']\nexpect={{size='50GB'}}\n\
             [[job]]\nname='h'\ndo='backup'\nevery='1h'\nto=['s']\nexpect={{size='1GB'}}\n\
             [[job]]\nname='v'\ndo='verify'\nevery='1h'\nto=['s']\nexpect={{size='900GB'}}"
        )
    }

    #[test]
    fn a_store_that_is_too_small_is_found() {
        finds("store-size", &plan("300GB"), &["size = '300GB'", "age='7d'"]);
        assert!(only("store-size", &plan("300GB")).message.contains("518GB"));
        accepts("store-size", &plan("518GB"));
        accepts("store-size", &plan("300GB").replace("'directory'", "'s3'"));
    }
}
