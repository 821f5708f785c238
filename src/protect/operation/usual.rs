//! How large a recovery point usually is: what is under way is told against the last one of its like, and what has
//! become much smaller or larger than those before it is told when it is taken.

use std::time::Duration;

use super::Telling;
use crate::plan::Plan;
use crate::plan::types::Store;
use crate::protect::backup::Wanted;
use crate::systems::Contact;
use crate::vault::usual::{Amount, Tolerance, Unusual, unusual};
use crate::vault::{Catalogue, Delivered, Point, look};

/// How long a folder may take to be looked through.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long that may keep a backup that is over.
const AFTERWARDS: Duration = Duration::from_secs(2);
/// So many before it tell what is usual.
pub(in crate::protect) const HISTORY: usize = 7;

/// What those before it are like.
#[derive(Default)]
struct Before {
    /// What the last one was handed over by its system.
    last: Option<u64>,
    /// How much they hold, by their names.
    amounts: Vec<(String, Amount)>,
}

/// Does a backup, and meanwhile looks how large it will be: what the plan says counts until its history is found. Only
/// folders of this machine are looked into.
pub async fn compare_with_usual<E>(
    work: impl Future<Output = Result<Delivered, E>>,
    telling: &Telling,
    (plan, wanted): (&Plan, &Wanted<'_>),
    with: &Contact<'_>,
) -> Result<Delivered, E> {
    if let Some(size) = wanted.job.expect.as_ref().and_then(|expect| expect.size) {
        telling.expects(size.0);
    }
    let (mut work, mut looking) = (std::pin::pin!(work), std::pin::pin!(before(plan, wanted, telling, with)));
    let (done, before) = tokio::select! {
        done = &mut work => (done, tokio::time::timeout(AFTERWARDS, looking).await.unwrap_or_default()),
        before = &mut looking => {
            if let Some(last) = before.last {
                telling.expects(last);
            }
            (work.await, before)
        },
    };
    done.map(|delivered| Delivered { strange: before.strange(plan, wanted, &delivered), ..delivered })
}

async fn before(plan: &Plan, wanted: &Wanted<'_>, telling: &Telling, with: &Contact<'_>) -> Before {
    let is_to = |name: &str| wanted.stores.iter().any(|store| store.name == name);
    let is_looked_into = |store: &Store| store.folder_here().is_some() && is_to(&store.name);
    let (listings, _) = look(plan, is_looked_into, PATIENCE, with.secrets, telling.cache().as_ref()).await;
    let catalogue = Catalogue::of(plan, listings);
    let is_like = |point: &&Point| {
        let is_of = point.component.as_ref() == Some(&wanted.component.name);
        let method = point.manifest().map(|manifest| manifest.taking.method);
        is_of && method.is_some() && method == wanted.job.method && point.state().is_restorable()
    };
    // One more, for what is taken may be among them already.
    let alike: Vec<&Point> = catalogue.points.iter().filter(is_like).take(HISTORY + 1).collect();
    let handed_over = |point: &&Point| Some(point.manifest()?.files.iter().map(|file| file.handed_over).sum());
    Before {
        last: alike.first().and_then(handed_over),
        amounts: alike.iter().map(|point| (point.id.clone(), Amount::of_point(point))).collect(),
    }
}

impl Before {
    /// What is strange about the size of what was taken after them.
    fn strange(self, plan: &Plan, wanted: &Wanted<'_>, delivered: &Delivered) -> Option<Unusual> {
        let manifest = &delivered.manifest;
        let others = self.amounts.into_iter().filter(|(id, _)| *id != manifest.point);
        let before: Vec<Amount> = others.take(HISTORY).map(|(_, amount)| amount).collect();
        unusual(Amount::taken(manifest), &before, Tolerance::of(plan, &wanted.job))
    }
}
