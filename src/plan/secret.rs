//! References to secrets. The plan never holds one: it says where each is found.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a secret is found; resolving it is the work of the room `reach`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SecretRef {
    /// `env:NAME`, a variable of our own environment.
    Env(String),
    /// `file:/path`, a file that only its owner may read.
    File(PathBuf),
    /// `command:["argv", …]`, what a program prints.
    Command(Vec<String>),
}

/// Why a text is not a reference to a secret. Never repeats the text: it may be the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no reference to a secret ({why}); write env:NAME, file:/path or command:[\"program\", \"argument\"]")]
pub struct SecretRefError {
    why: &'static str,
}

impl SecretRefError {
    /// The reason alone.
    pub fn why(&self) -> &'static str {
        self.why
    }
}

impl FromStr for SecretRef {
    type Err = SecretRefError;

    fn from_str(text: &str) -> Result<SecretRef, SecretRefError> {
        let refuse = |why| Err(SecretRefError { why });
        match text.split_once(':') {
            Some(("env", "")) => refuse("env: names no variable"),
            Some(("env", name)) if !is_variable(name) => {
                refuse("what follows env: is no name of a variable; those have letters, digits and _ only")
            }
            Some(("env", name)) => Ok(SecretRef::Env(name.to_owned())),
            Some(("file", path)) if path.starts_with('/') => Ok(SecretRef::File(path.into())),
            Some(("file", _)) => refuse("file: needs an absolute path"),
            Some(("command", argv)) => match serde_json::from_str::<Vec<String>>(argv) {
                Ok(argv) if argv.first().is_some_and(|program| !program.is_empty()) => Ok(SecretRef::Command(argv)),
                _ => refuse("command: needs a list like [\"pass\", \"show\", \"db\"]"),
            },
            _ => refuse("a value stands where a reference belongs"),
        }
    }
}

/// The names that shells and services can set.
fn is_variable(name: &str) -> bool {
    !name.starts_with(|letter: char| letter.is_ascii_digit())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretRef::Env(name) => write!(f, "env:{name}"),
            SecretRef::File(path) => write!(f, "file:{}", path.display()),
            SecretRef::Command(argv) => write!(f, "command:{}", serde_json::Value::from(argv.clone())),
        }
    }
}

impl Serialize for SecretRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SecretRef, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for SecretRef {
    fn schema_name() -> Cow<'static, str> {
        "SecretRef".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Where a secret is found; never the secret",
            "pattern": "^(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+|command:\\[.+\\])$",
            "examples": ["file:/etc/lifeboat/postgres.password", "env:PGPASSWORD", "command:[\"pass\", \"show\", \"db\"]"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_round_trip() {
        for text in ["env:PGPASSWORD", "file:/etc/pw", "command:[\"pass\",\"show\",\"db\"]"] {
            assert_eq!(text.parse::<SecretRef>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_value_is_refused_and_not_repeated() {
        for text in
            ["hunter2hunter2", "env:", "env:wJalr/hunter2", "file:relative", "command:pass show db", "command:[]"]
        {
            let message = text.parse::<SecretRef>().unwrap_err().to_string();
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}
