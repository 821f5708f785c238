//! What is known of each action: its name, its keys, where it applies, what it touches.

use super::Action;
use crate::console::ScreenId;
use crate::console::terminal::{Code, Key};

/// Where an action applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere; the console itself does it.
    Console,
    /// On every screen; the screen does it.
    Screen,
    /// On the screens that offer it.
    Offered,
}

/// What an action touches, least first. Where only looking is allowed, nothing above the first is bound at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Danger {
    /// It only looks.
    Looks,
    /// It writes a file of Lifeboat's own.
    Writes,
    /// It starts or ends work on the stores, after a look at what exactly.
    Works,
}

impl Danger {
    /// All that can be allowed.
    pub const MOST: Danger = Danger::Works;

    /// The word for it where actions are listed; none where there is nothing to say.
    pub fn word(self) -> &'static str {
        match self {
            Danger::Looks => "",
            Danger::Writes => "writes a file",
            Danger::Works => "asks first",
        }
    }
}

/// What is known of an action.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// Which.
    pub action: Action,
    /// Its name in the configuration.
    pub name: &'static str,
    /// What it does, as a few words.
    pub title: &'static str,
    /// Its keys, unless configured otherwise; the one that is shown first.
    pub keys: &'static [Key],
    /// Where it applies.
    pub scope: Scope,
    /// What it touches.
    pub danger: Danger,
}

const fn key(code: Code) -> Key {
    Key::of(code)
}

const fn info(action: Action, name: &'static str, title: &'static str, keys: &'static [Key], scope: Scope) -> Info {
    Info { action, name, title, keys, scope, danger: Danger::Looks }
}

/// What works on the stores is offered where these are shown.
const fn works(action: Action, name: &'static str, title: &'static str, keys: &'static [Key]) -> Info {
    Info { danger: Danger::Works, ..info(action, name, title, keys, Scope::Offered) }
}

const SHIFT_TAB: Key = Key { shift: true, ..Key::of(Code::Tab) };

/// Every action. Keys keep away from what tmux, screen and shells take for themselves.
const ALL: [Info; 42] = [
    info(Action::Up, "up", "One line up", &[key(Code::Up), Key::char('k')], Scope::Screen),
    info(Action::Down, "down", "One line down", &[key(Code::Down), Key::char('j')], Scope::Screen),
    info(Action::PageUp, "page-up", "A screenful up", &[key(Code::PageUp), Key::char('K')], Scope::Screen),
    info(Action::PageDown, "page-down", "A screenful down", &[key(Code::PageDown), Key::char('J')], Scope::Screen),
    info(Action::First, "first", "To the first line", &[key(Code::Home), Key::char('g')], Scope::Screen),
    info(Action::Last, "last", "To the last line", &[key(Code::End), Key::char('G')], Scope::Screen),
    info(
        Action::Left,
        "left",
        "To the left: another pane, the one before",
        &[key(Code::Left), Key::char('h')],
        Scope::Screen,
    ),
    info(
        Action::Right,
        "right",
        "To the right: another pane, the next one",
        &[key(Code::Right), Key::char('l')],
        Scope::Screen,
    ),
    info(Action::Open, "open", "Open what is chosen", &[key(Code::Enter)], Scope::Screen),
    info(
        Action::Back,
        "back",
        "One step back; clear the filter",
        &[key(Code::Escape), key(Code::Backspace)],
        Scope::Screen,
    ),
    info(Action::Fold, "fold", "Fold or unfold a group", &[Key::char(' ')], Scope::Offered),
    info(Action::Problems, "problems", "Problems first, or everything in its order", &[Key::char('p')], Scope::Offered),
    info(Action::Details, "details", "Show or hide the details", &[Key::char('d')], Scope::Offered),
    info(Action::Filter, "filter", "Filter the list", &[Key::char('/')], Scope::Offered),
    info(Action::Copy, "copy", "Copy what is chosen to the clipboard", &[Key::char('y')], Scope::Offered),
    info(Action::Follow, "follow", "Follow the newest line, or stand still", &[Key::char('t')], Scope::Offered),
    info(Action::Level, "level", "Only what matters, or everything", &[Key::char('e')], Scope::Offered),
    info(Action::Jobs, "jobs", "Recovery points, or the jobs that take them", &[Key::char('b')], Scope::Offered),
    works(Action::BackUp, "back-up", "Take a recovery point now", &[Key::char('B')]),
    works(Action::Verify, "verify", "Read recovery points to their end", &[Key::char('V')]),
    info(
        Action::Retention,
        "retention",
        "What would be thrown away, what stays, and why",
        &[Key::char('R')],
        Scope::Offered,
    ),
    works(Action::Hold, "hold", "Let nobody throw anything away, or end that", &[Key::char('H')]),
    works(Action::CallOff, "call-off", "Call off what is under way", &[Key::char('X')]),
    info(Action::Go(ScreenId::Overview), "overview", "How everything is", &[Key::char('1')], Scope::Console),
    info(Action::Go(ScreenId::Component), "component", "All about one component", &[Key::char('2')], Scope::Console),
    info(Action::Go(ScreenId::Logs), "logs", "The logs of a component", &[Key::char('3')], Scope::Console),
    info(Action::Go(ScreenId::People), "people", "Whom to call", &[Key::char('4')], Scope::Console),
    info(Action::Go(ScreenId::Journal), "journal", "What happened", &[Key::char('5')], Scope::Console),
    info(Action::Go(ScreenId::Plan), "plan", "The plan and its runbook", &[Key::char('6')], Scope::Console),
    info(Action::Go(ScreenId::Backups), "backups", "What can be restored from", &[Key::char('7')], Scope::Console),
    info(Action::NextScreen, "next-screen", "The next screen", &[key(Code::Tab)], Scope::Console),
    info(Action::PreviousScreen, "previous-screen", "The screen before", &[SHIFT_TAB], Scope::Console),
    info(Action::Help, "help", "What can be done here", &[Key::char('?'), key(Code::Function(1))], Scope::Console),
    info(Action::Palette, "palette", "Find an action, a screen or a component", &[Key::char(':')], Scope::Console),
    info(Action::Freeze, "freeze", "Let the picture stand still, or go on", &[Key::char('f')], Scope::Console),
    info(Action::Zone, "zone", "Local time or UTC", &[Key::char('z')], Scope::Console),
    Info {
        danger: Danger::Writes,
        ..info(Action::Save, "save", "Save the screen as text and with its colours", &[Key::char('w')], Scope::Console)
    },
    info(Action::Mouse, "mouse", "Turn the mouse on or off", &[Key::char('m')], Scope::Console),
    info(Action::Repaint, "repaint", "Draw everything again", &[Key::ctrl('l')], Scope::Console),
    info(Action::Suspend, "suspend", "Back to the shell for a while; `fg` returns", &[Key::ctrl('z')], Scope::Console),
    info(Action::Cancel, "cancel", "Leave what is open; twice, leave the console", &[Key::ctrl('c')], Scope::Console),
    info(Action::Quit, "quit", "Leave the console", &[Key::char('q'), Key::ctrl('\\')], Scope::Console),
];

impl Info {
    /// Every action.
    pub fn all() -> impl Iterator<Item = &'static Info> {
        ALL.iter()
    }

    /// The action of a name.
    pub fn named(name: &str) -> Option<&'static Info> {
        ALL.iter().find(|info| info.name == name)
    }
}

impl Action {
    /// What is known of it.
    pub fn info(self) -> Option<&'static Info> {
        ALL.iter().find(|info| info.action == self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn every_action_has_one_name_and_one_entry() {
        let names: HashSet<&str> = Info::all().map(|info| info.name).collect();
        let actions: HashSet<Action> = Info::all().map(|info| info.action).collect();
        assert_eq!((names.len(), actions.len()), (ALL.len(), ALL.len()));
        let is_kebab = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(Info::all().all(|info| is_kebab(info.name) && !info.title.is_empty() && !info.keys.is_empty()));
    }

    #[test]
    fn no_key_has_two_meanings() {
        let mut taken: HashMap<Key, &str> = HashMap::new();
        for info in Info::all() {
            for key in info.keys {
                let before = taken.insert(*key, info.name);
                assert_eq!(before, None, "{key} means {} as well", info.name);
            }
        }
    }

    #[test]
    fn keys_keep_away_from_tmux_screen_and_readline() {
        let ours = ['c', 'l', 'z', '\\'].map(Key::ctrl);
        for key in Info::all().flat_map(|info| info.keys).filter(|key| key.ctrl || key.alt) {
            assert!(ours.contains(key), "{key}");
        }
    }
}
