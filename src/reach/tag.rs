//! The mark that a command carries wherever it runs, by which it is found again.

use std::fmt;
use std::hash::BuildHasher;
use std::str::FromStr;

/// The variable that carries the tags. Each command adds its own behind those of whoever started it.
pub(super) const VARIABLE: &str = "LIFEBOAT_TAG";
const PREFIX: &str = "lifeboat-";
const DIGITS: usize = 20;

/// A name for one run of a command, unique in the world; to be written down before the command starts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

/// Why a text is not a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no tag of a command; one looks like lifeboat- and {DIGITS} hexadecimal digits")]
pub struct TagError;

impl Tag {
    /// A tag that nothing carries yet.
    pub fn fresh() -> Tag {
        Tag(format!("{PREFIX}{}", random_digits()))
    }

    /// The tag as it stands in the environment.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of the variable at the start: the tags we run under ourselves, then this one.
    pub(super) fn chain(&self) -> String {
        let mut chain = String::new();
        for outer in std::env::var(VARIABLE).unwrap_or_default().split_whitespace() {
            let name = outer.split(['@', ';']).next().unwrap_or_default();
            if let Ok(Tag(name)) = name.parse() {
                chain.push_str(&name);
                chain.push_str("; ");
            }
        }
        chain + &self.0 + ";"
    }
}

/// Eighty random bits. The hasher's keys come from the system's randomness.
pub fn random_digits() -> String {
    let word = || std::hash::RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:04x}", word(), word() & 0xffff)
}

impl FromStr for Tag {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Tag, TagError> {
        let digits = text.strip_prefix(PREFIX).ok_or(TagError)?;
        let well_formed = digits.len() == DIGITS && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if well_formed { Ok(Tag(text.to_owned())) } else { Err(TagError) }
    }
}

impl TryFrom<String> for Tag {
    type Error = TagError;

    fn try_from(text: String) -> Result<Tag, TagError> {
        text.parse()
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> String {
        tag.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tags_are_unique_and_round_trip() {
        let tags: HashSet<Tag> = (0..10_000).map(|_| Tag::fresh()).collect();
        assert_eq!(tags.len(), 10_000);
        let tag = Tag::fresh();
        assert_eq!(tag.to_string().parse::<Tag>().unwrap(), tag);
        assert_eq!(serde_json::from_str::<Tag>(&serde_json::to_string(&tag).unwrap()).unwrap(), tag);
    }

    #[test]
    fn other_text_is_no_tag() {
        for text in ["", "lifeboat-", "lifeboat-0123456789abcdef012", "lifeboat-0123456789abcdef012G", "x; rm -rf /"] {
            assert!(text.parse::<Tag>().is_err(), "{text}");
        }
    }
}
