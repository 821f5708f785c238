//! The right to take recovery points of a component: held by one at a time, on this host and on every other.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, select_all};
use futures_util::{FutureExt, future::BoxFuture};
use tokio_util::sync::CancellationToken;

use crate::journal::claim::{ClaimError, ClaimName, Claims, Held, Holder, Looked, Pace, Standing, Verdict};
use crate::plan::types::{Component, Job, Plan, Store, Task};
use crate::reach::Secrets;
use crate::text::SystemClock;
use crate::vault::{Room, Shared};

use super::Wanted;

/// The room of claims on components.
const ROOM: &str = "claims";
/// How long a store may take to be asked; a network drive may hang.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked whether a holder is gone that has to be watched.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The right, as long as this is kept.
pub struct Rights {
    held: Vec<Held>,
    /// Why other hosts are not told, where a store should tell them.
    pub troubles: Vec<String>,
}

impl Rights {
    /// Comes when it is no longer ours; whoever acts under it stops then.
    pub async fn lost(&self) -> ClaimError {
        let loss = |held: &Held| -> BoxFuture<'static, ClaimError> {
            let mut standing = held.watch();
            let lost = async move {
                let told = |standing: &Standing| match standing {
                    Standing::Lost(error) => Some(error.clone()),
                    Standing::Ours | Standing::Doubtful(_) => None,
                };
                let _ = standing.wait_for(|standing| told(standing).is_some()).await;
                let found = told(&standing.borrow());
                match found {
                    Some(error) => error,
                    None => std::future::pending().await,
                }
            };
            lost.boxed()
        };
        if self.held.is_empty() {
            return std::future::pending().await;
        }
        select_all(self.held.iter().map(loss)).await.0
    }

    /// Gives it back, so that others know at once. A store that does not answer now is not waited for for ever.
    pub async fn give_back(self) {
        give_back(self.held).await;
    }
}

async fn give_back(held: Vec<Held>) {
    let giving = join_all(held.into_iter().map(|held| tokio::task::spawn_blocking(move || held.release())));
    // What could not be given back is free for others once this process has ended.
    let _ = tokio::time::timeout(PATIENCE, giving).await;
}

/// Whoever wants the right, again and again perhaps: another host is watched from the first look on.
pub struct Wanting<'p> {
    name: ClaimName,
    purpose: String,
    here: Claims,
    /// The claim of another on this host as it was seen first.
    seen: Option<Looked>,
    room: Room,
    shared: Vec<Common<'p>>,
}

/// A store that tells other hosts.
struct Common<'p> {
    store: &'p Store,
    /// Its claims, once they were opened.
    claims: Option<Claims>,
    /// The claim of another host as it was seen first.
    seen: Option<Looked>,
}

impl<'p> Wanting<'p> {
    /// The right to back this up: claimed in the state folder, in the first folder that its jobs write to and in the
    /// first bucket, whatever of them this one writes to. A folder may be of this host alone, and a bucket without
    /// claims.
    pub fn new(plan: &'p Plan, wanted: &Wanted<'p>, here: &Claims) -> Wanting<'p> {
        let is_written = |store: &&Store| plan.job.iter().any(|job| is_backup_to(job, wanted.component, store));
        let of_jobs: Vec<&'p Store> = plan.store.iter().filter(is_written).collect();
        let known = if of_jobs.is_empty() { wanted.stores.clone() } else { of_jobs };
        // One that holds none tells why, where there is no other.
        let silent = known.iter().copied().find(|store| Shared::holds_no_claims(store));
        let mut stores: Vec<&'p Store> = known.into_iter().filter(|store| Shared::is_one(store)).collect();
        stores.extend(silent.filter(|_| stores.is_empty()));
        // The same on every host, whatever the order that its stores are named in.
        stores.sort_by_key(|store| (store.folder_here(), &store.name));
        let (folders, buckets): (Vec<&Store>, Vec<&Store>) =
            stores.into_iter().partition(|store| store.folder_here().is_some());
        let common = |store| Common { store, claims: None, seen: None };
        Wanting {
            name: name_of(wanted.component),
            purpose: match wanted.job.task {
                Task::Upload => format!("copies of what was taken of {}", wanted.component.name),
                _ => format!("a backup of {}", wanted.component.name),
            },
            here: here.clone(),
            seen: None,
            room: Room::of(&plan.platform, ROOM),
            shared: folders.into_iter().take(1).chain(buckets.into_iter().take(1)).map(common).collect(),
        }
    }

    /// Takes it, if nobody else has it. Whoever held it when this machine or another was switched off has to be watched
    /// until it is known to be gone: that is waited for, and told as it begins.
    pub async fn take(
        &mut self,
        secrets: &Secrets,
        stop: &CancellationToken,
        mut tell: impl FnMut(&ClaimError),
    ) -> Result<Rights, ClaimError> {
        let mut is_told = false;
        loop {
            let refused = match self.attempt(secrets).await {
                Err(error) if self.is_watched() && !stop.is_cancelled() => error,
                taken => return taken,
            };
            if !std::mem::replace(&mut is_told, true) {
                tell(&refused);
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Whether it is not known yet if somebody holds it, and watching will tell.
    fn is_watched(&self) -> bool {
        let mut seen = self.seen.iter().chain(self.shared.iter().filter_map(|common| common.seen.as_ref()));
        seen.any(|looked| matches!(looked.verdict(), Verdict::Watching { .. }) && !looked.was_renewed())
    }

    async fn attempt(&mut self, secrets: &Secrets) -> Result<Rights, ClaimError> {
        let here = self.take_here()?;
        let mut rights = Rights { held: vec![here], troubles: Vec::new() };
        for common in &mut self.shared {
            match common.take((&self.name, &self.purpose), &self.room, secrets).await {
                Ok(held) => rights.held.push(held),
                Err(NotHeld::Refused(error)) => {
                    rights.give_back().await;
                    return Err(error);
                }
                // A store that cannot keep claims may still take a backup, or tells there why not.
                Err(NotHeld::Unable(why)) => rights.troubles.push(format!(
                    "other hosts are not told of it: store {} cannot hold claims: {why}",
                    common.store.name
                )),
            }
        }
        Ok(rights)
    }

    fn take_here(&mut self) -> Result<Held, ClaimError> {
        let (taken, seen) = take(&self.here, &self.name, &self.purpose, self.seen.take());
        self.seen = seen.filter(|_| taken.is_err());
        taken
    }
}

fn is_backup_to(job: &Job, component: &Component, store: &Store) -> bool {
    job.task == Task::Backup && job.of.as_ref() == Some(&component.name) && job.to.contains(&store.name)
}

fn name_of(component: &Component) -> ClaimName {
    ClaimName::of("backup", &component.name)
}

/// Who takes one of this component now, as far as this host knows without asking others.
pub fn at_it(component: &Component, here: &Claims) -> Option<String> {
    let looked = here.inspect(&name_of(component)).ok()?;
    let holder = looked.claim()?.holder.as_ref()?;
    let Verdict::Kept { why } = looked.verdict() else { return None };
    Some(format!("{} is held on {} for {}: {why}", component.name, holder.host, holder.purpose))
}

/// Why a store does not hold the claim for us.
enum NotHeld {
    /// Somebody else has it.
    Refused(ClaimError),
    /// It holds none, or does not answer.
    Unable(String),
}

impl Common<'_> {
    async fn take(
        &mut self,
        (name, purpose): (&ClaimName, &str),
        room: &Room,
        secrets: &Secrets,
    ) -> Result<Held, NotHeld> {
        let shared = Shared::of(self.store, secrets).await.map_err(NotHeld::Unable)?;
        let (room, name, purpose) = (room.clone(), name.clone(), purpose.to_owned());
        let (claims, seen) = (self.claims.take(), self.seen.take());
        let asking = tokio::task::spawn_blocking(move || {
            let claims = match claims {
                Some(claims) => claims,
                None => on(&shared, &room)?,
            };
            Ok::<_, String>((take(&claims, &name, &purpose, seen), claims))
        });
        let silent = || NotHeld::Unable("it does not answer".to_owned());
        let asked = tokio::time::timeout(PATIENCE, asking).await.ok().and_then(Result::ok).ok_or_else(silent)?;
        let ((taken, seen), claims) = asked.map_err(NotHeld::Unable)?;
        self.claims = Some(claims);
        match taken {
            Ok(held) => Ok(held),
            Err(error @ (ClaimError::Held { .. } | ClaimError::Changed(_))) => {
                self.seen = seen;
                Err(NotHeld::Refused(error))
            }
            Err(error) => Err(NotHeld::Unable(error.to_string())),
        }
    }
}

fn on(shared: &Shared, room: &Room) -> Result<Claims, String> {
    let store = shared.claims(room)?;
    Ok(Claims::on(store, Arc::new(SystemClock), Holder::here(""), Pace::default()))
}

/// The claim in a store, and what was seen of another's.
fn take(
    claims: &Claims,
    name: &ClaimName,
    purpose: &str,
    seen: Option<Looked>,
) -> (Result<Held, ClaimError>, Option<Looked>) {
    let looked = match seen {
        Some(before) => claims.look_again(before),
        None => claims.inspect(name),
    };
    match looked {
        Ok(looked) => {
            let kept = looked.clone();
            (claims.take_over(looked, purpose), Some(kept))
        }
        Err(error) => (Err(error), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::State;
    use crate::journal::claim::{Claim, ClaimStore, LocalClaims};
    use crate::text::{Clock, Redactor, Span};

    fn claims(state: &State, boot: &str) -> Claims {
        let pace = Pace { beat: Span::from_millis(50), silence: Span::from_millis(400) };
        let me = Holder { boot_id: boot.to_owned(), ..Holder::here("") };
        Claims::on(Arc::new(LocalClaims::open(state).unwrap()), Arc::new(SystemClock), me, pace)
    }

    fn plan() -> Plan {
        toml::from_str("[platform]\nname = 'p'\n[[component]]\nname = 'db'\nkind = 'postgres'\n").unwrap()
    }

    #[tokio::test]
    async fn what_was_held_when_the_machine_was_switched_off_is_had_after_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path(), None).unwrap();
        let plan = plan();
        let component = &plan.component[0];
        let now = SystemClock.now();
        let before = Claim {
            generation: 1,
            holder: Some(Holder { boot_id: "the boot before".to_owned(), ..Holder::here("a backup") }),
            since: now,
            beat: 7,
            renewed: now,
            renewed_boot: 1,
            left: None,
        };
        LocalClaims::open(&state).unwrap().create(&name_of(component), &before).unwrap();
        let job = toml::from_str("name = 'j'\ndo = 'backup'\nof = 'db'").unwrap();
        let wanted = Wanted { component, job, stores: Vec::new() };
        let now = claims(&state, "this boot");
        let (secrets, stop) = (Secrets::new(&Redactor::new()), CancellationToken::new());
        let mut told = Vec::new();
        let mut wanting = Wanting::new(&plan, &wanted, &now);
        let rights = wanting.take(&secrets, &stop, |why| told.push(why.to_string())).await;
        rights.unwrap().give_back().await;
        assert!(told.len() == 1 && told[0].contains("has to be watched"), "{told:?}");
    }

    #[tokio::test]
    async fn whoever_is_at_work_on_another_boot_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path(), None).unwrap();
        let plan = plan();
        let component = &plan.component[0];
        let held = claims(&state, "a clone of this machine").acquire(&name_of(component), "a backup").unwrap();
        let job = toml::from_str("name = 'j'\ndo = 'backup'\nof = 'db'").unwrap();
        let wanted = Wanted { component, job, stores: Vec::new() };
        let now = claims(&state, "this boot");
        let (secrets, stop) = (Secrets::new(&Redactor::new()), CancellationToken::new());
        let refused = Wanting::new(&plan, &wanted, &now).take(&secrets, &stop, |_| {}).await;
        assert!(matches!(refused, Err(ClaimError::Held { .. })));
        tokio::task::spawn_blocking(move || held.release()).await.unwrap().unwrap();
    }
}
