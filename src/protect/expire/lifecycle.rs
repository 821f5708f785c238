//! Rules of buckets that remove what the plan would still keep.

use futures_util::future::join_all;

use crate::plan::Plan;
use crate::plan::types::{Store, Task};
use crate::protect::hold::PATIENCE;
use crate::reach::s3::LifecycleRule;
use crate::systems::Contact;
use crate::text::{Shape, Span, untrusted};
use crate::vault::Media;
use crate::vault::retention::Rules;

/// A rule of a bucket that removes too early, or that nothing is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Early {
    /// The store.
    pub store: String,
    /// What it does, a sentence.
    pub told: String,
}

/// What the buckets of these stores remove earlier than the plan says.
pub async fn early(plan: &Plan, chosen: impl Fn(&Store) -> bool, with: &Contact<'_>) -> Vec<Early> {
    let one = async |store: &Store| {
        let asked = async { Media::open(store, with.secrets).await?.lifecycle().await };
        let told = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(rules)) => rules.iter().filter_map(|rule| too_early(plan, store, rule)).collect(),
            Ok(Err(error)) => vec![format!("its own rules are not known: {error}")],
            Err(_) => vec!["its own rules are not known: it does not answer".to_owned()],
        };
        let line = |told: String| Early { store: store.name.clone(), told: untrusted(told, Shape::line(400)) };
        told.into_iter().map(line).collect::<Vec<_>>()
    };
    let stores = plan.store.iter().filter(|store| store.bucket.is_some() && chosen(store));
    join_all(stores.map(one)).await.concat()
}

fn too_early(plan: &Plan, store: &Store, rule: &LifecycleRule) -> Option<String> {
    let own = store.prefix.as_deref().unwrap_or_default();
    let meets = rule.prefix.starts_with(own) || own.starts_with(&rule.prefix);
    if !rule.is_on || !meets {
        return None;
    }
    let kept = longest(plan, store);
    let kept_for = kept.map_or_else(|| "for ever".to_owned(), |kept| format!("for up to {kept}"));
    let what = if rule.is_narrower { "some objects" } else { "objects" };
    let below = if rule.prefix.is_empty() { String::new() } else { format!(" below {}", rule.prefix) };
    let id = if rule.id.is_empty() { "without a name".to_owned() } else { format!("{:?}", rule.id) };
    if let Some(days) = rule.expires_after {
        let early = kept.is_none_or(|kept| Span::from_days(u64::from(days)) < kept);
        let told = format!("its own rule {id} removes {what}{below} after {days} days; the plan keeps {kept_for}");
        return early.then_some(told);
    }
    let date = rule.expires_on?;
    Some(format!("its own rule {id} removes {what}{below} on {}; the plan keeps {kept_for}", date.format("%Y-%m-%d")))
}

/// The longest that anything is kept in a store; nothing if for ever.
fn longest(plan: &Plan, store: &Store) -> Option<Span> {
    let backups = plan.job.iter().filter(|job| job.task == Task::Backup);
    let series = backups.filter_map(|job| Some((job.of.as_deref()?, job.method)));
    let of = |of| Rules::of_series(plan, store, of, None).map(|rules| rules.horizon());
    // What nobody writes is kept as the store itself says.
    series.chain([("", None)]).map(of).reduce(|one, other| Some(one?.max(other?))).flatten()
}
