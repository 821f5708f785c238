//! Reading all chains as one: an event comes after those its writer had seen, and else by time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::lane::{self, Damage, Lane, Place};
use super::{ChainId, Event, Heads, JournalError};

/// How far a reader has come: enough to go on from there, or to find that one cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The place in each chain.
    pub chains: BTreeMap<ChainId, Place>,
    /// The latest wall time read of each chain.
    newest: BTreeMap<ChainId, String>,
    /// The furthest event of each chain that events read so far had seen.
    seen: BTreeMap<ChainId, u64>,
}

/// Reads a journal forward, also while it is being written.
pub struct Reader {
    journal: PathBuf,
    lanes: Vec<Lane>,
    waiting: Vec<Option<Next>>,
    position: Position,
}

/// What decides when a lane's next event has its turn.
#[derive(Clone, Debug, Deserialize)]
struct Next {
    seq: u64,
    at: String,
    #[serde(default)]
    seen: Heads,
}

impl Position {
    /// The head of each chain as far as it was read.
    pub fn heads(&self) -> Heads {
        self.chains.iter().map(|(chain, place)| (chain.clone(), place.head)).collect()
    }

    fn note(&mut self, chain: &ChainId, event: &Event<'_>) {
        match self.newest.get_mut(chain) {
            Some(newest) if newest.as_str() < event.stamp() => event.stamp().clone_into(newest),
            Some(_) => {}
            None => drop(self.newest.insert(chain.clone(), event.stamp().to_owned())),
        }
        for (other, head) in &event.seen {
            let seen = self.seen.entry(other.clone()).or_default();
            *seen = head.seq.max(*seen);
        }
    }

    /// Whether an event read now would have come before others that were read already.
    fn is_late(&self, chain: &ChainId, next: &Next) -> bool {
        let passed = self.newest.iter().any(|(other, newest)| other != chain && *newest >= next.at);
        passed || self.seen.get(chain).is_some_and(|seen| *seen >= next.seq)
    }
}

impl Reader {
    /// From the first event on. `journal` is the directory of all chains; without one there is nothing
    /// to read yet.
    pub fn start(journal: &Path) -> Result<Reader, JournalError> {
        Reader::at(journal, Position::default())
    }

    /// From where another reader stopped; nothing if the chains are not what they were, or if reading
    /// from the start would now give another order.
    pub fn resume(journal: &Path, position: Position) -> Result<Option<Reader>, JournalError> {
        if !position.chains.iter().all(|(chain, place)| Lane::fits(journal, chain, place)) {
            return Ok(None);
        }
        let mut reader = Reader::at(journal, position)?;
        if reader.lanes.len() > 1 {
            reader.look_ahead()?;
            let late = |(lane, next): (&Lane, &Option<Next>)| {
                next.as_ref().is_some_and(|next| reader.position.is_late(&lane.chain, next))
            };
            if reader.lanes.iter().zip(&reader.waiting).any(late) {
                return Ok(None);
            }
        }
        Ok(Some(reader))
    }

    fn at(journal: &Path, position: Position) -> Result<Reader, JournalError> {
        let journal = journal.to_owned();
        let mut reader = Reader { journal, lanes: Vec::new(), waiting: Vec::new(), position };
        reader.find_chains()?;
        Ok(reader)
    }

    /// The chains read so far.
    pub fn chains(&self) -> impl Iterator<Item = &ChainId> {
        self.lanes.iter().map(|lane| &lane.chain)
    }

    /// The directory of all chains.
    pub fn journal(&self) -> &Path {
        &self.journal
    }

    /// How far it has come.
    pub fn position(&self) -> Position {
        let unread = |(lane, next): (&Lane, &Option<Next>)| next.is_none().then(|| (lane.chain.clone(), lane.place()));
        let mut position = self.position.clone();
        position.chains.extend(self.lanes.iter().zip(&self.waiting).filter_map(unread));
        position
    }

    /// What was found not to be as it was written.
    pub fn damage(&self) -> impl Iterator<Item = &Damage> {
        self.lanes.iter().flat_map(|lane| &lane.damage)
    }

    /// Hands over every event up to the present end, in order; how many there were.
    pub fn each(&mut self, mut apply: impl FnMut(&Event<'_>)) -> Result<u64, JournalError> {
        self.find_chains()?;
        let mut count = 0;
        if let ([lane], [None]) = (self.lanes.as_mut_slice(), self.waiting.as_slice()) {
            let chain = lane.chain.clone();
            while lane.advance()? {
                let Some(event) = lane.event() else { continue };
                self.position.note(&chain, &event);
                apply(&event);
                count += 1;
            }
            return Ok(count);
        }
        loop {
            self.look_ahead()?;
            let Some(turn) = self.turn() else { return Ok(count) };
            self.waiting[turn] = None;
            let lane = &mut self.lanes[turn];
            let chain = lane.chain.clone();
            let Some(event) = lane.event() else { continue };
            self.position.note(&chain, &event);
            apply(&event);
            count += 1;
        }
    }

    fn find_chains(&mut self) -> Result<(), JournalError> {
        for name in lane::names(&self.journal)? {
            let Ok(chain) = name.parse::<ChainId>() else { continue };
            if self.lanes.iter().all(|lane| lane.chain != chain) {
                let place = self.position.chains.get(&chain).copied().unwrap_or(Place::START);
                self.lanes.push(Lane::at(&self.journal, chain, place));
                self.waiting.push(None);
            }
        }
        Ok(())
    }

    fn look_ahead(&mut self) -> Result<(), JournalError> {
        for (lane, waiting) in self.lanes.iter_mut().zip(&mut self.waiting) {
            while waiting.is_none() && lane.advance()? {
                *waiting = serde_json::from_slice(lane.line()).ok();
                if waiting.is_none() {
                    // Notes the damage.
                    lane.event();
                }
            }
        }
        Ok(())
    }

    /// The lane whose event comes next.
    fn turn(&self) -> Option<usize> {
        let waiting = || {
            let lanes = self.lanes.iter().zip(&self.waiting).enumerate();
            lanes.filter_map(|(index, (lane, next))| Some((index, lane, next.as_ref()?)))
        };
        let first = |(index, lane, next): (usize, &Lane, &Next)| (next.at.clone(), lane.chain.clone(), index);
        let ready = waiting().filter(|(_, _, next)| self.has_seen(next)).map(first).min();
        // If each waits for another, one was tampered with; time decides then.
        ready.or_else(|| waiting().map(first).min()).map(|(_, _, index)| index)
    }

    /// Whether all that the event's writer had seen was read, as far as it is here.
    fn has_seen(&self, next: &Next) -> bool {
        next.seen.iter().all(|(chain, head)| {
            let lane = self.lanes.iter().zip(&self.waiting).find(|(lane, _)| lane.chain == *chain);
            lane.is_none_or(|(lane, waiting)| waiting.is_none() || lane.seq() >= head.seq)
        })
    }
}
