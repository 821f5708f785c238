//! What would go and what stays, before anything goes.

use std::collections::BTreeMap;

use super::{Early, Wish, catalogue, early};
use crate::plan::Plan;
use crate::plan::types::Method;
use crate::protect::hold;
use crate::systems::Contact;
use crate::vault::retention::{Judged, Needless, Reason, Series, Verdict, Why};
use crate::vault::{Cache, Catalogue};

/// What lies in the stores, and what stands in the way of throwing anything of it away.
pub struct Found {
    /// Every recovery point.
    pub catalogue: Catalogue,
    /// Why nothing may go.
    pub held: Option<String>,
    /// What a bucket would delete by itself, earlier than the plan.
    pub early: Vec<Early>,
}

/// What would go and what stays, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Series by series.
    pub series: Vec<Prospect>,
    /// What of logs no base needs any more.
    pub logs: Vec<Needless>,
    /// Stores with so many recovery points of no component of the plan, which all stay.
    pub alone: Vec<(String, usize)>,
    /// Why nothing may go.
    pub held: Option<String>,
    /// What a bucket would delete by itself: the store, and what its rules say.
    pub early: Vec<(String, String)>,
}

/// What becomes of what a store keeps of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// The store.
    pub store: String,
    /// The component.
    pub component: String,
    /// How it was taken; nothing of other files.
    pub method: Option<Method>,
    /// How many stay, and why.
    pub stays: Vec<(usize, String)>,
    /// What goes: its name, its bytes, why.
    pub goes: Vec<(String, u64, String)>,
}

/// Looks into every store, for holds too, and at the rules of buckets.
pub async fn found(plan: &Plan, wish: &Wish<'_>, cache: Option<&Cache>, with: &Contact<'_>) -> Found {
    let ((catalogue, unseen), held, early) = tokio::join!(
        catalogue(plan, cache, with),
        async { hold::Watch::open(plan, with.secrets).await.stop().await },
        early(plan, |store| wish.chooses(store), with),
    );
    let unseen = unseen.first().map(|it| format!("{} cannot be looked into: {}", it.store, it.why));
    Found { catalogue, held: held.or(unseen), early }
}

/// What would go of all stores, by what the plan keeps.
pub async fn outlook(plan: &Plan, with: &Contact<'_>) -> Outlook {
    let wish = Wish::default();
    let Found { catalogue, held, early } = found(plan, &wish, None, with).await;
    let survey = wish.survey(plan, &catalogue, with);
    Outlook {
        series: survey.series.iter().map(Prospect::of).collect(),
        logs: survey.logs.clone(),
        alone: survey.alone.iter().map(|(store, count)| (store.clone(), *count)).collect(),
        held,
        early: early.into_iter().map(|early| (early.store, early.told)).collect(),
    }
}

/// How many stay for each reason; the periods of a kind together.
pub fn stays(series: &Series<'_>) -> Vec<(usize, String)> {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for judged in &series.points {
        let reason = match &judged.verdict {
            Verdict::Kept(Reason::Period(period, _)) => format!("the newest good one of its {}", period.word()),
            Verdict::Kept(Reason::UnreadPeriod(period, _)) => {
                format!("not verified, and none of its {} is; `lifeboat verify` reads them", period.word())
            }
            Verdict::Kept(reason) => reason.to_string(),
            Verdict::Goes(_) => continue,
        };
        *reasons.entry(reason).or_default() += 1;
    }
    reasons.into_iter().map(|(reason, count)| (count, reason)).collect()
}

/// Why one goes, and what goes with it.
pub fn goes(judged: &Judged<'_>, why: &Why) -> String {
    match &judged.deposit {
        None => why.to_string(),
        Some(fate) => format!("{why}; {fate}"),
    }
}

impl Prospect {
    fn of(series: &Series<'_>) -> Prospect {
        let goes = series.points.iter().filter_map(|judged| match &judged.verdict {
            Verdict::Goes(why) => Some((judged.point.id.clone(), judged.copied.size(), goes(judged, why))),
            Verdict::Kept(_) => None,
        });
        Prospect {
            store: series.store.clone(),
            component: series.component.clone(),
            method: series.method,
            stays: stays(series),
            goes: goes.collect(),
        }
    }
}
