//! The plan's own word for a value, as it is written in TOML.

use serde::Serialize;
use serde_json::Value;

use super::types::{Kind, Severity};

/// The word for one of several: `load-balancer`, `type-name`.
pub fn word(variant: impl Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Kind::word(*self))
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&word(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_called_as_it_is_written() {
        for kind in Kind::ALL {
            assert_eq!(kind.word(), word(kind));
        }
    }
}
