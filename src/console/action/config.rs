//! The keys as the user wants them: `keys.toml` in the configuration folder.
//!
//! ```toml
//! freeze = "F"
//! quit = ["q", "ctrl-q"]
//! mouse = []
//! ```
//! Whatever is wrong with it is told, and the console starts all the same.

use std::collections::HashMap;

use toml::{Table, Value};

use super::{Action, Info, Keymap};
use crate::console::terminal::{Code, Key};
use crate::plan::nearest;

/// What is wrong with the configured keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyTrouble {
    /// It cannot be read as TOML.
    #[error("it is no TOML: {0}")]
    NoToml(String),
    /// Nothing is called like this.
    #[error("there is no action {name:?}{}", likely.map_or_else(String::new, |likely| format!("; did you mean {likely:?}?")))]
    NoAction {
        /// What was written.
        name: String,
        /// What was probably meant.
        likely: Option<&'static str>,
    },
    /// It is neither a key nor a list of keys.
    #[error("{0:?} wants a key or a list of keys, like \"f\" or [\"q\", \"ctrl-q\"]")]
    NoKeys(&'static str),
    /// No key is called like this.
    #[error("{0:?}: {1}")]
    NoKey(&'static str, String),
    /// Two actions want the same key.
    #[error("{key} is wanted by {first:?} and by {second:?}; {first:?} keeps it")]
    Twice {
        /// The key.
        key: String,
        /// Who keeps it.
        first: &'static str,
        /// Who goes without.
        second: &'static str,
    },
    /// An action lost its last key to another one.
    #[error("{lost:?} has no key any more, because {taker:?} took {key}")]
    Lost {
        /// Who lost it.
        lost: &'static str,
        /// Who took it.
        taker: &'static str,
        /// The key.
        key: String,
    },
    /// This key stays what it is.
    #[error("ctrl-c always cancels, and cannot be given to {0:?}")]
    Fixed(&'static str),
}

/// Changes the keys as a text says; what is wrong with it is told and left out.
pub fn read(text: &str, keymap: &mut Keymap) -> Vec<KeyTrouble> {
    let mut trouble = Vec::new();
    let table: Table = match text.parse() {
        Ok(table) => table,
        Err(error) => return vec![KeyTrouble::NoToml(error.message().to_owned())],
    };
    let mut wanted: Vec<(&'static Info, Vec<Key>)> = Vec::new();
    for (name, value) in &table {
        let Some(info) = Info::named(name) else {
            let likely = nearest(name, Info::all().map(|info| info.name));
            trouble.push(KeyTrouble::NoAction { name: name.chars().take(60).collect(), likely });
            continue;
        };
        match keys(info.name, value) {
            // What may not be done here gets no key; whoever presses it is told why.
            Ok(keys) if !keymap.allows(info.action) => keymap.refuse(info.action, &keys),
            Ok(keys) => wanted.push((info, keys)),
            Err(error) => trouble.push(error),
        }
    }
    bind(&wanted, keymap, &mut trouble);
    trouble
}

fn keys(name: &'static str, value: &Value) -> Result<Vec<Key>, KeyTrouble> {
    let texts: Vec<&Value> = match value {
        Value::String(_) => vec![value],
        Value::Array(several) => several.iter().collect(),
        _ => return Err(KeyTrouble::NoKeys(name)),
    };
    let key = |text: &Value| {
        let text = text.as_str().ok_or(KeyTrouble::NoKeys(name))?;
        text.parse::<Key>().map_err(|error| KeyTrouble::NoKey(name, error.to_string()))
    };
    texts.into_iter().map(key).collect()
}

fn bind(wanted: &[(&'static Info, Vec<Key>)], keymap: &mut Keymap, trouble: &mut Vec<KeyTrouble>) {
    for (info, _) in wanted.iter().filter(|(info, _)| info.action != Action::Cancel) {
        keymap.clear(info.action);
    }
    let mut taken: HashMap<Key, &'static str> = HashMap::new();
    let mut lost: Vec<(Action, &'static str, Key)> = Vec::new();
    for (info, keys) in wanted {
        for key in keys {
            if *key == Key::ctrl('c') && info.action != Action::Cancel {
                trouble.push(KeyTrouble::Fixed(info.name));
                continue;
            }
            if let Some(first) = taken.get(key).filter(|first| **first != info.name) {
                trouble.push(KeyTrouble::Twice { key: key.to_string(), first, second: info.name });
                continue;
            }
            taken.insert(*key, info.name);
            if let Some(before) = keymap.take(*key, info.action) {
                lost.push((before, info.name, *key));
            }
        }
    }
    for (action, taker, key) in lost {
        if let Some(info) = action.info().filter(|_| keymap.keys(action).is_empty()) {
            trouble.push(KeyTrouble::Lost { lost: info.name, taker, key: key.to_string() });
        }
    }
    // Out of whatever is open there must always be a way.
    if keymap.keys(Action::Back).is_empty() {
        keymap.take(Key::of(Code::Escape), Action::Back);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Danger;
    use super::*;

    fn told(text: &str) -> (Keymap, Vec<String>) {
        let mut keymap = Keymap::new(Danger::MOST);
        let trouble = read(text, &mut keymap);
        (keymap, trouble.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn keys_are_given_and_taken() {
        let (keymap, trouble) = told("freeze = 'F'\nquit = ['q', 'ctrl-q']\nmouse = []");
        assert_eq!(trouble, Vec::<String>::new());
        assert_eq!(keymap.action(Key::char('F')), Some(Action::Freeze));
        assert_eq!(keymap.action(Key::char('f')), None);
        assert_eq!(keymap.action(Key::ctrl('q')), Some(Action::Quit));
        assert_eq!(keymap.keys(Action::Mouse), []);
        assert!(keymap.allows(Action::Mouse), "the palette still has it");
    }

    #[test]
    fn mistakes_are_told_and_the_rest_counts() {
        let (keymap, trouble) =
            told("freze = 'F'\nzone = 'ctrl-entr'\nhelp = 7\nquit = 'ctrl-c'\nsave = 'f'\ncopy = 'x'\nlevel = 'x'");
        assert_eq!(
            trouble,
            [
                "there is no action \"freze\"; did you mean \"freeze\"?",
                "\"zone\": no key is called \"ctrl-entr\"; did you mean \"ctrl-enter\"?",
                "\"help\" wants a key or a list of keys, like \"f\" or [\"q\", \"ctrl-q\"]",
                "ctrl-c always cancels, and cannot be given to \"quit\"",
                "x is wanted by \"copy\" and by \"level\"; \"copy\" keeps it",
                "\"freeze\" has no key any more, because \"save\" took f",
            ]
        );
        assert_eq!(keymap.action(Key::char('f')), Some(Action::Save));
        assert_eq!(keymap.action(Key::char('z')), Some(Action::Zone));
        assert_eq!(keymap.action(Key::ctrl('c')), Some(Action::Cancel));
        assert!(told("= what").1[0].starts_with("it is no TOML"));
    }

    #[test]
    fn where_only_looking_is_allowed_nothing_else_has_a_key() {
        let mut keymap = Keymap::new(Danger::Looks);
        assert_eq!(read("save = 'w'", &mut keymap), []);
        assert_eq!(keymap.action(Key::char('w')), None);
        assert!(!keymap.allows(Action::Save));
    }

    proptest! {
        #[test]
        fn whatever_is_configured_there_is_a_way_out(text in configuration()) {
            let (keymap, _) = told(&text);
            prop_assert_eq!(keymap.action(Key::ctrl('c')), Some(Action::Cancel));
            prop_assert!(!keymap.keys(Action::Back).is_empty());
            for info in Info::all() {
                for key in keymap.keys(info.action) {
                    prop_assert_eq!(keymap.action(*key), Some(info.action), "{} {}", info.name, key);
                }
            }
        }
    }

    fn configuration() -> impl Strategy<Value = String> {
        let names: Vec<&str> = Info::all().map(|info| info.name).collect();
        let keys = proptest::sample::select(vec!["q", "esc", "ctrl-c", "f", "enter", "x", "backspace"]);
        let line = (proptest::sample::select(names), proptest::collection::vec(keys, 0..3));
        let line = line.prop_map(|(name, keys)| format!("{name} = {keys:?}"));
        proptest::collection::vec(line, 0..6).prop_map(|lines| lines.join("\n"))
    }
}
