//! A recovery point on its way into its stores: each file goes to all of them at once, none has a name before all are
//! whole, and the manifest comes last.

mod aim;

use futures_util::StreamExt;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use self::aim::Aim;
use super::layout::Place;
use super::manifest::{FORM, File, Manifest, Origin};
use super::media::{MediaError, Tickets};
use super::pass::{Pace, Packing, Route, Seal, Target, pass};
use super::piece::{Account, KeepError, Keeper, Kept, Piece, Source};
use super::usual::Unusual;
use crate::plan::types::Store;
use crate::reach::Secrets;
use crate::text::Clock;

/// Nobody begins more of one thing within a minute.
const MOST_IN_A_ROW: usize = 60;

/// A recovery point on its way. Dropped, it leaves nothing.
pub struct Taking<'a> {
    place: Place,
    aims: Vec<Aim>,
    pace: Pace,
    clock: &'a dyn Clock,
    /// Which stores did not answer when it was begun.
    doubts: Vec<(String, MediaError)>,
}

/// What became of a recovery point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivered {
    /// Its manifest, as it is in the first of the stores that have the most of it.
    pub manifest: Manifest,
    /// Every store: the bytes it has, or why it has none.
    pub stores: Vec<(String, Result<u64, MediaError>)>,
    /// Where the work was done, where a place is named for it: a sentence.
    pub worked: Option<String>,
    /// What is strange about its size, beside those before it.
    pub strange: Option<Unusual>,
}

impl<'a> Taking<'a> {
    /// Begins a recovery point in these stores. Those that cannot take it are told at the end, with the others. Where
    /// something of its name is there already it is begun a moment later: two may begin in one second.
    pub async fn begin(
        mut place: Place,
        stores: &[&Store],
        pace: Pace,
        (secrets, tickets): (&Secrets, &Tickets),
        clock: &'a dyn Clock,
    ) -> Taking<'a> {
        let aims = join_all(stores.iter().map(|store| Aim::at(store, secrets, tickets))).await;
        let mut doubts = Vec::new();
        for _ in 0..MOST_IN_A_ROW {
            let looks = join_all(aims.iter().map(|aim| aim.has(&place))).await;
            let is_taken = looks.iter().any(|has| matches!(has, Ok(true)));
            let named = aims.iter().map(|aim| aim.store.clone()).zip(looks);
            doubts = named.filter_map(|(store, has)| Some((store, has.err()?))).collect();
            if !is_taken {
                break;
            }
            place = place.a_second_later();
        }
        Taking { place, aims, pace, clock, doubts }
    }

    /// Which stores did not answer when it was begun, and why.
    pub fn doubts(&self) -> &[(String, MediaError)] {
        &self.doubts
    }

    /// Its name.
    pub fn point(&self) -> String {
        self.place.id()
    }

    /// All of it is whole: every file gets its name, and the manifest is written.
    pub async fn finish(self, origin: Origin, source: Account) -> Result<Delivered, KeepError> {
        let Taking { place, aims, clock, .. } = self;
        let manifest = |files: Vec<File>, withheld: Vec<String>| Manifest {
            lifeboat: FORM,
            point: place.id(),
            taking: origin.clone(),
            begun: place.begun,
            ended: clock.now(),
            source: source.clone(),
            files,
            withheld,
        };
        let done = join_all(aims.into_iter().map(|aim| aim.finish(&place, &manifest))).await;
        let told = |done: &[(String, Result<Manifest, MediaError>)]| {
            let why = done.iter().filter_map(|(store, done)| Some(format!("{store}: {}", done.as_ref().err()?)));
            why.collect::<Vec<_>>().join("; ")
        };
        let manifests = done.iter().filter_map(|(_, done)| done.as_ref().ok());
        let Some(first) = manifests.min_by_key(|manifest| manifest.lacks().count()).cloned() else {
            return Err(KeepError::Nowhere(told(&done)));
        };
        let bytes = |manifest: Manifest| manifest.files.iter().map(|file| file.stored.bytes).sum();
        let stores = done.into_iter().map(|(store, done)| (store, done.map(bytes))).collect();
        Ok(Delivered { manifest: first, stores, worked: None, strange: None })
    }

    /// The stores that still take it, by to whom it is sealed there.
    fn routes(&self, piece: &Piece, packing: Packing) -> Result<Vec<Route>, KeepError> {
        let mut routes: Vec<(&[String], Vec<Target>)> = Vec::new();
        for (store, aim) in self.aims.iter().enumerate() {
            let Ok(media) = &aim.way else { continue };
            if piece.is_secret && aim.recipients.is_empty() {
                continue;
            }
            let key = self.place.key(aim.kind, (piece.sort, piece.format), packing, !aim.recipients.is_empty());
            let target = Target { store, media: media.clone(), key };
            match routes.iter_mut().find(|(recipients, _)| *recipients == aim.recipients) {
                Some((_, to)) => to.push(target),
                None => routes.push((&aim.recipients, vec![target])),
            }
        }
        let route = |(recipients, to): (&[String], Vec<Target>)| {
            let seal = Seal::to(recipients).map_err(|error| KeepError::Nowhere(error.to_string()))?;
            Ok(Route { seal, to })
        };
        routes.into_iter().map(route).collect()
    }
}

impl Keeper for Taking<'_> {
    async fn keep(&mut self, piece: Piece, source: Source) -> Result<Kept, KeepError> {
        let packing = self.place.packing(&piece);
        let routes = self.routes(&piece, packing)?;
        if piece.is_secret {
            for aim in self.aims.iter_mut().filter(|aim| aim.recipients.is_empty()) {
                aim.withheld.push(format!("its keys and .env files: {} has no `encrypt_to`", aim.store));
            }
        }
        let is_taken = self.aims.iter().any(|aim| aim.way.is_ok());
        if routes.is_empty() && is_taken {
            return pass_by(source, &self.pace).await;
        }
        if routes.is_empty() {
            let why = self.aims.iter().filter_map(|aim| Some(format!("{}: {}", aim.store, aim.way.as_ref().err()?)));
            return Err(KeepError::Nowhere(why.collect::<Vec<_>>().join("; ")));
        }
        let passed = pass(source, packing, routes, &self.pace).await?;
        if passed.read == 0 {
            return Err(KeepError::Source(std::io::Error::other("it is empty")));
        }
        for routed in passed.routes {
            for (store, staged) in routed.to {
                let aim = &mut self.aims[store];
                let is_sealed = !aim.recipients.is_empty();
                let key = self.place.key(aim.kind, (piece.sort, piece.format), packing, is_sealed);
                match staged {
                    Ok(staged) => {
                        let restore = File::restore_line(&piece.restore, &key, packing, is_sealed);
                        let file = File {
                            key,
                            holds: piece.sort,
                            stored: routed.stored.clone(),
                            packing,
                            encrypted_to: aim.recipients.clone(),
                            inside: routed.inside.clone(),
                            handed_over: passed.read,
                            restore,
                            command: Some(piece.restore.clone()),
                        };
                        aim.staged.push((file, staged));
                    }
                    Err(trouble) => {
                        aim.staged.clear();
                        aim.way = Err(trouble);
                    }
                }
            }
        }
        Ok(Kept { bytes: passed.read })
    }
}

/// Reads what no store may have: whoever made it learns that all of it was taken.
async fn pass_by(mut source: Source, pace: &Pace) -> Result<Kept, KeepError> {
    let mut bytes = 0;
    while let Some(piece) = source.next().await {
        bytes += piece.map_err(KeepError::Source)?.len() as u64;
        if pace.stop.is_cancelled() {
            return Err(KeepError::CalledOff);
        }
    }
    Ok(Kept { bytes })
}
