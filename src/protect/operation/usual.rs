//! How large a recovery point usually is: as large as the last one of its like.

use std::time::Duration;

use super::Telling;
use crate::plan::Plan;
use crate::protect::backup::Wanted;
use crate::systems::Contact;
use crate::vault::{Catalogue, look};

/// How long a folder may take to be looked through.
const PATIENCE: Duration = Duration::from_secs(10);

/// Does a backup, and meanwhile looks how large it will be: what the plan says counts until its history is found. Only
/// folders of this machine are looked into; the backup waits for none of them.
pub async fn expect_as_usual<T>(
    work: impl Future<Output = T>,
    telling: &Telling,
    (plan, wanted): (&Plan, &Wanted<'_>),
    with: &Contact<'_>,
) -> T {
    if let Some(size) = wanted.job.expect.as_ref().and_then(|expect| expect.size) {
        telling.expects(size.0);
    }
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        usual = usual(plan, wanted, with) => if let Some(usual) = usual {
            telling.expects(usual);
        },
    }
    work.await
}

/// What the last one of its like was handed over by its system.
async fn usual(plan: &Plan, wanted: &Wanted<'_>, with: &Contact<'_>) -> Option<u64> {
    let is_to = |name: &str| wanted.stores.iter().any(|store| store.name == name);
    let (listings, _) =
        look(plan, |store| store.folder_here().is_some() && is_to(&store.name), PATIENCE, with.secrets, None).await;
    let catalogue = Catalogue::of(plan, listings);
    let is_like = |method| wanted.job.method.is_some_and(|wanted| wanted == method);
    let mut alike = catalogue.points.iter().filter(|point| point.component.as_ref() == Some(&wanted.component.name));
    alike.find_map(|point| {
        let manifest = point.manifest().filter(|manifest| is_like(manifest.taking.method))?;
        point.state().is_restorable().then(|| manifest.files.iter().map(|file| file.handed_over).sum())
    })
}
