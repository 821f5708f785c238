//! How careful an environment asks one to be, from the word that the plan gives it.

use super::types::Platform;

/// Words of environments in which a mistake hurts nobody.
const HARMLESS: [&str; 14] = [
    "lab",
    "labs",
    "test",
    "tests",
    "testing",
    "dev",
    "devel",
    "development",
    "stage",
    "staging",
    "demo",
    "sandbox",
    "qa",
    "uat",
];
/// Words of practice.
const PRACTICE: [&str; 5] = ["drill", "drills", "exercise", "rehearsal", "gameday"];
/// Words of production.
const PRODUCTION: [&str; 3] = ["production", "productive", "prod"];
/// Beside one of these no other word makes an environment harmless: this is not a drill.
const SERIOUS: [&str; 5] = ["live", "not", "no", "non", "never"];

/// What a mistake would cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stakes {
    /// Users: it is production, or nothing says that it is not.
    Real,
    /// Nothing: a drill.
    Practice,
    /// Nothing: a lab, a test, a place to develop.
    Harmless,
}

/// What an environment is called, and what is at stake there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The word to show, in capitals. It says production wherever that has to be assumed.
    pub word: String,
    /// What a mistake would cost.
    pub stakes: Stakes,
}

impl Environment {
    /// The environment of a platform. Only one that calls itself harmless, in a word of its own, is taken for that.
    pub fn of(platform: &Platform) -> Environment {
        let named = platform.environment.as_deref().unwrap_or_default().trim();
        let lower = named.to_lowercase();
        let words = || lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
        let has = |known: &[&str]| words().any(|word| known.contains(&word));
        let (word, is_serious) = (named.to_uppercase(), has(&PRODUCTION) || has(&SERIOUS));
        if !is_serious && has(&PRACTICE) {
            Environment { word, stakes: Stakes::Practice }
        } else if !is_serious && has(&HARMLESS) {
            Environment { word, stakes: Stakes::Harmless }
        } else {
            let word = if has(&PRODUCTION) {
                word
            } else if named.is_empty() {
                "PRODUCTION, NOT NAMED".to_owned()
            } else {
                format!("PRODUCTION: {word}")
            };
            Environment { word, stakes: Stakes::Real }
        }
    }
}
