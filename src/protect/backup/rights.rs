//! The right to take recovery points of a component: held by one at a time, on this host and on every other.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::journal::State;
use crate::journal::claim::{ClaimError, ClaimName, Claims, Held, Holder, LocalClaims, Looked, Pace};
use crate::text::SystemClock;
use crate::vault::OURS;

use super::Wanted;

/// How long a store may take to be asked; a network drive may hang.
const PATIENCE: Duration = Duration::from_secs(10);

/// The right, as long as this is kept.
pub struct Rights {
    _here: Held,
    /// Nothing where no store could keep it.
    _shared: Option<Held>,
}

/// Whoever wants the right, again and again perhaps: another host is watched from the first look on.
pub struct Wanting {
    name: ClaimName,
    purpose: String,
    here: Claims,
    shared: Option<(PathBuf, Option<String>)>,
    /// The claim of another host as it was seen first.
    seen: Option<Looked>,
}

impl Wanting {
    /// The right to back this up: claimed in the state folder, and in the first folder that it goes to.
    pub fn new(wanted: &Wanted<'_>, here: &Claims, group: Option<&str>) -> Wanting {
        let mut folders: Vec<&Path> = wanted.stores.iter().filter_map(|store| store.folder_here()).collect();
        // The same on every host, whatever the order that its stores are named in.
        folders.sort();
        Wanting {
            name: ClaimName::of("backup", &wanted.component.name),
            purpose: format!("a backup of {}", wanted.component.name),
            here: here.clone(),
            shared: folders.first().map(|folder| (folder.to_path_buf(), group.map(str::to_owned))),
            seen: None,
        }
    }

    /// Takes it, if nobody else has it.
    pub async fn take(&mut self) -> Result<Rights, ClaimError> {
        let here = self.here.take_over(self.here.inspect(&self.name)?, &self.purpose)?;
        let Some((folder, group)) = self.shared.clone() else { return Ok(Rights { _here: here, _shared: None }) };
        let (name, purpose, seen) = (self.name.clone(), self.purpose.clone(), self.seen.take());
        let asking = tokio::task::spawn_blocking(move || in_store(&folder, group.as_deref(), &name, &purpose, seen));
        let shared = match tokio::time::timeout(PATIENCE, asking).await {
            Ok(Ok(Some((Ok(held), _)))) => Some(held),
            Ok(Ok(Some((Err(error @ (ClaimError::Held { .. } | ClaimError::Changed(_))), seen)))) => {
                self.seen = seen;
                return Err(error);
            }
            // A store that cannot keep claims may still take a backup, or tells there why not.
            _ => None,
        };
        Ok(Rights { _here: here, _shared: shared })
    }
}

/// The claim in a store, and what was seen of another's; nothing where the store cannot keep any.
fn in_store(
    folder: &Path,
    group: Option<&str>,
    name: &ClaimName,
    purpose: &str,
    seen: Option<Looked>,
) -> Option<(Result<Held, ClaimError>, Option<Looked>)> {
    // The store itself is not ours to make: a folder where a disk should be mounted is no store.
    let state = folder.is_dir().then(|| State::open(&folder.join(OURS), group).ok()).flatten()?;
    let store = Arc::new(LocalClaims::open(&state).ok()?);
    let claims = Claims::on(store, Arc::new(SystemClock), Holder::here(""), Pace::default());
    let looked = match seen {
        Some(before) => claims.look_again(before),
        None => claims.inspect(name),
    };
    match looked {
        Ok(looked) => {
            let kept = looked.clone();
            Some((claims.take_over(looked, purpose), Some(kept)))
        }
        Err(error) => Some((Err(error), None)),
    }
}
