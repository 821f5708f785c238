//! Keys, and what they are called in help and configuration.

use std::fmt;
use std::str::FromStr;

use crate::plan::nearest;

/// A key with what was held down beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which one.
    pub code: Code,
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
    /// With Shift, where that does not make another character of it.
    pub shift: bool,
}

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "their names are what they are")]
pub enum Code {
    /// A character.
    Char(char),
    /// F1 to F12 and beyond.
    Function(u8),
    Enter,
    Escape,
    Tab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

const NAMED: [(&str, Code); 15] = [
    ("space", Code::Char(' ')),
    ("enter", Code::Enter),
    ("esc", Code::Escape),
    ("tab", Code::Tab),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("insert", Code::Insert),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("page-up", Code::PageUp),
    ("page-down", Code::PageDown),
];

impl Key {
    /// A key by itself.
    pub const fn of(code: Code) -> Key {
        Key { code, ctrl: false, alt: false, shift: false }
    }

    /// A character by itself.
    pub const fn char(c: char) -> Key {
        Key::of(Code::Char(c))
    }

    /// A character with Ctrl.
    pub const fn ctrl(c: char) -> Key {
        Key { ctrl: true, ..Key::char(c) }
    }

    /// The character it types, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            f.write_str(if held { name } else { "" })?;
        }
        match (NAMED.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((name, _)), _) => f.write_str(name),
            (None, Code::Function(number)) => write!(f, "f{number}"),
            (None, Code::Char(c)) => write!(f, "{c}"),
            (None, _) => Ok(()),
        }
    }
}

/// No key is called like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key is called {name:?}{}", likely.as_ref().map_or_else(String::new, |likely| format!("; did you mean {likely:?}?")))]
pub struct KeyError {
    name: String,
    likely: Option<String>,
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(name: &str) -> Result<Key, KeyError> {
        let (mut key, mut rest) = (Key::of(Code::Escape), name);
        loop {
            let held = [("ctrl-", &mut key.ctrl), ("alt-", &mut key.alt), ("shift-", &mut key.shift)];
            let found = held.into_iter().find_map(|(word, held)| Some((rest.strip_prefix(word)?, held)));
            match found {
                Some((after, held)) if !after.is_empty() && !*held => (*held, rest) = (true, after),
                _ => break,
            }
        }
        key.code = code(rest).ok_or_else(|| KeyError { name: name.to_owned(), likely: likely(name, rest) })?;
        Ok(key)
    }
}

fn code(name: &str) -> Option<Code> {
    if let Some((_, code)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some(*code);
    }
    let mut characters = name.chars();
    match (characters.next(), characters.next()) {
        (Some(c), None) if !c.is_control() && c != ' ' => Some(Code::Char(c)),
        _ => {
            let number: u8 = name.strip_prefix('f')?.parse().ok()?;
            (1..=24).contains(&number).then_some(Code::Function(number))
        }
    }
}

fn likely(name: &str, rest: &str) -> Option<String> {
    let before = name.strip_suffix(rest).unwrap_or_default();
    let known = nearest(&rest.to_lowercase(), NAMED.iter().map(|(name, _)| *name))?;
    Some(format!("{before}{known}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let names =
            ["a", "G", "?", ":", "/", "-", "ctrl-c", "ctrl--", "alt-x", "ctrl-alt-x", "shift-tab", "page-up", "f12"];
        for name in names.into_iter().chain(NAMED.map(|(name, _)| name)) {
            assert_eq!(name.parse::<Key>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn what_is_no_key_is_told_with_what_was_probably_meant() {
        let told = |name: &str| name.parse::<Key>().unwrap_err().to_string();
        assert_eq!(told("pageup"), "no key is called \"pageup\"; did you mean \"page-up\"?");
        assert_eq!(told("ctrl-entr"), "no key is called \"ctrl-entr\"; did you mean \"ctrl-enter\"?");
        assert_eq!(told("banana"), "no key is called \"banana\"");
        assert_eq!(told(""), "no key is called \"\"");
        assert!(" ".parse::<Key>().is_err() && "f0".parse::<Key>().is_err() && "ctrl-".parse::<Key>().is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_key_or_a_message(text in "\\PC{0,12}") {
            if let Ok(key) = text.parse::<Key>() {
                prop_assert_eq!(key.to_string().parse::<Key>(), Ok(key));
            }
        }
    }
}
