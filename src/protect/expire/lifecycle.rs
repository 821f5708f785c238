//! Rules of buckets that remove, or archive, what the plan would still keep at hand.

use std::time::Duration;

use futures_util::future::join_all;

use crate::plan::Plan;
use crate::plan::types::{Store, Task};
use crate::reach::s3::{LifecycleRule, LockMode, Retention};
use crate::systems::Contact;
use crate::text::{Shape, Span, untrusted};
use crate::vault::retention::Rules;
use crate::vault::{Media, MediaError};

/// How long a bucket may take to tell its rules.
const PATIENCE: Duration = Duration::from_secs(15);

/// A rule of a bucket that removes or archives too early, or locks for too long, or that nothing is known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Early {
    /// The store.
    pub store: String,
    /// What it does, a sentence.
    pub told: String,
    /// Whether that is known: a bucket may not tell its rules.
    pub is_known: bool,
}

/// What the buckets of these stores remove or archive earlier than the plan says.
pub async fn early(plan: &Plan, chosen: impl Fn(&Store) -> bool, with: &Contact<'_>) -> Vec<Early> {
    let one = async |store: &Store| {
        let asked = async {
            let media = Media::open(store, with.secrets).await?;
            Ok::<_, MediaError>((media.lifecycle().await?, media.locks().await))
        };
        let (told, is_known) = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok((rules, lock))) => {
                let removed = rules.iter().flat_map(|rule| too_early(plan, store, rule));
                (removed.chain(too_late(plan, store, lock)).collect(), true)
            }
            Ok(Err(error)) => (vec![format!("its own rules are not known: {error}")], false),
            Err(_) => (vec!["its own rules are not known: it does not answer".to_owned()], false),
        };
        let line =
            |told: String| Early { store: store.name.clone(), told: untrusted(told, Shape::line(400)), is_known };
        told.into_iter().map(line).collect::<Vec<_>>()
    };
    let stores = plan.store.iter().filter(|store| store.bucket.is_some() && chosen(store));
    join_all(stores.map(one)).await.concat()
}

/// What a rule does to what the plan still keeps, a sentence each.
fn too_early(plan: &Plan, store: &Store, rule: &LifecycleRule) -> Vec<String> {
    let own = store.prefix.as_deref().unwrap_or_default();
    let meets = rule.prefix.starts_with(own) || own.starts_with(&rule.prefix);
    if !rule.is_on || !meets {
        return Vec::new();
    }
    let kept = longest(plan, store);
    let kept_for = kept.map_or_else(|| "for ever".to_owned(), |kept| format!("for up to {kept}"));
    let what = if rule.is_narrower { "some objects" } else { "objects" };
    let below = if rule.prefix.is_empty() { String::new() } else { format!(" below {}", rule.prefix) };
    let id = if rule.id.is_empty() { "without a name".to_owned() } else { format!("{:?}", rule.id) };
    let is_early = |days: u32| kept.is_none_or(|kept| Span::from_days(u64::from(days)) < kept);
    let removes = |when: String| format!("its own rule {id} removes {what}{below} {when}; the plan keeps {kept_for}");
    let removal = match (rule.expires_after, rule.expires_on) {
        (Some(days), _) => is_early(days).then(|| removes(format!("after {days} days"))),
        (None, date) => date.map(|date| removes(format!("on {}", date.format("%Y-%m-%d")))),
    };
    // What the plan knows to be archived is counted with its thaw.
    let is_known = store.thaw.is_some() || store.storage_class.as_deref().is_some_and(is_archive);
    let archived = rule.moves.iter().filter(|(days, class)| is_archive(class) && is_early(*days) && !is_known);
    let archived = archived.map(|(days, class)| {
        format!(
            "its own rule {id} moves {what}{below} to {class} after {days} days, where nothing is read without a thaw; \
             the plan keeps {kept_for}, and names no `thaw`"
        )
    });
    removal.into_iter().chain(archived).collect()
}

/// That a lock keeps what the plan would throw away.
fn too_late(plan: &Plan, store: &Store, lock: Option<Retention>) -> Option<String> {
    let (lock, kept) = lock.zip(longest(plan, store))?;
    let locked = Span::from_days(u64::from(lock.days));
    let who = match lock.mode {
        LockMode::Governance => "only who may lift locks",
        LockMode::Compliance => "nobody",
    };
    let told =
        format!("it locks what is written there for {locked}, and {who} can remove it before; the plan keeps {kept}");
    (locked > kept).then_some(told)
}

/// Whether what lies in this class has to be thawed.
fn is_archive(class: &str) -> bool {
    matches!(class, "GLACIER" | "DEEP_ARCHIVE")
}

/// The longest that anything is kept in a store; nothing if for ever.
fn longest(plan: &Plan, store: &Store) -> Option<Span> {
    let backups = plan.job.iter().filter(|job| job.task == Task::Backup);
    let series = backups.filter_map(|job| Some((job.of.as_deref()?, job.method)));
    let of = |of| Rules::of_series(plan, store, of, None).map(|rules| rules.horizon());
    // What nobody writes is kept as the store itself says.
    series.chain([("", None)]).map(of).reduce(|one, other| Some(one?.max(other?))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of a rule, of a bucket that keeps for a month, with more of the plan about it.
    fn told(more: &str, rule: LifecycleRule) -> Vec<String> {
        let plan = format!(
            "[platform]\nname = 'p'\n[[store]]\nname = 'offsite'\nkind = 's3'\nbucket = 'b'\nprefix = 'a'\n\
             keep = {{ age = '30d' }}\n{more}"
        );
        let plan: Plan = toml::from_str(&plan).unwrap();
        too_early(&plan, &plan.store[0], &LifecycleRule { is_on: true, ..rule })
    }

    #[test]
    fn what_is_locked_for_longer_than_it_is_kept_is_told() {
        let plan = |keep: &str| -> Plan {
            let store = format!("[[store]]\nname = 'offsite'\nkind = 's3'\nbucket = 'b'\n{keep}\n");
            toml::from_str(&format!("[platform]\nname = 'p'\n{store}")).unwrap()
        };
        let told = |keep: &str, days| {
            let plan = plan(keep);
            too_late(&plan, &plan.store[0], Some(Retention { mode: LockMode::Compliance, days }))
        };
        assert!(told("keep = { age = '30d' }", 31).unwrap().contains("nobody can remove it before"));
        assert_eq!((told("keep = { age = '30d' }", 30), told("", 3000)), (None, None));
    }

    #[test]
    fn what_goes_or_freezes_before_its_time_is_told() {
        let removes = |days| LifecycleRule { expires_after: Some(days), ..LifecycleRule::default() };
        let moves = |days, class: &str| LifecycleRule { moves: vec![(days, class.to_owned())], ..removes(99) };
        assert!(told("", removes(29))[0].contains("removes objects after 29 days"));
        assert!(told("", removes(30)).is_empty());
        assert!(told("", moves(7, "GLACIER"))[0].contains("moves objects to GLACIER after 7 days"));
        assert!(told("", moves(7, "STANDARD_IA")).is_empty() && told("", moves(31, "DEEP_ARCHIVE")).is_empty());
        // The plan reckons with a thaw.
        assert!(told("thaw = '5h'\n", moves(7, "GLACIER")).is_empty());
        assert!(told("", LifecycleRule { prefix: "b/".to_owned(), ..removes(1) }).is_empty());
    }
}
