//! What reading found not to be as it had been written.

use std::fmt;

use serde::Serialize;

use super::{ChainId, segment};

/// Something that was not as it had been written. Reading goes on behind it: on the night one needs
/// what can be read; `verify` tells the whole story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// In which chain.
    pub chain: ChainId,
    /// In which file; empty if it is the chain itself.
    pub segment: String,
    /// Where in it.
    pub offset: u64,
    /// What is wrong.
    pub what: String,
}

impl Damage {
    pub(super) fn at(chain: &ChainId, segment: u64, offset: u64, what: String) -> Damage {
        let segment = if segment == 0 { String::new() } else { segment::name(segment) };
        Damage { chain: chain.clone(), segment, offset, what }
    }

    pub(super) fn of_chain(chain: &ChainId, what: String) -> Damage {
        Damage::at(chain, 0, 0, what)
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Damage { chain, segment, offset, what } = self;
        if segment.is_empty() {
            return write!(f, "the chain {chain} is damaged ({what})");
        }
        write!(f, "{chain}/{segment} is damaged at byte {offset} ({what})")
    }
}
