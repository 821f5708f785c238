//! The files of a chain: each is named for its first event, and closes with the digest of its content.

use serde::{Deserialize, Serialize};

use super::Digest;

const SUFFIX: &str = ".jsonl";

/// What the last event of a segment says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// How many events came before this one.
    pub events: u64,
    /// How many bytes they are.
    pub bytes: u64,
    /// The digest of these bytes.
    pub sha256: Digest,
}

/// What the first event of a segment says of the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The file before this one.
    pub after: String,
    /// Its digest, as `sha256sum` prints it.
    pub sha256: Digest,
}

/// The file name of the segment whose first event has this number.
pub(super) fn name(first: u64) -> String {
    format!("{first:012}{SUFFIX}")
}

/// The number of the first event of the segment in that file.
pub(super) fn first_of(name: &str) -> Option<u64> {
    let first = name.strip_suffix(SUFFIX)?.parse().ok()?;
    (self::name(first) == name).then_some(first)
}

/// The segments among these names, in order.
pub(super) fn among<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<u64> {
    let mut segments: Vec<u64> = names.into_iter().filter_map(first_of).collect();
    segments.sort_unstable();
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_the_chain_does() {
        assert_eq!(name(1), "000000000001.jsonl");
        assert_eq!(among(["000000000017.jsonl", "lock", "000000000001.jsonl", "1.jsonl", "x.jsonl"]), [1, 17]);
        assert!(name(9) < name(10));
    }
}
