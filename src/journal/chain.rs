//! Whose chain an event belongs to, and where a chain ends.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Digest;

/// The name of one host's chain: the host's name for people, and eight digits that tell two hosts of
/// the same name apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChainId(String);

/// A text that names no chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no chain; a chain is named like bastion-1-3f2a9c07")]
pub struct ChainIdError(String);

impl ChainId {
    /// The chain of a host, from its name and what the machine is known by.
    pub fn of_host(name: &str, machine: &str) -> ChainId {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
        let name: String = name.chars().map(plain).take(60).collect();
        let name = name.trim_matches(['-', '.']);
        let name = if name.is_empty() { "host" } else { name };
        // The machine id itself must not leave the machine, as machine-id(5) asks.
        let mark = Digest::of_parts([&b"lifeboat chain "[..], machine.as_bytes()]);
        ChainId(format!("{name}-{}", &mark.to_string()[..8]))
    }

    /// As it is written in files.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ChainId {
    type Err = ChainIdError;

    fn from_str(text: &str) -> Result<ChainId, ChainIdError> {
        let refuse = || ChainIdError(text.chars().take(80).collect());
        let (name, mark) = text.rsplit_once('-').ok_or_else(refuse)?;
        let name_fits = (1..=60).contains(&name.len())
            && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'.'))
            && !name.starts_with(['-', '.']);
        let mark_fits = mark.len() == 8 && mark.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        if name_fits && mark_fits { Ok(ChainId(text.to_owned())) } else { Err(refuse()) }
    }
}

impl TryFrom<String> for ChainId {
    type Error = ChainIdError;

    fn try_from(text: String) -> Result<ChainId, ChainIdError> {
        text.parse()
    }
}

impl From<ChainId> for String {
    fn from(id: ChainId) -> String {
        id.0
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Where a chain ends: enough to prove later that nothing before it was changed or cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The sequence number of the last event.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
}

impl Head {
    /// The end of a chain without events.
    pub const EMPTY: Head = Head { seq: 0, hash: Digest::NONE };
}

/// The heads of several chains, as events name them and as stores anchor them.
pub type Heads = BTreeMap<ChainId, Head>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_name_have_chains_of_their_own() {
        let one = ChainId::of_host("bastion", "machine-a");
        assert_ne!(one, ChainId::of_host("bastion", "machine-b"));
        assert_eq!(one, ChainId::of_host("bastion", "machine-a"));
        assert_eq!(one.as_str().parse(), Ok(one.clone()));
        for odd in ["", "..", "Ünïcode Höst", "a/b", &"x".repeat(200)] {
            let id = ChainId::of_host(odd, "m");
            assert_eq!(id.as_str().parse(), Ok(id.clone()), "{odd}");
        }
    }

    #[test]
    fn no_name_leads_out_of_the_journal() {
        for odd in ["", "snapshots", "../../etc-12345678", ".-12345678", "a-1234567g", "A-12345678"] {
            assert!(odd.parse::<ChainId>().is_err(), "{odd}");
        }
    }
}
