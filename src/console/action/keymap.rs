//! Which key does what now.

use std::collections::HashMap;

use super::{Action, Danger, Info};
use crate::console::terminal::Key;

/// Which key does what.
#[derive(Clone, Debug)]
pub struct Keymap {
    actions: HashMap<Key, Action>,
    keys: HashMap<Action, Vec<Key>>,
    /// Keys of actions that are more dangerous than allowed.
    refused: HashMap<Key, Action>,
}

impl Keymap {
    /// The keys as they are without configuration. What is more dangerous than allowed has no key, and is
    /// therefore in no footer, no help and no palette either.
    pub fn new(allowed: Danger) -> Keymap {
        let mut keymap = Keymap { actions: HashMap::new(), keys: HashMap::new(), refused: HashMap::new() };
        for info in Info::all() {
            if info.danger > allowed {
                keymap.refuse(info.action, info.keys);
                continue;
            }
            keymap.keys.insert(info.action, Vec::new());
            info.keys.iter().for_each(|key| keymap.bind(*key, info.action));
        }
        keymap
    }

    /// What a key does.
    pub fn action(&self, key: Key) -> Option<Action> {
        self.actions.get(&key).copied()
    }

    /// What a key that does nothing would do if it were allowed.
    pub fn refused(&self, key: Key) -> Option<Action> {
        self.refused.get(&key).copied().filter(|_| self.action(key).is_none())
    }

    /// These are the keys of an action that is not allowed.
    pub(super) fn refuse(&mut self, action: Action, keys: &[Key]) {
        self.refused.retain(|_, other| *other != action);
        self.refused.extend(keys.iter().map(|key| (*key, action)));
    }

    /// The keys of an action, the one to be shown first.
    pub fn keys(&self, action: Action) -> &[Key] {
        self.keys.get(&action).map_or(&[], Vec::as_slice)
    }

    /// Whether it can be done at all.
    pub fn allows(&self, action: Action) -> bool {
        self.keys.contains_key(&action)
    }

    /// Takes all its keys from an action.
    pub(super) fn clear(&mut self, action: Action) {
        for key in self.keys.get_mut(&action).map(std::mem::take).unwrap_or_default() {
            self.actions.remove(&key);
        }
    }

    /// Gives a key to an action; says which one had it.
    pub(super) fn take(&mut self, key: Key, action: Action) -> Option<Action> {
        let before = self.action(key).filter(|before| *before != action);
        if let Some(keys) = before.and_then(|before| self.keys.get_mut(&before)) {
            keys.retain(|other| *other != key);
        }
        self.bind(key, action);
        before
    }

    fn bind(&mut self, key: Key, action: Action) {
        if let Some(keys) = self.keys.get_mut(&action) {
            self.actions.insert(key, action);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
}
