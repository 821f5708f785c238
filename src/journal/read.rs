//! Reading all chains as one: an event comes after those its writer had seen, and else by time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::lane::{Lane, Spot};
use super::trouble::DiskError;
use super::turn::Next;
use super::{ChainId, Damage, Event, Heads, JournalError, heads, plain};

/// How far a reader has come: enough to go on from there, or to find that one cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The spot in each chain.
    pub chains: BTreeMap<ChainId, Spot>,
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
    /// How far the chains had come before anything was read.
    kept: Heads,
}

impl Position {
    /// The head of each chain as far as it was read.
    pub fn heads(&self) -> Heads {
        self.chains.iter().map(|(chain, spot)| (chain.clone(), spot.head)).collect()
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
    fn is_late(&self, lane: &Lane, next: &Next) -> bool {
        let at = next.at(lane.line());
        let passed = self.newest.iter().any(|(other, newest)| *other != *lane.chain && newest.as_bytes() >= at);
        passed || self.seen.get(&lane.chain).is_some_and(|seen| *seen >= next.seq)
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
        if !position.chains.iter().all(|(chain, spot)| Lane::fits(journal, chain, spot)) {
            return Ok(None);
        }
        let mut reader = Reader::at(journal, position)?;
        if reader.lanes.len() > 1 {
            reader.look_ahead();
            let late = |(lane, next): (&Lane, &Option<Next>)| {
                next.as_ref().is_some_and(|next| reader.position.is_late(lane, next))
            };
            if reader.lanes.iter().zip(&reader.waiting).any(late) {
                return Ok(None);
            }
        }
        Ok(Some(reader))
    }

    fn at(journal: &Path, position: Position) -> Result<Reader, JournalError> {
        let journal = journal.to_owned();
        let kept = heads::all(&journal);
        let mut reader = Reader { journal, lanes: Vec::new(), waiting: Vec::new(), position, kept };
        reader.find_chains()?;
        Ok(reader)
    }

    /// The chains read so far.
    pub fn chains(&self) -> impl Iterator<Item = &ChainId> {
        self.lanes.iter().map(|lane| &*lane.chain)
    }

    /// The directory of all chains.
    pub fn journal(&self) -> &Path {
        &self.journal
    }

    /// How far it has come.
    pub fn position(&self) -> Position {
        let unread =
            |(lane, next): (&Lane, &Option<Next>)| next.is_none().then(|| ((*lane.chain).clone(), lane.spot()));
        let mut position = self.position.clone();
        position.chains.extend(self.lanes.iter().zip(&self.waiting).filter_map(unread));
        position
    }

    /// What was found not to be as it was written.
    pub fn damage(&self) -> impl Iterator<Item = &Damage> {
        self.lanes.iter().flat_map(|lane| &lane.damage)
    }

    /// Chains that end before an event which had been in them when this reader began: what was removed at the
    /// end leaves no trace within a chain. To be asked once all is read.
    pub fn shortfalls(&self) -> Vec<Damage> {
        let end = |chain: &ChainId| self.lanes.iter().find(|lane| *lane.chain == *chain).map_or(0, Lane::seq);
        let short =
            self.kept.iter().map(|(chain, head)| (chain, head.seq, end(chain))).filter(|(_, kept, end)| kept > end);
        let said = |(chain, kept, end)| {
            Damage::of_chain(
                chain,
                format!("it ends with event {end}, and once ended with event {kept}: the end was cut off"),
            )
        };
        short.map(said).collect()
    }

    /// Whether something could not be read that may be readable another time, or by another user.
    pub(super) fn is_blocked(&self) -> bool {
        self.lanes.iter().any(|lane| lane.blocked)
    }

    /// How many events were handed over that are not in the journal after all: their write failed or had
    /// to be set aside, and what was written in their place was handed over too.
    pub fn withdrawn(&self) -> u64 {
        self.lanes.iter().map(|lane| lane.withdrawn).sum()
    }

    /// Hands over every event up to the present end, in order; how many there were.
    pub fn each(&mut self, mut apply: impl FnMut(&Event<'_>)) -> Result<u64, JournalError> {
        self.find_chains()?;
        let mut count = 0;
        if let ([lane], [None]) = (self.lanes.as_mut_slice(), self.waiting.as_slice()) {
            let chain = Arc::clone(&lane.chain);
            while lane.advance() {
                let Some(event) = lane.event() else { continue };
                self.position.note(&chain, &event);
                apply(&event);
                count += 1;
            }
            return Ok(count);
        }
        loop {
            self.look_ahead();
            let Some(turn) = self.turn() else { return Ok(count) };
            self.waiting[turn] = None;
            let lane = &mut self.lanes[turn];
            let chain = Arc::clone(&lane.chain);
            let Some(event) = lane.event() else { continue };
            self.position.note(&chain, &event);
            apply(&event);
            count += 1;
        }
    }

    fn find_chains(&mut self) -> Result<(), JournalError> {
        for name in plain::names(&self.journal).map_err(DiskError::new("read", &self.journal))? {
            let Ok(chain) = name.parse::<ChainId>() else { continue };
            if self.lanes.iter().all(|lane| *lane.chain != chain) {
                let spot = self.position.chains.get(&chain).copied().unwrap_or(Spot::START);
                self.lanes.push(Lane::at(&self.journal, chain, spot));
                self.waiting.push(None);
            }
        }
        Ok(())
    }

    fn look_ahead(&mut self) {
        for (lane, waiting) in self.lanes.iter_mut().zip(&mut self.waiting) {
            while waiting.is_none() && lane.advance() {
                *waiting = Next::of(lane.line());
                if waiting.is_none() {
                    // Notes the damage.
                    lane.event();
                }
            }
        }
    }

    /// The lane whose event comes next.
    fn turn(&self) -> Option<usize> {
        let lanes = self.lanes.iter().zip(&self.waiting).enumerate();
        let waiting = lanes.filter_map(|(index, (lane, next))| {
            let next = next.as_ref()?;
            // If each waits for another, one was tampered with; time decides then.
            Some((!self.has_seen(next), next.at(lane.line()), &lane.chain, index))
        });
        waiting.min().map(|(.., index)| index)
    }

    /// Whether all that the event's writer had seen was read, as far as it is here.
    fn has_seen(&self, next: &Next) -> bool {
        next.seen.iter().all(|(chain, head)| {
            let lane = self.lanes.iter().zip(&self.waiting).find(|(lane, _)| *lane.chain == *chain);
            lane.is_none_or(|(lane, waiting)| waiting.is_none() || lane.seq() >= head.seq)
        })
    }
}
