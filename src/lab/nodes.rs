//! How many nodes the cache and the broker of a lab's primary site have.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many nodes the cache and the broker of the primary site have: one each, or clusters of three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Nodes {
    /// One server each.
    #[default]
    One,
    /// Three servers each, with what makes clusters of them.
    Three,
}

impl Nodes {
    /// Every number of nodes that a lab can have.
    pub const ALL: [Nodes; 2] = [Nodes::One, Nodes::Three];
}

impl From<Nodes> for u8 {
    fn from(nodes: Nodes) -> u8 {
        match nodes {
            Nodes::One => 1,
            Nodes::Three => 3,
        }
    }
}

impl TryFrom<u8> for Nodes {
    type Error = String;

    fn try_from(number: u8) -> Result<Nodes, String> {
        Nodes::ALL.into_iter().find(|nodes| u8::from(*nodes) == number).ok_or_else(|| "1 or 3".to_owned())
    }
}

impl fmt::Display for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", u8::from(*self))
    }
}
